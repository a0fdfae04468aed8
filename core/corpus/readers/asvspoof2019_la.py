"""ASVspoof 2019, logical access."""

from typing import ClassVar

from core.corpus.reader import READERS, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import LA_KINDS, split_lists, trials

__all__ = ["Asvspoof2019La"]

_LISTS = {
    "train": "ASVspoof2019.LA.cm.train.trn.txt",
    "dev": "ASVspoof2019.LA.cm.dev.trl.txt",
    "eval": "ASVspoof2019.LA.cm.eval.trl.txt",
}
_PUBLISHED = {
    "train bonafide": 2_580, "train spoof": 22_800, "dev bonafide": 2_548, "dev spoof": 22_296,
    "eval bonafide": 7_355, "eval spoof": 63_882,
}  # fmt: skip


@READERS.register("asvspoof2019-la")
class Asvspoof2019La(Reader):
    """Lists of five columns (speaker, file, -, attack, key) beside folders of FLAC files.

    References
    ----------
    X. Wang et al., "ASVspoof 2019: a large-scale public database of synthesized, converted and replayed speech",
    Computer Speech & Language 64, 2020.
    """

    summary: ClassVar[str] = "ASVspoof 2019 LA: ASVspoof2019.LA.cm.*.txt and flac folders"

    def claims(self, tree: Tree) -> bool:
        """Return whether one of the three lists is there."""
        return any(tree.named(name) for name in _LISTS.values())

    def read(self, tree: Tree) -> Reading:
        """Return the clips of the three lists, with the corpus' own splits."""
        reading = Reading()
        for split, path in split_lists(tree, _LISTS, reading):
            for number, cells in trials(tree, path, columns=5, key=4, reading=reading):
                speaker, name, _, attack, key = cells
                row = Row(
                    path=tree.clip(name), label=key, system=attack if key == "spoof" else "-", speaker=speaker,
                    dataset="ASVspoof 2019 LA", licence="ODC-By-1.0", split=split, part="published",
                    kind=LA_KINDS.get(attack, "-"),
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading
