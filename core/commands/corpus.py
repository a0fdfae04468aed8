"""``corpus``: a folder as it was downloaded becomes a manifest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.corpus.reader import Reading
    from core.corpus.tree import Tree

__all__ = ["corpus"]

_SHOWN = 20


def corpus(
    root: Annotated[Path, typer.Argument(help="The folder that holds the corpus' lists and recordings.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The manifest to write, a CSV file.")],
    layout: Annotated[
        str | None, typer.Option("--format", help="Which corpus it is; told from the files if not given.")
    ] = None,
    hear: Annotated[
        bool, typer.Option("--measure", help="Hear every clip: fill in seconds and sha256, leave out what is broken.")
    ] = False,
) -> None:
    """Write the manifest of a corpus of the field, or of folders real/ and fake/."""
    from core.corpus.manifest import manifest_csv
    from core.corpus.measure import measure
    from core.corpus.reader import READERS, detect
    from core.corpus.tree import Tree
    from core.errors import CorpusError
    from core.files import write_bytes

    if output.suffix.lower() != ".csv":
        raise CorpusError(f"The manifest is written as CSV: call it {output.with_suffix('.csv').name}.")
    reader = READERS.get(layout)() if layout is not None else None
    tree = Tree(root)
    name = layout if layout is not None else detect(tree)
    reading = (reader if reader is not None else READERS.get(name)()).read(tree)
    if hear:
        reading = measure(reading, tree, progress=_tell)
    _tell_faults(reading, tree)
    if not reading.rows:
        raise CorpusError(f"Under {root} there is no clip that {name} could list: nothing was written.")
    write_bytes(output, manifest_csv(reading.rows))
    typer.echo(_as_text(reading, name, output, root))


def _tell(done: int, total: int) -> None:
    if done == total or done % 100 == 0:
        typer.echo(f"{done} of {total} clips heard", err=True)


def _tell_faults(reading: "Reading", tree: "Tree") -> None:
    if tree.unnameable:
        typer.echo(f"warning: {tree.unnameable} files have names that are no text: left out", err=True)
    for warning in reading.warnings:
        typer.echo(f"warning: {warning}", err=True)
    for problem in reading.problems[:_SHOWN]:
        row = f"row {problem.row}, " if problem.row else ""
        typer.echo(f"left out: {row}{_printable(problem.path)}: {problem.what}", err=True)
    if len(reading.problems) > _SHOWN:
        typer.echo(f"and {len(reading.problems) - _SHOWN:,} more left out", err=True)


def _printable(path: str) -> str:
    # A file's name must not be able to move a terminal's cursor.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in path)


def _as_text(reading: "Reading", name: str, output: Path, root: Path) -> str:
    from core.corpus.manifest import count_table

    systems = len({row.system for row in reading.rows if row.label == "spoof"} - {"-"})
    told = f"{name}: {len(reading.rows):,} clips, {systems} systems, {len(reading.problems):,} left out."
    return "\n".join([count_table(reading.rows), told, f"The manifest is {output}; its paths start from {root}."])
