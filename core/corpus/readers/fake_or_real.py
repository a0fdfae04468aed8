"""FakeOrReal (FoR), in any of its four variants."""

from typing import ClassVar

from core.corpus.labels import normalise_label
from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.tree import Tree

__all__ = ["FakeOrReal"]

_VARIANTS = {
    "for-original": "for-original", "for-norm": "for-norm", "for-2seconds": "for-2seconds", "for-2sec": "for-2seconds",
    "for-rerecorded": "for-rerecorded", "for-rerec": "for-rerecorded",
}  # fmt: skip
_SPLITS = {"training": "train", "validation": "dev", "testing": "eval"}
_LABELS = ("real", "fake")


@READERS.register("fake-or-real")
class FakeOrReal(Reader):
    """``for-original``, ``for-norm``, ``for-2seconds`` or ``for-rerecorded``, by split and by real or fake.

    The variants hold the same recordings, treated differently; some files are empty as published.

    References
    ----------
    R. Reimao, V. Tzerpos, "FoR: a dataset for synthetic speech detection", SpeD 2019.
    """

    needs: ClassVar[str] = "folders for-*/{training,validation,testing}/{real,fake}"
    splits: ClassVar[str] = "its own"

    def claims(self, tree: Tree) -> bool:
        """Return whether a recording lies in a variant's folder, under a split and a class."""
        return any(_place(tree.folders(path)) for path in tree.audio)

    def read(self, tree: Tree) -> Reading:
        """Return the clips with the corpus' own splits."""
        reading = Reading()
        for path in tree.audio:
            if place := _place(tree.folders(path)):
                variant, split, label = place
                row = Row(
                    path=path, label=normalise_label(label), dataset=f"FakeOrReal/{variant}", split=split,
                    part="published",
                )  # fmt: skip
                reading.add(tree, row)
        variants = sorted({row.dataset for row in reading.rows})
        if len(variants) > 1:
            reading.warnings.append(
                f"{', '.join(variants)} hold the same recordings: give the folder of one of them for training."
            )
        there = {(row.split, row.label) for row in reading.rows}
        expected = {
            f"{name}/{word}": (split, normalise_label(word)) for name, split in _SPLITS.items() for word in _LABELS
        }
        reading.warnings += [f"There is nothing in {name}." for name, place in expected.items() if place not in there]
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        return {
            f"for-norm/for-norm/{split}/{name}": None
            for split in _SPLITS
            for name in ("real/file1.wav", "fake/file1.mp3")
        }


def _place(folders: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Return variant, split and class by the folders of a file, or None where one of them is missing."""
    names = [folder.lower() for folder in folders]
    variants = [_VARIANTS[name] for name in names if name in _VARIANTS]
    splits = [_SPLITS[name] for name in names if name in _SPLITS]
    labels = [name for name in names if name in _LABELS]
    return (variants[-1], splits[-1], labels[-1]) if variants and splits and labels else None
