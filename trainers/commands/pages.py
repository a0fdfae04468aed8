"""``pages``: clones of published pages become a corpus."""

from pathlib import Path
from typing import Annotated

import typer

from trainers.cli import command

__all__ = ["pages"]


@command("pages")
def pages(
    clones: Annotated[Path, typer.Option(help="Folder of the clones, each as OWNER+NAME or OWNER+NAME/repo.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the corpus; a started one goes on.")],
    table: Annotated[Path | None, typer.Option(help="Table of clips on pages; the project's own if not given.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that read, decode and write.")] = 2,
) -> None:
    """Build the corpus of published pages from clones.

    Missing clones, commits and files are listed and left out; exit status 1 where there are some.
    """
    from core.corpus.manifest import count_table
    from core.corpus.table import read_corpus
    from core.progress import progress
    from core.shell import printable
    from trainers.pages.build import MANIFEST, build_pages
    from trainers.pages.table import TABLE, read_table

    clips = read_table(table or TABLE)
    with progress("clips built") as report:
        built = build_pages(clips, clones, output, workers=workers, report=report)
    for missing in built.missing:
        lost = f" ({missing.clips:,} clips)" if missing.clips > 1 else ""
        typer.echo(printable(f"missing: {missing.what}: {missing.why}{lost}"), err=True)
    typer.echo(count_table(built.rows))
    typer.echo(f"{len(built.rows):,} of {len(clips):,} clips.")
    place = f"The corpus is {output}; its manifest is {output / MANIFEST}"
    typer.echo(f"{place}, digest {read_corpus(output / MANIFEST, output).digest[:12]}." if built.rows else f"{place}.")
    if built.missing:
        raise typer.Exit(1)
