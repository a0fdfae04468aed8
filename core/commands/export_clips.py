"""``export-clips``: a run's clips with scores, embeddings and sound in one file that other programs open."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli import command

__all__ = ["Audio", "export_clips"]


class Audio(StrEnum):
    """What the column ``audio`` holds."""

    none = "none"
    path = "path"
    bytes = "bytes"


@command("export-clips")
def export_clips(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write: .parquet, or .csv without the embeddings.")
    ],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose embeddings; by default the best detector's.")
    ] = None,
    audio: Annotated[
        Audio, typer.Option(help="What the column audio holds: each recording's path on this machine, or itself.")
    ] = Audio.path,
    select: Annotated[
        str, typer.Option(help="Only these clips: a selection as it stands in the page's address after select=.")
    ] = "",
) -> None:
    """Write a run's clips as a table for other programs.

    Embedding Atlas, Renumics Spotlight and pandas open it. Columns: the clips' own, every detector's score and
    P(spoof), the recording, an embedding, and a map of it. Texts that a spreadsheet would run are marked in CSV.
    """
    from urllib.parse import unquote

    from core.errors import ResultsError
    from core.files import write_bytes
    from core.results.exporting import FORMATS, atlas_table, clips_table, table_bytes
    from core.results.library import Library
    from core.results.selected import selected
    from core.results.store import read_run
    from core.review.judged import with_judgements

    ending = output.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise ResultsError(f"{output} ends in none of {', '.join(f'.{each}' for each in FORMATS)}: name it so.")
    whole, library = with_judgements(read_run(run)), Library()
    part = selected(whole, unquote(select) if select.startswith("%") else select)
    table = clips_table(part) if ending == "csv" else atlas_table(
        part, by, audio=audio.value, locate=lambda path: library.locate(whole, path)
    )  # fmt: skip
    write_bytes(output, table_bytes(table, ending))
    typer.echo(f"{len(part)} of {len(whole)} clips, {len(table.column_names)} columns: {output}")
    if "audio" in table.column_names and (lacking := table.column("audio").null_count):
        typer.echo(f"{lacking} recordings are not on this machine: set SPOOFSCOPE_CORPUS to their folder.", err=True)
