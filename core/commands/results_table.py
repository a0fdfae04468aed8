"""``results-table``: the documents' table of results, from the shipped cards and the reference run."""

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
    most: Annotated[int | None, typer.Option(help="Only the panel and so many of the best detectors.", min=1)] = None,
    speeds: Annotated[
        Path | None, typer.Option(help="What bench --json printed; without it, speeds are measured now.")
    ] = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")] = 1000,
) -> None:
    """Print the table of results, or write it into a file.

    The speeds are those of the command bench, one thread: measured now, minutes for all detectors, or read from a file.
    """
    from core.detectors.checkpoint import find_checkpoint, read_card
    from core.files import write_text
    from core.results.report import between_markers, read_speeds, results_markdown
    from core.results.store import read_run
    from core.speed.costs import bench_detectors
    from core.usecases import reference_run

    # Before minutes are spent: is there a run, and can the file be written?
    chosen = read_run(run) if run is not None else reference_run()
    text = None if write is None else write.read_text(encoding="utf-8")
    if text is not None:
        between_markers(text, "", what="results")
    cards = {name: read_card(find_checkpoint(name)) for name in chosen.detectors}
    known = None if speeds is None else read_speeds(speeds)
    if known is None:
        known = {cost.name: cost.clips_per_s for cost in bench_detectors(chosen.detectors, seconds=4.0)}
    content = results_markdown(chosen, cards, speeds=known, most=most, resamples=resamples)
    if write is None or text is None:
        typer.echo(content)
        return
    write_text(write, between_markers(text, content, what="results"))
    typer.echo(f"The table is in {write}.")
