"""ASVspoof 2021, deepfake: the keys of the evaluation trials."""

from typing import ClassVar

from core.corpus.reader import READERS, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import LA_KINDS, lists_of, trials

__all__ = ["Asvspoof2021Df"]

_KEYS = "trial_metadata.txt"
_COLUMNS = 13
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

    summary: ClassVar[str] = "ASVspoof 2021 DF: trial_metadata.txt of 13 columns and flac folders"

    def claims(self, tree: Tree) -> bool:
        """Return whether there are keys with this track's number of columns."""
        return bool(lists_of(tree, _KEYS, columns=_COLUMNS))

    def read(self, tree: Tree) -> Reading:
        """Return the trials whose recording is there."""
        reading = Reading()
        for path in lists_of(tree, _KEYS, columns=_COLUMNS)[:1]:
            for number, cells in trials(tree, path, columns=_COLUMNS, key=5, reading=reading):
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
