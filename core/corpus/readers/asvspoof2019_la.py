"""ASVspoof 2019, logical access."""

from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
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

    needs: ClassVar[str] = "lists ASVspoof2019.LA.cm.{train.trn,dev.trl,eval.trl}.txt beside the FLAC files"
    splits: ClassVar[str] = "its own"

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

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        rows = {
            "train": ["LA_0079 LA_T_1 - - bonafide", "LA_0079 LA_T_2 - A01 spoof", "LA_0080 LA_T_3 - A06 spoof"],
            "dev": ["LA_0069 LA_D_1 - - bonafide", "LA_0070 LA_D_2 - A05 spoof"],
            "eval": ["LA_0039 LA_E_1 - - bonafide", "LA_0040 LA_E_2 - A19 spoof"],
        }
        tree: Example = {}
        for split, lines in rows.items():
            tree[f"LA/ASVspoof2019_LA_cm_protocols/{_LISTS[split]}"] = "\n".join(lines)
            tree.update({f"LA/ASVspoof2019_LA_{split}/flac/{line.split()[1]}.flac": None for line in lines})
        return tree
