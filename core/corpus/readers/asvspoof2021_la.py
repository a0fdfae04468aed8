"""ASVspoof 2021, logical access: the keys of the evaluation trials."""

from typing import ClassVar

from core.corpus.reader import READERS, Reader, Reading, Row
from core.corpus.tree import Tree
from core.corpus.trials import LA_KINDS, lists_of, trials

__all__ = ["Asvspoof2021La"]

_KEYS = "trial_metadata.txt"
_COLUMNS = 8
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

    summary: ClassVar[str] = "ASVspoof 2021 LA: trial_metadata.txt of 8 columns and a flac folder"

    def claims(self, tree: Tree) -> bool:
        """Return whether there are keys with this track's number of columns."""
        return bool(lists_of(tree, _KEYS, columns=_COLUMNS))

    def read(self, tree: Tree) -> Reading:
        """Return the trials whose recording is there."""
        reading = Reading()
        for path in lists_of(tree, _KEYS, columns=_COLUMNS)[:1]:
            for number, cells in trials(tree, path, columns=_COLUMNS, key=5, reading=reading):
                speaker, name, _, _, attack, key, _, subset = cells
                row = Row(
                    path=tree.clip(name), label=key, system=attack if key == "spoof" else "-", speaker=speaker,
                    dataset="ASVspoof 2021 LA", licence="ODC-By-1.0", split=subset, part="published",
                    kind=LA_KINDS.get(attack, "-"),
                )  # fmt: skip
                reading.add(tree, row, number=number, name=name)
        reading.compare(_PUBLISHED)
        return reading
