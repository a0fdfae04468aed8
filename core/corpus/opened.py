"""Any place as a corpus: a manifest, a folder with one, a folder in the layout of a known corpus, or any recordings."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.audio.suffixes import AUDIO_SUFFIXES, UNREAD_SUFFIXES, suffix_of
from core.corpus.manifest import manifest_csv
from core.corpus.reader import READERS, Reading, detect
from core.corpus.splits import normalise_split
from core.corpus.table import COLUMNS, Corpus, Problem, corpus_of, is_manifest, read_corpus
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["UNLABELLED", "described", "open_corpus"]

UNLABELLED = "-"
"""The label of a clip of which nobody knows whether it is bona fide or spoofed."""

_MANIFESTS = ("manifest.csv", "manifest.parquet")
_ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"})


def open_corpus(place: Path | str, *, split: str | None = None, verify: bool = False) -> Corpus:
    """Read what lies at a place as a corpus.

    A file is a manifest whose paths start from its folder; so is ``manifest.csv`` or ``manifest.parquet`` in a folder.
    Any other folder is read by the reader that claims it (``core.corpus.readers``), else by the one table with paths
    and labels in it, whatever its name. Other recordings become a corpus without labels.

    Parameters
    ----------
    place : Path or str
    split : str, optional
        Only the rows of this split.
    verify : bool
        Compare each file's SHA-256 with the manifest's, where there is one.

    Raises
    ------
    CorpusError
        When there is nothing there, no recording in it, or several readers claim the folder or several manifests are
        in it.
    """
    place = Path(place)
    if place.is_file():
        _check_table(place)
        return read_corpus(place, place.parent, split=split, verify=verify)
    if not place.is_dir():
        raise CorpusError(f"There is no file or folder {place}: give a manifest, or a folder of recordings.")
    for name in _MANIFESTS:
        if (place / name).is_file():
            return read_corpus(place / name, place, split=split, verify=verify)
    tree = Tree(place)
    if not tree.audio:
        raise CorpusError(f"{place} holds no recording: {' '.join(tree.warnings()) or 'give a folder that does.'}")
    if any(READERS.get(name)().claims(tree) for name in READERS.names()):
        return _read(READERS.get(detect(tree))().read(tree), tree, split=split)
    manifests = [path for path in tree.sizes if "/" not in path and is_manifest(place / path)]
    if len(manifests) > 1:
        raise CorpusError(f"{place} holds several manifests, {', '.join(manifests)}: give the path of the one meant.")
    if manifests:
        return read_corpus(place / manifests[0], place, split=split, verify=verify)
    return _without_labels(tree, split=split)


def described(corpus: Corpus) -> str:
    """Return what was found, for a person: the corpus' name and how many clips each class has."""
    counts = corpus.frame["label"].value_counts()
    n, none = len(corpus.frame), int(counts.get(UNLABELLED, 0))
    names = [name for name in corpus.frame["dataset"].unique() if name != "-"]
    words = f"{names[0]}: " if len(names) == 1 else ""
    if none == n:
        words += (
            f"{_clips(n)}, none with a label: here is no manifest (CSV or Parquet with path and label), no corpus "
            "whose layout is known, and no folders real/ and fake/. Scores will be shown, error rates cannot be."
        )
    else:
        words += f"{counts.get('bonafide', 0):,} bona fide, {counts.get('spoof', 0):,} spoof"
        words += f", {none:,} without a label." if none else "."
    return words


def _clips(n: int) -> str:
    return f"{n:,} clip{'' if n == 1 else 's'}"


def _check_table(file: Path) -> None:
    """See that a file may be a manifest: its name shows what is none.

    Raises
    ------
    CorpusError
        When it is an archive or a recording.
    """
    if (suffix := suffix_of(file.name)) in _ARCHIVES:
        raise CorpusError(f"{file} is an archive: unpack it, and give the folder.")
    if suffix in AUDIO_SUFFIXES | UNREAD_SUFFIXES:
        raise CorpusError(f"{file} is a recording: open it in Analyse, or give the folder that it lies in.")


def _read(reading: Reading, tree: Tree, *, split: str | None) -> Corpus:
    if not reading.rows:
        why = reading.problems[0].what if reading.problems else "its lists name none that is there"
        raise CorpusError(f"{tree.root} holds no clip that can be listed: {why}.")
    splits = Counter(normalise_split(row.split) for row in reading.rows)
    if split is not None and not splits[normalise_split(split)]:
        there = ", ".join(f"{name} ({count:,} clips)" for name, count in splits.items())
        raise CorpusError(f"{tree.root} has no clip in the split {split!r}: choose one of {there}.")
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
