"""``report-card``: what passes a detector unnoticed, and which real speech it takes for spoofed."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import command

__all__ = ["report_card"]


@command("report-card")
def report_card(
    checkpoint: Annotated[
        str, typer.Option("--checkpoint", metavar="NAME", help="A detector of the run, or the panel.")
    ] = "panel",
    run: Annotated[Path | None, typer.Option(help="Another run than the reference run.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Replace what stands between the report-card markers of this file: all cards.")
    ] = None,
) -> None:
    """Print misses by system and false alarms by source."""
    from core.files import write_text
    from core.results.report import between_markers
    from core.results.report_text import card_text, report_markdown
    from core.results.store import read_run
    from core.usecases import load_panel, reference_run

    chosen = read_run(run) if run is not None else reference_run()
    if write is None:
        typer.echo(card_text(chosen, checkpoint))
        return
    text = write.read_text(encoding="utf-8")
    write_text(write, between_markers(text, report_markdown(chosen, load_panel()), what="report-card"))
    typer.echo(f"The report cards are in {write}.")
