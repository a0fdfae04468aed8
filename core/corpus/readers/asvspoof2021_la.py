"""ASVspoof 2021, logical access: the keys of the evaluation trials."""

from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import LA_KINDS, countermeasure_lists, lists_of, trials

__all__ = ["Asvspoof2021La"]

_KEYS = "trial_metadata.txt"
_COLUMNS, _KEY = 8, 5
_PUBLISHED = {"all": 181_566, "eval": 148_176}


@READERS.register("asvspoof2021-la")
class Asvspoof2021La(Reader):
    """``trial_metadata.txt`` of eight columns: speaker, trial, codec, transmission, attack, key, trim, subset.

    The subset is kept as the split: the challenge's figures are those of ``eval``, without ``progress`` and
    ``hidden``.

    References
    ----------
    X. Liu et al., "ASVspoof 2021: towards spoofed and deepfake speech detection in the wild", IEEE/ACM TASLP 31, 2023.
    """

    needs: ClassVar[str] = "trial_metadata.txt of 8 columns, the sixth bonafide or spoof, beside the FLAC files"
    splits: ClassVar[str] = "its subset: `eval`, and beside it `progress`, `hidden`"

    def claims(self, tree: Tree) -> bool:
        """Return whether there are keys with this track's number of columns."""
        return bool(lists_of(tree, _KEYS, columns=_COLUMNS))

    def read(self, tree: Tree) -> Reading:
        """Return the trials whose recording is there."""
        reading = Reading()
        for path in countermeasure_lists(tree, _KEYS, columns=_COLUMNS, key=_KEY, reading=reading)[:1]:
            for number, cells in trials(tree, path, columns=_COLUMNS, key=_KEY, reading=reading):
                speaker, name, _, _, attack, key, _, subset = cells
                row = Row(
                    path=tree.clip(name), label=key, system=attack if key == "spoof" else "-", speaker=speaker,
                    dataset="ASVspoof 2021 LA", licence="ODC-By-1.0", split=subset, part="published",
                    kind=LA_KINDS.get(attack, "-"),
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        lines = [
            "LA_0009 LA_E_11 alaw ita_tx A07 spoof notrim eval",
            "LA_0010 LA_E_12 none - bonafide bonafide notrim eval",
            "LA_0011 LA_E_13 opus loc_tx A13 spoof notrim progress",
            "LA_0012 LA_E_14 none - A17 spoof trim hidden",
        ]
        # As published: trials of speaker verification, in a list of the same name and shape.
        speakers = f"{lines[0]}\nLA_0010 LA_E_12 none - bonafide target notrim eval"
        sound: Example = {f"ASVspoof2021_LA_eval/flac/{line.split()[1]}.flac": None for line in lines}
        return {f"keys/LA/ASV/{_KEYS}": speakers, f"keys/LA/CM/{_KEYS}": "\n".join(lines), **sound}
