"""``corpus``: a folder as it was downloaded becomes a manifest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.progress import progress
from core.shell import JsonFlag, json_text, printable

if TYPE_CHECKING:
    from core.corpus.reader import Reading
    from core.corpus.tree import Tree

__all__ = ["corpus"]

_SHOWN = 20


@command("corpus")
def corpus(
    root: Annotated[Path, typer.Argument(help="The folder that holds the corpus' lists and recordings.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The manifest to write, a CSV file.")],
    layout: Annotated[
        str | None, typer.Option("--format", help="Which corpus it is; recognised by its files if not given.")
    ] = None,
    measured: Annotated[
        bool, typer.Option("--measure", help="Decode every clip: fill in seconds and sha256, leave out what is broken.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the manifest of a downloaded corpus.

    Reads the layouts of the field's corpora, and folders real/ and fake/.
    """
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
    if measured:
        with progress("clips decoded") as report:
            reading = measure(reading, tree, progress=report)
    _warn(reading, tree)
    if not reading.rows:
        why = _why_nothing(reading, READERS.get(name).needs)
        raise CorpusError(f"Under {root} there is no clip that {name} could list: {why}. Nothing was written.")
    write_bytes(output, manifest_csv(reading.rows))
    typer.echo(json_text(_as_json(reading, name, output)) if as_json else _as_text(reading, name, output, root))


def _why_nothing(reading: "Reading", needs: str) -> str:
    if not reading.problems:
        return f"it needs {needs}"
    return f"every row was left out, the first because of this: {reading.problems[0].what.rstrip('.')}"


def _warn(reading: "Reading", tree: "Tree") -> None:
    missing = [f"There is no {label} clip." for label in _missing_classes(reading)]
    for warning in [*tree.warnings(), *reading.warnings, *missing]:
        typer.echo(f"warning: {printable(warning)}", err=True)
    for problem in reading.problems[:_SHOWN]:
        row = f"row {problem.row}, " if problem.row else ""
        typer.echo(f"left out: {row}{printable(problem.path)}: {problem.what}", err=True)
    if len(reading.problems) > _SHOWN:
        typer.echo(f"and {len(reading.problems) - _SHOWN:,} more left out", err=True)


def _missing_classes(reading: "Reading") -> list[str]:
    return [
        label for label in ("bonafide", "spoof") if reading.rows and label not in {row.label for row in reading.rows}
    ]


def _systems(reading: "Reading") -> list[str]:
    return sorted({row.system for row in reading.rows if row.label == "spoof"} - {"-"})


def _as_json(reading: "Reading", name: str, output: Path) -> dict[str, Any]:
    from core.corpus.manifest import class_counts

    left_out = [{"row": problem.row, "path": problem.path, "what": problem.what} for problem in reading.problems]
    return {
        "format": name, "clips": len(reading.rows), "splits": class_counts(reading.rows), "systems": _systems(reading),
        "left_out": left_out, "warnings": reading.warnings, "output": str(output),
    }  # fmt: skip


def _as_text(reading: "Reading", name: str, output: Path, root: Path) -> str:
    from core.corpus.manifest import count_table

    counts = f"{len(reading.rows):,} clips, {len(_systems(reading))} systems, {len(reading.problems):,} left out."
    place = f"The manifest is {output}; its paths start from {root}."
    return "\n".join([count_table(reading.rows), f"{name}: {counts}", place])
