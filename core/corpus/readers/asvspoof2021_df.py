"""ASVspoof 2021, deepfake: the keys of the evaluation trials."""

from typing import ClassVar

from core.corpus.reader import READERS, Example, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import LA_KINDS, countermeasure_lists, lists_of, trials

__all__ = ["Asvspoof2021Df"]

_KEYS = "trial_metadata.txt"
_COLUMNS, _KEY = 13, 5
_PUBLISHED = {"all": 611_829, "eval": 533_928}
_CONVERSION_CHALLENGES = {"vcc2018", "vcc2020"}


@READERS.register("asvspoof2021-df")
class Asvspoof2021Df(Reader):
    """``trial_metadata.txt`` of thirteen columns.

    They are speaker, trial, compression, source corpus, attack, key, trim, subset, vocoder, and four that only the
    voice conversion challenges fill: task, team, gender pair, language. The subset is kept as the split.

    References
    ----------
    X. Liu et al., "ASVspoof 2021: towards spoofed and deepfake speech detection in the wild", IEEE/ACM TASLP 31, 2023.
    """

    needs: ClassVar[str] = "trial_metadata.txt of 13 columns, the sixth bonafide or spoof, beside the FLAC files"
    splits: ClassVar[str] = "its subset: `eval`, and beside it `progress`, `hidden`"

    def claims(self, tree: Tree) -> bool:
        """Return whether there are keys with this track's number of columns."""
        return bool(lists_of(tree, _KEYS, columns=_COLUMNS))

    def read(self, tree: Tree) -> Reading:
        """Return the trials whose recording is there."""
        reading = Reading()
        for path in countermeasure_lists(tree, _KEYS, columns=_COLUMNS, key=_KEY, reading=reading)[:1]:
            for number, cells in trials(tree, path, columns=_COLUMNS, key=_KEY, reading=reading):
                speaker, name, _, origin, attack, key, _, subset = cells[:8]
                kind = "vc" if origin in _CONVERSION_CHALLENGES else LA_KINDS.get(attack, "-")
                spoofed = key == "spoof"
                row = Row(
                    path=tree.clip(name), label=key, system=attack if spoofed else "-", speaker=speaker,
                    dataset=f"ASVspoof 2021 DF/{origin}", licence="ODC-By-1.0", split=subset, part="published",
                    kind=kind if spoofed else "-",
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading

    @classmethod
    def example(cls) -> Example:
        """Return a small tree in this layout."""
        lines = [
            "LA_0023 DF_E_11 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -",
            "LA_0024 DF_E_12 high_mp3 asvspoof bonafide bonafide notrim eval bonafide - - - -",
            "TEF2 DF_E_13 low_m4a vcc2020 Task1-team20 spoof notrim eval neural_vocoder Task1 team20 FF E",
        ]
        parts = ("part00/ASVspoof2021_DF_eval", "part01/ASVspoof2021_DF_eval", "ASVspoof2021_DF_eval")
        names = [line.split()[1] for line in lines]
        sound: Example = {f"{part}/flac/{name}.flac": None for part, name in zip(parts, names, strict=True)}
        return {f"keys/DF/CM/{_KEYS}": "\n".join(lines), **sound}
