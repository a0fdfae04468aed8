"""Plain folders: real/ and fake/, whatever the field calls them."""

from pathlib import PurePosixPath
from typing import ClassVar

from core.corpus.labels import BONAFIDE_WORDS, SPOOF_WORDS, normalise_label
from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.splits import SPLIT_WORDS, split_by_source
from core.corpus.tree import Tree

__all__ = ["Folders"]

_WORDS = BONAFIDE_WORDS | SPOOF_WORDS


@READERS.register("folders")
class Folders(Reader):
    """Recordings under ``real`` and ``fake`` (or bonafide, genuine, spoof, ...), at any depth.

    A folder named after a split is taken at its word. Otherwise a file's name without its suffix is its source, so
    that ``real/a.wav`` and ``fake/world/a.flac`` are a pair and come into the same split. The first folder below the
    spoofs' folder is the system.
    """

    needs: ClassVar[str] = (
        "folders real/ and fake/ (or bonafide, spoof, ...), at any depth, also under train/, dev/, test/"
    )
    splits: ClassVar[str] = "by folder, else by source"
    generic: ClassVar[bool] = True

    def claims(self, tree: Tree) -> bool:
        """Return whether a recording lies in a folder that names a class."""
        return any(_label_at(path) is not None for path in tree.audio)

    def read(self, tree: Tree) -> Reading:
        """Return the clips; those without a split's folder are split by a hash of their source."""
        reading = Reading()
        rows = [_row(tree, path) for path in tree.audio if _label_at(path) is not None]
        splits = split_by_source(row.source for row in rows if row.split == "-")
        for row in rows:
            reading.add(tree, row if row.split != "-" else row._replace(split=splits[row.source]))
        if outside := len(tree.audio) - len(rows):
            reading.warnings.append(f"{outside:,} recordings lie in no folder that names a class: left out.")
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        real = [f"Real/clip{number}.wav" for number in range(20)]
        fake = [f"fake/{system}/clip{number}.wav" for number in range(20) for system in ("world", "lpc")]
        return dict.fromkeys([*real, *fake])


def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


def _label_at(path: str) -> int | None:
    """Return which of a file's folders names its class: the innermost that does, or None."""
    places = [place for place, folder in enumerate(_folders(path)) if folder.lower() in _WORDS]
    return places[-1] if places else None


def _row(tree: Tree, path: str) -> Row:
    folders, place = _folders(path), _label_at(path)
    assert place is not None
    label = normalise_label(folders[place])
    below = [folder for folder in folders[place + 1 :] if folder.lower() not in SPLIT_WORDS]
    named = [SPLIT_WORDS[folder.lower()] for folder in folders if folder.lower() in SPLIT_WORDS]
    split, stem = named[-1] if named else "-", PurePosixPath(path).stem
    return Row(
        path=path, label=label, system=below[0] if below and label == "spoof" else "-",
        # Within given splits equal names are a pair; across them they are chance, not leakage.
        source=stem if split == "-" else f"{split}/{stem}", dataset=tree.name, split=split,
    )  # fmt: skip
