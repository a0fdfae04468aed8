"""``robustness``: whether the verdict on one recording holds when it is processed as real speech often is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.progress import progress
from core.shell import Checkpoints, JsonFlag, json_text
from core.watch import reporting_to

if TYPE_CHECKING:
    from core.robustness import Flip, Held

__all__ = ["robustness"]


@command("robustness")
def robustness(
    file: Annotated[Path, typer.Argument(help="One recording.")],
    processing: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this processing; may be repeated.")
    ] = None,
    checkpoint: Checkpoints = None,
    no_flip: Annotated[bool, typer.Option("--no-flip", help="Do not look for the smallest removal.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Test whether the verdict on a recording holds.

    It is scored again after each benign processing; then its strongest evidence is taken out, the smallest part that
    flips the verdict. Where nobody speaks there is no verdict, and nothing is tried.
    """
    from core.panel import load_panel
    from core.robustness import does_it_hold, rests_on, smallest_flip
    from core.usecases import analyse_file

    panel = load_panel(checkpoint)
    analysis = analyse_file(file, panel)
    panel, waveform, speaks = panel.deciding_by(analysis.decision), analysis.clip.waveform, analysis.verdict is not None
    known = {name: own.score for name, own in analysis.detectors.items()}
    with progress("processings scored") as report, reporting_to(report):
        held = does_it_hold(panel, waveform, names=processing, scores=known) if speaks else ()
    flip = smallest_flip(panel, waveform, scores=analysis.detectors) if speaks and not no_flip else None
    found_signs = [sign.text for sign in analysis.signs]
    if as_json:
        found = {
            "path": str(file), "note": analysis.note, "processed": found_signs,
            "held": [each.to_json() for each in held], "rests_on": list(rests_on(held)),
            "flip": None if flip is None else flip.to_json(),
        }  # fmt: skip
        typer.echo(json_text(found, indent=None))
        return
    if found_signs:
        typer.echo(f"The clip looks processed: {', '.join(found_signs)}.")
    if analysis.note:
        typer.echo(analysis.note)
    if held:
        typer.echo(_lines(held, flip))


def _lines(held: "tuple[Held, ...]", flip: "Flip | None") -> str:
    from core.robustness import rests_on

    wide = max(len(each.label) for each in held)
    rows = []
    for each in held:
        if each.panel is None:
            rows.append(f"{each.label:<{wide}}  not tried: {each.why_not}")
            continue
        members = "  ".join(f"{name} {one.p_before:.2f} > {one.p_after:.2f}" for name, one in each.members.items())
        now = "holds" if each.panel.holds else each.panel.verdict_after
        rows.append(f"{each.label:<{wide}}  {each.panel.p_before:.2f} > {each.panel.p_after:.2f}  {now:<17}  {members}")
    kept = [each for each in held if each.panel is not None]
    if kept and kept[0].panel is not None:
        rows.insert(0, f"The clip as it is: {kept[0].panel.verdict_before}. P(spoof) before > after:")
    return "\n".join([*rows, *rests_on(held), *([] if flip is None else [flip.sentence])])
