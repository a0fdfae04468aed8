"""ASVspoof 5, track 1."""

from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import split_lists, trials

__all__ = ["Asvspoof5"]

_LISTS = {
    "train": "ASVspoof5.train.tsv",
    "dev": "ASVspoof5.dev.track_1.tsv",
    "eval": "ASVspoof5.eval.track_1.tsv",
}
_PUBLISHED = {"train": 182_357, "dev": 140_950, "eval": 680_774}


@READERS.register("asvspoof5")
class Asvspoof5(Reader):
    """Lists of ten columns, parted by blanks although they are called .tsv, without a header.

    They are speaker, file, gender, codec, its quality, its seed, attack tag, attack, key, and one that is not used;
    ``-`` stands in an empty one. The lists of six columns that went round before the release are refused row by row.

    References
    ----------
    X. Wang et al., "ASVspoof 5: design, collection and validation of resources for spoofing, deepfake, and
    adversarial attack detection using crowdsourced speech", arXiv:2502.08857, 2025.
    """

    needs: ClassVar[str] = "lists ASVspoof5.{train,dev.track_1,eval.track_1}.tsv of 10 columns beside the FLAC files"
    splits: ClassVar[str] = "its own"

    def claims(self, tree: Tree) -> bool:
        """Return whether one of the three lists is there."""
        return any(tree.named(name) for name in _LISTS.values())

    def read(self, tree: Tree) -> Reading:
        """Return the clips of the three lists, with the corpus' own splits."""
        reading = Reading()
        for split, path in split_lists(tree, _LISTS, reading):
            for number, cells in trials(tree, path, columns=10, key=8, reading=reading):
                speaker, name, attack, key = cells[0], cells[1], cells[7], cells[8]
                row = Row(
                    path=tree.clip(name), label=key, system=attack if key == "spoof" else "-", speaker=speaker,
                    dataset="ASVspoof 5", split=split, part="published",
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        clips = {
            "train": ("T_4850 T_0000000000 F - - - AC3 A05 spoof -", "T_1 T_1 M - - - - bonafide bonafide -"),
            "dev": ("D_0062 D_1 F - - - - bonafide bonafide -", "D_1 D_2 F - - - AC1 A14 spoof -"),
            "eval": ("E_1 E_1 F C05 3 9 AC2 A31 spoof -", "E_2 E_2 F C00 - - - bonafide bonafide -"),
        }
        folders = {"train": "flac_T", "dev": "flac_D", "eval": "flac_E_eval"}
        tree: Example = {_LISTS[split]: "\n".join(lines) for split, lines in clips.items()}
        for split, lines in clips.items():
            tree.update({f"{folders[split]}/{line.split()[1]}.flac": None for line in lines})
        # Of the second track, and not read.
        return {**tree, "ASVspoof5.dev.track_2.trial.txt": "D_0062 D_1 bonafide target"}
