"""Any place as a corpus: a manifest, a folder with one, a folder in the layout of a known corpus, or any recordings."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.corpus.manifest import manifest_csv
from core.corpus.reader import READERS, Reading, detect
from core.corpus.splits import normalise_split
from core.corpus.table import COLUMNS, Corpus, Problem, corpus_of, read_corpus
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["UNLABELLED", "open_corpus"]

UNLABELLED = "-"
"""The label of a clip of which nobody knows whether it is bona fide or spoofed."""

_MANIFESTS = ("manifest.csv", "manifest.parquet")


def open_corpus(place: Path | str, *, split: str | None = None) -> Corpus:
    """Read what lies at a place as a corpus.

    A file is a manifest whose paths start from its folder; so is ``manifest.csv`` or ``manifest.parquet`` in a folder.
    Any other folder is read by the reader that claims it (``core.corpus.readers``). Recordings that none claims become
    a corpus without labels.

    Parameters
    ----------
    place : Path or str
    split : str, optional
        Only the rows of this split.

    Raises
    ------
    CorpusError
        When there is nothing there, no recording in it, or several readers claim the folder.
    """
    place = Path(place)
    if place.is_file():
        return read_corpus(place, place.parent, split=split)
    if not place.is_dir():
        raise CorpusError(f"There is no file or folder {place}: give a manifest, or a folder of recordings.")
    for name in _MANIFESTS:
        if (place / name).is_file():
            return read_corpus(place / name, place, split=split)
    tree = Tree(place)
    if not tree.audio:
        raise CorpusError(f"{place} holds no recording: {' '.join(tree.warnings()) or 'give a folder that does.'}")
    if any(READERS.get(name)().claims(tree) for name in READERS.names()):
        return _read(READERS.get(detect(tree))().read(tree), tree, split=split)
    return _without_labels(tree, split=split)


def _read(reading: Reading, tree: Tree, *, split: str | None) -> Corpus:
    if not reading.rows:
        why = reading.problems[0].what if reading.problems else "its lists name none that is there"
        raise CorpusError(f"{tree.root} holds no clip that can be listed: {why}.")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "manifest.csv"
        listed.write_bytes(manifest_csv(reading.rows))
        corpus = read_corpus(listed, tree.root, split=split)
    return Corpus(corpus.frame, corpus.root, (*corpus.problems, *reading.problems), corpus.digest)


def _without_labels(tree: Tree, *, split: str | None) -> Corpus:
    if split is not None:
        raise CorpusError(f"{tree.root} is a folder without a manifest, and has no splits: leave out the split.")
    good, problems = _sound(tree)
    if not good:
        raise CorpusError(f"{tree.root} holds no recording that can be read: {problems[0].what}.")
    frame = pd.DataFrame({name: [UNLABELLED] * len(good) for name in COLUMNS})
    frame["path"], frame["label"], frame["dataset"] = good, UNLABELLED, tree.name
    frame["split"], frame["seconds"] = normalise_split("-"), float("nan")
    return corpus_of(frame, tree.root, problems)


def _sound(tree: Tree) -> tuple[list[str], Sequence[Problem]]:
    faults = {path: tree.fault(path) for path in tree.audio}
    problems = [Problem(0, path, fault) for path, fault in faults.items() if fault]
    return [path for path, fault in faults.items() if not fault], problems
