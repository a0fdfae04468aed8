"""AntiDeepfake's tables, which bring many corpora into one form."""

from pathlib import PurePosixPath
from typing import ClassVar

from core.corpus.labels import normalise_label
from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.splits import SPLIT_WORDS
from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import CorpusError

__all__ = ["AntiDeepfake"]

_HEADER = {"ID", "Label", "Duration", "Path", "Attack", "Speaker", "Proportion"}


@READERS.register("antideepfake")
class AntiDeepfake(Reader):
    """CSV files with ID, Label (real, fake), Duration, SampleRate, Path, Attack, Speaker, Proportion and more.

    Paths begin with ``$ROOT``; the file is the one under the root whose path agrees longest with the end of it. A row
    without a Proportion gets no split.

    References
    ----------
    W. Ge et al., "Post-training for deepfake speech detection", arXiv:2506.21090, 2025.
    """

    needs: ClassVar[str] = "CSV files with the columns ID, Label, Duration, Path, Attack, Speaker and Proportion"
    splits: ClassVar[str] = "its Proportion; `-` where it has none"

    def claims(self, tree: Tree) -> bool:
        """Return whether there is a table with these columns."""
        return bool(self._tables(tree))

    def read(self, tree: Tree) -> Reading:
        """Return the clips of every table whose recording is there."""
        reading = Reading()
        for table in self._tables(tree):
            for number, record in tree.records(table):
                try:
                    row = _row(tree, record, dataset=PurePosixPath(table).stem)
                except CorpusError as error:
                    reading.problems.append(Problem(number, record["Path"] or record["ID"], str(error)))
                else:
                    reading.add(tree, row, number=number, name=record["Path"] or record["ID"])
        if lost := sum(row.split == "-" for row in reading.rows):
            reading.warnings.append(f"{lost:,} clips have no Proportion of train, valid or test, and so no split.")
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        table = """ID,Label,Duration,SampleRate,Path,Attack,Speaker,Proportion,AudioChannel,AudioEncoding,Language
SC-1,real,4.5,16000,$ROOT/SpoofCeleb/train/a/1.flac,-,id1,train,1,FLAC,EN
SC-2,fake,3.25,16000,$ROOT/SpoofCeleb/train/b/1.flac,a07,id2,train,1,FLAC,EN
SC-3,real,4,16000,$ROOT/SpoofCeleb/valid/1.flac,-,id3,valid,1,FLAC,EN
SC-4,fake,4,16000,$ROOT/SpoofCeleb/test/2.flac,a08,id4,test,1,FLAC,EN"""
        sound: Example = {f"SpoofCeleb/{name}.flac": None for name in ("train/a/1", "train/b/1", "valid/1", "test/2")}
        return {"protocols/SpoofCeleb.csv": table, **sound}

    @staticmethod
    def _tables(tree: Tree) -> list[str]:
        return [path for path in tree.named("*.csv") if set(tree.header(path)) >= _HEADER]


def _row(tree: Tree, record: dict[str, str], *, dataset: str) -> Row:
    label = normalise_label(record["Label"])
    place = record["Path"].removeprefix("$ROOT").strip("/")
    return Row(
        path=tree.ending(place) if place else "", label=label, dataset=dataset,
        system=(record["Attack"] or "-") if label == "spoof" else "-", speaker=record["Speaker"] or "-",
        split=SPLIT_WORDS.get(record["Proportion"].lower(), "-"), seconds=record["Duration"] or "-", part="published",
    )  # fmt: skip
