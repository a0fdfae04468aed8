"""``results-table``: the README's table, from the shipped cards and the reference run."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import command

__all__ = ["results_table"]


@command("results-table")
def results_table(
    write: Annotated[
        Path | None, typer.Option(help="Replace what stands between the results markers of this file.")
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Another run than the reference run.")] = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")] = 1000,
) -> None:
    """Print the table of results, or write it into a file."""
    from core.files import write_text
    from core.results.report import insert_between_markers, summary_markdown
    from core.results.store import read_run
    from core.usecases import load_panel, reference_run

    # Before minutes are spent: is there a run, and can the file be written?
    chosen = read_run(run) if run is not None else reference_run()
    text = None if write is None else write.read_text(encoding="utf-8")
    if text is not None:
        insert_between_markers(text, "")
    content = summary_markdown(chosen, load_panel(chosen.detectors).detectors, resamples=resamples)
    if write is None or text is None:
        typer.echo(content)
        return
    write_text(write, insert_between_markers(text, content))
    typer.echo(f"The table is in {write}.")
