"""In-the-Wild: public figures, real and faked, as found on the web."""

from pathlib import PurePosixPath
from typing import ClassVar

from core.corpus.labels import normalise_label
from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["InTheWild"]

_HEADER = {"file", "speaker", "label"}
_PUBLISHED = {"all": 31_779}


@READERS.register("in-the-wild")
class InTheWild(Reader):
    """``meta.csv`` (file, speaker, label) with the recordings beside it; all of it is for evaluation.

    References
    ----------
    N. Müller et al., "Does audio deepfake detection generalize?", Interspeech 2022.
    """

    needs: ClassVar[str] = "meta.csv with the columns file, speaker and label, and the recordings beside it"
    splits: ClassVar[str] = "all `eval`"

    def claims(self, tree: Tree) -> bool:
        """Return whether there is a ``meta.csv`` with the three columns."""
        return bool(self._tables(tree))

    def read(self, tree: Tree) -> Reading:
        """Return the clips, all in the split ``eval``."""
        reading = Reading()
        for table in self._tables(tree):
            for number, record in tree.records(table):
                try:
                    label = normalise_label(record["label"])
                except CorpusError as error:
                    reading.problems.append(Problem(number, record["file"], str(error)))
                    continue
                row = Row(
                    path=_recording(tree, table, record["file"]), label=label,
                    speaker=record["speaker"] or "-", dataset="In-the-Wild", split="eval", part="published",
                )  # fmt: skip
                reading.add(tree, row, number=number, name=record["file"])
        reading.compare(_PUBLISHED)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        folder = "release_in_the_wild"
        table = "file,speaker,label\n0.wav,Alec Guinness,spoof\n1.wav,Donald Trump,bona-fide"
        return {f"{folder}/meta.csv": table, f"{folder}/0.wav": None, f"{folder}/1.wav": None}

    @staticmethod
    def _tables(tree: Tree) -> list[str]:
        return [path for path in tree.named("meta.csv") if set(tree.header(path)) >= _HEADER]


def _recording(tree: Tree, table: str, name: str) -> str:
    """Return the recording that a row names: beside the table, elsewhere, or by its name without a suffix."""
    beside = str(PurePosixPath(table).parent / name)
    return beside if beside in tree.sizes else tree.ending(name) or tree.clip(name)
