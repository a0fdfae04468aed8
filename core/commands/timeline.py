"""``timeline``: P(spoof) over time, and the segments that are marked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.files import write_text
from core.progress import progress
from core.shell import CHECKPOINT_HELP, JsonFlag, json_text, printable
from core.watch import reporting_to

if TYPE_CHECKING:
    from core.timeline.track import Timeline

__all__ = ["timeline"]


@command("timeline")
def timeline(
    file: Annotated[Path, typer.Argument(help="One recording.")],
    checkpoint: Annotated[
        str | None,
        typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}; it must have cells."),
    ] = None,
    rttm: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the segments as RTTM.")] = None,
    labels: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as Audacity labels.")] = None,
    textgrid: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as a Praat TextGrid.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Score a recording over time: P(spoof) every 20 ms.

    Marks the segments that are probably spoofed, by the rule on the detector's card. Digital silence is not scored. Of
    a longer recording the first hour is scored.
    """
    from core.audio.excerpt import decode_long
    from core.timeline.formats import audacity_text, rttm_text, safe_name, textgrid_text
    from core.timeline.shipped import fitted_detector
    from core.timeline.track import timeline as score

    detector = fitted_detector(checkpoint)
    clip = decode_long(file)
    with progress("windows scored") as report, reporting_to(report):
        found = score(clip.waveform, detector)
    files = {rttm: rttm_text(found, file.stem), labels: audacity_text(found), textgrid: textgrid_text(found)}
    written = [path for path in files if path is not None]
    for path in written:
        write_text(path, files[path])
    if rttm is not None and (safe := safe_name(file.stem)) != file.stem:
        typer.echo(f"RTTM parts its fields by blanks: {printable(file.stem)!r} is called {safe} there.", err=True)
    if as_json:
        typer.echo(json_text({"path": str(file), **found.to_json()}, indent=None))
        return
    typer.echo(_lines(found))
    for path in written:
        typer.echo(f"Written: {printable(str(path))}")


def _lines(found: "Timeline") -> str:
    total = f"{found.marked_s:.2f} of {found.scored_s:.2f} s are marked by {found.detector}."
    if not found.calibrated:
        total += " It was never fitted for timelines: its P(spoof) here is no measured probability."
    rows = [f"{each.start_s:>8.2f}  {each.end_s:>8.2f}  {each.p_spoof:>8.2f}" for each in found.segments]
    return "\n".join([total, *([f"{'start s':>8}  {'end s':>8}  {'P(spoof)':>8}"] if rows else []), *rows])
