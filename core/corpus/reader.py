"""The contract of a reader: a tree of files in, rows of a manifest out, and what is missing reported."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import CorpusError
from core.plugins import Registry

__all__ = ["READERS", "Example", "Reader", "Reading", "Row", "Spans", "detect"]


Example = dict[str, str | None]
"""The text of each file of a tree by its path; None for a recording."""


Spans = dict[str, tuple[tuple[float, float], ...]]
"""The spoofed spans of each clip, as (start, end) in seconds, by its path."""


class Row(NamedTuple):
    """A clip as the manifest lists it; what is not known is ``-``."""

    path: str
    label: str
    system: str = "-"
    source: str = "-"
    speaker: str = "-"
    dataset: str = "-"
    licence: str = "-"
    split: str = "-"
    seconds: str = "-"
    sha256: str = "-"
    part: str = "-"
    kind: str = "-"
    language: str = "-"
    page: str = "-"


@dataclass
class Reading:
    """What a reader found: the rows, and what a person should know of those it could not make.

    Attributes
    ----------
    rows : list of Row
    problems : list of Problem
        Clips that were left out, with their row in the corpus' own list (0 where it has none), and why.
    warnings : list of str
        What holds for the whole: a list that is not there, counts unlike the published ones.
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _listed: Counter[str] = field(default_factory=Counter, init=False, repr=False)
    _known: dict[tuple[str, str], tuple[Row, int]] = field(default_factory=dict, init=False, repr=False)

    def add(self, tree: Tree, row: Row, *, number: int = 0, name: str = "") -> None:
        """Keep a row whose file holds something; otherwise list it, under ``name`` where it has no path.

        A file that is listed twice in a split is kept once; under both labels it is not kept at all, for nobody knows
        which is right.
        """
        self._listed.update(("all", row.split, f"{row.split} {row.label}"))
        if fault := tree.fault(row.path):
            self.problems.append(Problem(number, row.path or name, fault))
            return
        first, at = self._known.setdefault((row.path, row.split), (row, number))
        if first is row:
            self.rows.append(row)
        elif first.label == row.label:
            self.problems.append(Problem(number, row.path, f"it is listed already{_in_row(at)}"))
        else:
            labels = f"it is listed under both labels, {first.label}{_in_row(at)} and {row.label}"
            self.problems.append(Problem(number, row.path, labels))
            if first in self.rows:
                self.rows.remove(first)

    def compare(self, published: Mapping[str, int]) -> None:
        """Warn where the corpus' own list has other counts than the published corpus.

        Keys are "all", a split, or a split and a label ("train spoof"); a split that is not there at all is left to
        the reader.
        """
        for what, count in published.items():
            listed = self._listed[what]
            if self._listed[what.split()[0]] and listed != count:
                self.warnings.append(f"{what}: {listed:,} clips are listed, the published corpus has {count:,}.")


def _in_row(number: int) -> str:
    return f" in row {number}" if number else ""


class Reader(ABC):
    """Reads one corpus' layout. A subclass registers itself with ``@READERS.register("name")``.

    Nothing else has to know of a reader: the document of the corpora and the tests take what is declared here. The
    first sentence of its docstring describes what the corpus looks like.

    Attributes
    ----------
    needs : str
        What has to be under the folder, as the rest of a sentence: "meta.csv with the columns file and label".
    splits : str
        Where the splits come from: "its own", "by source", "all `eval`".
    generic : bool
        Whether the layout is so plain that any other reader which claims a folder goes first.
    """

    needs: ClassVar[str]
    splits: ClassVar[str]
    generic: ClassVar[bool] = False

    @abstractmethod
    def claims(self, tree: Tree) -> bool:
        """Return whether the files look like this corpus."""

    @abstractmethod
    def read(self, tree: Tree) -> Reading:
        """Return the clips that are there; whatever is missing is listed, and nothing raises for it."""

    def spoofed_spans(self, tree: Tree) -> Spans:
        """Return which seconds of each clip are spoofed, for a corpus that labels them.

        Clips are named by their path; one that is bona fide has no span. A clip that is not named is not known.

        Raises
        ------
        CorpusError
            When this corpus has no such labels, or they are not there.
        """
        raise CorpusError(
            f"{type(self).__name__} is read without labels of which seconds are spoofed: choose a corpus of partial "
            "spoofs that has them."
        )

    @classmethod
    @abstractmethod
    def example(cls) -> Example:
        """Return a small tree in this layout, with clips of both classes: the tests lay it out and read it."""


READERS: Registry[type[Reader]] = Registry("corpus format", "core.corpus.readers")


def detect(tree: Tree) -> str:
    """Return the name of the one reader that claims the files.

    Raises
    ------
    CorpusError
        When none does, or more than one.
    """
    readers = {name: READERS.get(name) for name in READERS.names()}
    for generic in (False, True):
        claimed = [name for name, reader in readers.items() if reader.generic is generic and reader().claims(tree)]
        if len(claimed) == 1:
            return claimed[0]
        if claimed:
            raise CorpusError(
                f"{tree.root} looks like several corpora ({', '.join(claimed)}): choose one with --format, or give the "
                "folder of one of them."
            )
    wanted = "; ".join(f"{name} needs {reader.needs}" for name, reader in readers.items())
    raise CorpusError(
        f"{tree.root} looks like none of the layouts that can be read: give the folder that holds both the lists and "
        f"the recordings, or sort the recordings into folders real/ and fake/. What is looked for: {wanted}."
    )
