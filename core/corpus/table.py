"""Reading a manifest: every row is checked, what is wrong is listed, and the rest is kept."""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from core.corpus.labels import normalise_label
from core.corpus.merge import repeats
from core.corpus.page import page_of
from core.corpus.splits import normalise_split
from core.errors import CorpusError
from core.files import sha256_bytes, sha256_file, sha256_json

__all__ = ["COLUMNS", "Corpus", "Problem", "corpus_of", "is_manifest", "read_corpora", "read_corpus"]

COLUMNS = (
    "path", "label", "system", "source", "speaker", "dataset", "licence", "split", "seconds", "sha256", "part", "kind",
    "language", "page",
)  # fmt: skip
_REQUIRED = ("path", "label")
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Problem:
    """A row that was left out: its number in the manifest (first = 1), its path, what was wrong."""

    row: int
    path: str
    what: str


@dataclass(frozen=True)
class Corpus:
    """A table of clips and the folder its paths start from.

    Attributes
    ----------
    frame : DataFrame
        One row a clip, the columns of ``COLUMNS``, then the manifest's own as text; those of ``COLUMNS`` that it lacks
        hold ``-``. ``page`` is taken from ``source`` where only that has it (:func:`core.corpus.page.page_of`).
    root : Path
    problems : tuple of Problem
        The rows that were left out.
    digest : str
        SHA-256 over path, label, split and digest of the rows, whatever their order.
    """

    frame: pd.DataFrame
    root: Path
    problems: tuple[Problem, ...] = ()
    digest: str = ""


def read_corpus(manifest: Path | str, root: Path | str, *, split: str | None = None, verify: bool = False) -> Corpus:
    """Read a manifest (CSV or Parquet).

    Parameters
    ----------
    manifest : Path or str
        Table with at least the columns ``path`` and ``label``.
    root : Path or str
        Folder that the paths start from.
    split : str, optional
        Read only the rows of this split; any of the field's words for train, dev and eval will do.
    verify : bool
        Compare each file's SHA-256 with the manifest's; reads every byte.

    Raises
    ------
    CorpusError
        When the manifest cannot be read at all, has no rows (none of the split), or lacks a required column; bad rows
        do not raise, they are listed in ``problems``.
    """
    frame, problems = _read(manifest, Path(root), split=split, verify=verify)
    return corpus_of(frame.reset_index(drop=True), Path(root), problems)


def is_manifest(path: Path) -> bool:
    """Return whether a file is a table (CSV or Parquet) with the columns that a manifest needs."""
    try:
        if path.suffix.lower() in _PARQUET:
            from pyarrow.parquet import read_schema

            names = read_schema(path).names
        elif path.suffix.lower() == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                names = next(csv.reader(file), [])
        else:
            return False
    except (OSError, ValueError, csv.Error):
        return False
    return set(_REQUIRED) <= {name.strip().lower() for name in names}


def corpus_of(frame: pd.DataFrame, root: Path, problems: Sequence[Problem] = ()) -> Corpus:
    """Return rows that were checked, with the columns of ``COLUMNS``, as a corpus."""
    return Corpus(frame, root, tuple(problems), _digest(frame))


def read_corpora(
    corpora: Sequence[tuple[Path | str, Path | str]], *, split: str | None = None, verify: bool = False
) -> Corpus:
    """Read several corpora as one: paths start from the folder that all roots lie in.

    A recording that two corpora hold (same path or SHA-256) is left out of the later one, and of both where their
    labels differ; so it is reported in ``problems``, where every sentence begins with the manifest that is meant.

    Parameters
    ----------
    corpora : sequence of (manifest, root)
        One pair is read as :func:`read_corpus` reads it, digest and all. The digest of more than one is made from
        theirs, whatever their order and wherever they lie.
    split : str, optional
        Read only the rows of this split; a corpus that has none of it adds nothing.
    verify : bool
        Compare each file's SHA-256 with the manifest's.

    Raises
    ------
    CorpusError
        When a manifest cannot be read, no corpus has a row of the split, or the roots share no folder.
    """
    if not corpora:
        raise CorpusError("No corpus is given: name a manifest and its root.")
    if len(corpora) == 1:
        return read_corpus(*corpora[0], split=split, verify=verify)
    common = _common_folder([root for _, root in corpora])
    parts, lacking = [], []
    for manifest, root in corpora:
        try:
            parts.append(_Part(str(manifest), *_read(manifest, Path(root), split=split, verify=verify), Path(root)))
        except _NoSuchSplitError as error:
            lacking.append(str(error))
    if not parts:
        raise CorpusError(" ".join(lacking))
    digest = sha256_json(sorted(_digest(part.frame) for part in parts))
    return _merged([part.seen_from(common) for part in parts], common, digest)


def _common_folder(roots: Sequence[Path | str]) -> Path:
    try:
        return Path(os.path.commonpath([Path(root).resolve() for root in roots]))
    except ValueError as error:
        raise CorpusError("The corpora's roots share no folder: put them on one drive.") from error


class _Part(NamedTuple):
    """One of several corpora: its good rows, indexed by their number in the manifest, and its problems."""

    manifest: str
    frame: pd.DataFrame
    problems: list[Problem]
    root: Path

    def seen_from(self, folder: Path) -> "_Part":
        """Return the same part with paths from a folder that its root lies in; every problem names the manifest."""
        below = self.root.resolve().relative_to(folder)
        frame = self.frame.assign(path=[(below / path).as_posix() for path in self.frame["path"]])
        problems = [
            Problem(fault.row, (below / fault.path).as_posix(), f"{self.manifest}: {fault.what}")
            for fault in self.problems
        ]
        return _Part(self.manifest, frame, problems, folder)


def _merged(parts: list[_Part], root: Path, digest: str) -> Corpus:
    found = repeats([part.frame for part in parts], [part.manifest for part in parts])
    frames, problems = [], []
    for part, faults in zip(parts, found, strict=True):
        paths = part.frame["path"]
        problems += part.problems
        problems += [Problem(row + 1, paths[row], f"{part.manifest}: {what}") for row, what in sorted(faults.items())]
        frames.append(part.frame.drop(index=list(faults)))
    both = pd.concat(frames, ignore_index=True)
    # What one corpus has and another lacks is not known of the other's clips.
    own = [name for name in both.columns if name not in COLUMNS]
    return Corpus(both.fillna(dict.fromkeys(own, "-")), root, tuple(problems), digest)


class _NoSuchSplitError(CorpusError):
    """A manifest that has no row in the split that is asked for."""


def _read(manifest: Path | str, root: Path, *, split: str | None, verify: bool) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the good rows, indexed by their number in the manifest (first = 0), and the problems of the others."""
    table, torn = _read_table(Path(manifest))
    missing = [name for name in _REQUIRED if name not in table.columns]
    if missing:
        raise CorpusError(
            f"{manifest} has no column {' and '.join(missing)}: it needs path and label, and has "
            f"{', '.join(table.columns)}; rename those that hold them."
        )
    if not root.is_dir():
        raise CorpusError(f"The root {root} is not a folder: give the folder that the manifest's paths start from.")
    for name in COLUMNS:
        if name not in table.columns:
            table[name] = "-"
    table["seconds"] = pd.to_numeric(table["seconds"], errors="coerce")
    table["split"] = table["split"].map(normalise_split)
    table["page"] = [page_of(*cells) for cells in zip(table["source"], table["page"], strict=True)]
    if split is not None:
        table = _of_split(table, split, manifest)
    table["path"] = [_posix(root, path) for path in table["path"]]
    labels, problems = _check(table, torn, root.resolve(), verify=verify)
    own = [name for name in table.columns if name not in COLUMNS]
    return table.loc[list(labels), [*COLUMNS, *own]].assign(label=list(labels.values())), problems


def _of_split(table: pd.DataFrame, split: str, manifest: Path | str) -> pd.DataFrame:
    chosen = table[table["split"] == normalise_split(split)].copy()
    if chosen.empty:
        counts = table["split"].value_counts()
        there = ", ".join(f"{name} ({count:,} rows)" for name, count in counts.items())
        raise _NoSuchSplitError(f"{manifest} has no row in the split {split!r}: choose one of {there}.")
    return chosen


def _posix(root: Path, path: str) -> str:
    """Return a path that was written on Windows with forward slashes, where only that leads to a file."""
    if "\\" not in path:
        return path
    slashes = path.replace("\\", "/")
    return slashes if not _wrong_path(root.resolve(), slashes) and _wrong_path(root.resolve(), path) else path


def _read_table(path: Path) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the table as text, and what is wrong with the rows that do not fit its header."""
    torn: dict[int, str] = {}
    try:
        if path.suffix.lower() in _PARQUET:
            stored = pd.read_parquet(path)
            table = stored.astype(str).mask(stored.isna(), "")
        else:
            table, torn = _read_csv(path)
    except FileNotFoundError as error:
        raise CorpusError(f"There is no manifest {path}.") from error
    except (OSError, ValueError, csv.Error) as error:
        # pyarrow's errors are ValueErrors, a wrong encoding too.
        raise CorpusError(f"{path} cannot be read as a table: {error}") from error
    if table.empty:
        raise CorpusError(f"{path} has no rows.")
    table.columns = pd.Index([str(name).strip().lower() for name in table.columns])
    twice = sorted(set(table.columns[table.columns.duplicated()]))
    if twice:
        raise CorpusError(f"{path} has the column {' and '.join(twice)} more than once: remove one.")
    return table.reset_index(drop=True), torn


def _read_csv(path: Path) -> tuple[pd.DataFrame, dict[int, str]]:
    # Not by pandas: it raises at a row with too many cells, fills up one with too few, and shifts the columns.
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = [cells for cells in csv.reader(file) if cells] or [[]]
    if not header:
        raise ValueError("it is empty")
    width = len(header)
    torn = {
        index: f"the row has {len(cells)} cells and the header {width}"
        for index, cells in enumerate(rows)
        if len(cells) != width
    }
    return pd.DataFrame([(cells + [""] * width)[:width] for cells in rows], columns=header, dtype=str), torn


def _check(
    table: pd.DataFrame, torn: dict[int, str], root: Path, *, verify: bool
) -> tuple[dict[int, str], list[Problem]]:
    """Return the labels of the good rows by index, and the problems of the others."""
    labels: dict[int, str] = {}
    faults: dict[int, str] = {}
    columns = (table[name] for name in ("path", "label", "sha256"))
    for index, path, label, digest in zip(table.index, *columns, strict=True):
        try:
            labels[index] = normalise_label(label)
            wrong = torn.get(index) or _wrong_path(root, path)
            faults[index] = wrong or (_wrong_digest(root / path, digest) if verify else "")
        except CorpusError as error:
            faults[index] = torn.get(index) or str(error)
    faults.update(_repeated(table, {index: label for index, label in labels.items() if not faults[index]}))
    problems = [Problem(index + 1, table["path"][index], fault) for index, fault in faults.items() if fault]
    return {index: label for index, label in labels.items() if not faults[index]}, problems


def _repeated(table: pd.DataFrame, labels: Mapping[int, str]) -> dict[int, str]:
    """Return what is wrong with the rows, given by index and label, whose path stands in others too."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for index in labels:
        rows_of[table["path"][index]].append(index)
    faults: dict[int, str] = {}
    for rows in rows_of.values():
        if len({labels[row] for row in rows}) > 1:
            numbers = ", ".join(f"{row + 1} ({labels[row]})" for row in rows)
            faults.update(dict.fromkeys(rows, f"this path stands under both labels, in the rows {numbers}"))
            continue
        # One path in two splits is a leak, which the audit must see; twice in one split is a slip.
        first: dict[str, int] = {}
        for row in rows:
            if (kept := first.setdefault(table["split"][row], row)) != row:
                faults[row] = f"this path stands in the manifest already, in row {kept + 1}"
    return faults


def _wrong_path(root: Path, path: str) -> str:
    parts = PurePosixPath(path.replace("\\", "/"))
    if not path or parts.is_absolute() or ".." in parts.parts:
        return "the path is empty or leads out of the root"
    try:
        file = (root / path).resolve()
        if not file.is_file():
            return "there is no such file"
    except (OSError, ValueError, RuntimeError) as error:
        return f"the path cannot be followed: {error}"
    return "" if file.is_relative_to(root) else "the path is a link that leads out of the root"


def _wrong_digest(path: Path, expected: str) -> str:
    if expected in {"", "-"}:
        return ""
    return "" if sha256_file(path) == expected.lower() else "the file's SHA-256 is not the manifest's: it has changed"


def _digest(frame: pd.DataFrame) -> str:
    rows = sorted(frame[["path", "label", "split", "sha256"]].itertuples(index=False, name=None))
    return sha256_bytes(json.dumps(rows, ensure_ascii=False).encode())
