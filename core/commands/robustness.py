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
    flips the verdict.
    """
    from core.audio.decode import decode
    from core.panel import load_panel
    from core.robustness import does_it_hold, rests_on, smallest_flip
    from core.robustness.codec import panel_for
    from core.robustness.processed import signs

    clip = decode(file)
    panel, _ = panel_for(load_panel(checkpoint), clip.record.codec)
    with progress("processings scored") as report, reporting_to(report):
        held = does_it_hold(panel, clip.waveform, names=processing)
    flip = None if no_flip else smallest_flip(panel, clip.waveform)
    found_signs = [sign.text for sign in signs(clip.waveform)]
    if as_json:
        found = {
            "path": str(file), "processed": found_signs, "held": [each.to_json() for each in held],
            "rests_on": list(rests_on(held)), "flip": None if flip is None else flip.to_json(),
        }  # fmt: skip
        typer.echo(json_text(found, indent=None))
        return
    if found_signs:
        typer.echo(f"The clip looks processed: {', '.join(found_signs)}.")
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
