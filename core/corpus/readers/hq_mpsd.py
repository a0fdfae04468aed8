"""HQ-MPSD: partial deepfakes in eight languages."""

from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.tree import Tree

__all__ = ["HqMpsd"]

_FOLDERS = {
    "Bonafide": ("bonafide", "-"), "Fully_Fake": ("spoof", "fully fake"),
    "Partial_Fake_Clean": ("spoof", "partially fake"), "Partial_Fake_Noisy": ("spoof", "partially fake, noisy"),
}  # fmt: skip


@READERS.register("hq-mpsd")
class HqMpsd(Reader):
    """``LANGUAGE/{Bonafide,Fully_Fake,Partial_Fake_Clean,Partial_Fake_Noisy}`` with the recordings.

    Which seconds are spoofed is not read: no published description of its label files could be found, and those of
    others contradict each other.

    References
    ----------
    M. Li et al., "HQ-MPSD: a multilingual artifact-controlled benchmark for partial deepfake speech detection",
    arXiv:2512.13012, 2025; https://zenodo.org/records/17929533.
    """

    needs: ClassVar[str] = "folders LANGUAGE/{Bonafide,Fully_Fake,Partial_Fake_Clean,Partial_Fake_Noisy}"
    splits: ClassVar[str] = "`-`: it has none that is published with it"

    def claims(self, tree: Tree) -> bool:
        """Return whether recordings lie in a folder of partial fakes and in one that is bona fide."""
        there = {tree.folders(path)[-1] for path in tree.audio}
        return "Bonafide" in there and bool(there & {"Partial_Fake_Clean", "Partial_Fake_Noisy"})

    def read(self, tree: Tree) -> Reading:
        """Return the recordings of the four folders."""
        reading = Reading()
        for path in tree.audio:
            *_, language, folder = "-", *tree.folders(path)
            if folder in _FOLDERS:
                label, kind = _FOLDERS[folder]
                row = Row(
                    path=path, label=label, dataset="HQ-MPSD", licence="CC-BY-4.0", part="published", kind=kind,
                    language=language,
                )  # fmt: skip
                reading.add(tree, row)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        return {f"English/{folder}/en_{number}.flac": None for number, folder in enumerate(_FOLDERS)}
