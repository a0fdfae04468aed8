"""Whose score is whose: ids matched with or without suffix, folder, capitals; what does not match is counted."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.predictions.predictions import Predictions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LEAST_COVERAGE", "Aligned", "Clips", "align", "all_clips", "labelled", "matched", "places_of"]

#: A file that scores a smaller share of the clips is reported as incomplete.
LEAST_COVERAGE = 0.99
_EXACTLY = "as they are"


@dataclass(frozen=True, eq=False)
class Clips:
    """The clips that predictions are of.

    Attributes
    ----------
    ids : Array of text [shape=(n,)]
    labels : ndarray of int8 [shape=(n,)]
        1 bona fide, 0 spoof, -1 unknown.
    attacks, groups : ndarray of str [shape=(n,)], optional
        The spoofing system of each, and what it shares with others, as its speaker.
    basis : str
        Where the labels are from.
    conflicts : list of str
        Ids that two files, or two rows of one, label differently; they count as unlabelled.
    """

    ids: "pa.Array"
    labels: NDArray[np.int8]
    attacks: NDArray[np.object_] | None = None
    groups: NDArray[np.object_] | None = None
    basis: str = "no labels"
    conflicts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """The number of clips."""
        return len(self.ids)

    def names(self, places: NDArray[np.integer]) -> list[str]:
        """Return the ids of some clips [shape=(k,)]."""
        found: list[str] = self.ids.take(np.asarray(places)).to_pylist()
        return found


@dataclass(frozen=True, eq=False)
class Aligned:
    """A file's scores in the order of the clips.

    Attributes
    ----------
    scores : ndarray [shape=(n,), float64]
        As in the file; NaN where the clip has no score that can be used.
    places : ndarray [shape=(rows,)]
        Each row's clip; -1 where it is none of them.
    missing, not_finite, unlike : ndarray of int [shape=(k,)]
        Clips without a row, with a score that is no finite number, and with several rows of different scores.
    repeated : ndarray of int [shape=(k,)]
        Clips with several rows of one score, which counts once.
    extra : list of str
        Ids that are none of the clips.
    how : str
        How ids were matched.
    """

    scores: NDArray[np.float64]
    places: NDArray[np.intp]
    missing: NDArray[np.intp]
    not_finite: NDArray[np.intp]
    unlike: NDArray[np.intp]
    repeated: NDArray[np.intp]
    extra: list[str]
    how: str

    @property
    def coverage(self) -> float:
        """Share of the clips that have a usable score."""
        return float(np.isfinite(self.scores).mean()) if len(self.scores) else 0.0


def align(predictions: Predictions, ids: "pa.Array") -> Aligned:
    """Return a file's scores in the order of the clips, with all that did not fit."""
    places, how = places_of(predictions.ids, ids)
    n = len(ids)
    inside = places >= 0
    rows, values = places[inside], predictions.scores[inside]
    counts = np.bincount(rows, minlength=n)
    scores = np.full(n, np.nan)
    scores[rows] = values
    several = np.flatnonzero(counts > 1)
    unlike = several[_differ(rows, values, several, n)] if len(several) else several
    listed = np.unique(rows[~np.isfinite(values)])
    scores[~np.isfinite(scores)] = np.nan
    scores[unlike] = np.nan
    extra = [] if inside.all() else predictions.ids.filter(~inside).unique().to_pylist()
    return Aligned(
        scores=scores, places=places, missing=np.flatnonzero(counts == 0), not_finite=listed, unlike=unlike,
        repeated=np.setdiff1d(several, unlike), extra=extra, how=how,
    )  # fmt: skip


def _differ(
    rows: NDArray[np.intp], values: NDArray[np.float64], several: NDArray[np.intp], n: int
) -> NDArray[np.bool_]:
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    known = np.nan_to_num(values, nan=np.inf, posinf=np.inf, neginf=-np.inf)
    np.minimum.at(low, rows, known)
    np.maximum.at(high, rows, known)
    return np.asarray(low[several] != high[several])


def all_clips(files: Sequence[Predictions]) -> "pa.Array":
    """Return the ids that any file has, each once: those of the first, then what the others add."""
    import pyarrow as pa

    ids = files[0].ids.unique()
    for predictions in files[1:]:
        if not predictions.ids.equals(ids):
            places, _ = places_of(predictions.ids, ids)
            extra = predictions.ids.filter(places < 0).unique()
            ids = pa.concat_arrays([ids, extra]) if len(extra) else ids
    return ids


def labelled(ids: "pa.Array", sources: Sequence[Predictions], *, basis: str) -> Clips:
    """Return the clips with the labels, attacks and groups that some files hold.

    A clip's attack and group are those of the first file that knows them; where labels contradict each other, within
    a file or between two, the clip has none.

    Parameters
    ----------
    ids : Array of text [shape=(n,)]
    sources : sequence of Predictions
        A protocol, or the files of scores themselves.
    basis : str
        What they are, in words.
    """
    n = len(ids)
    real, fake = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    placed = [(source, places_of(source.ids, ids)[0]) for source in sources]
    for source, places in placed:
        if source.labels is not None:
            real[places[(places >= 0) & (source.labels == 1)]] = True
            fake[places[(places >= 0) & (source.labels == 0)]] = True
    unlike = real & fake
    labels = np.where(unlike, -1, np.where(real, 1, np.where(fake, 0, -1))).astype(np.int8)
    attacks = _first_known([(source.attacks, places) for source, places in placed], n)
    groups = _first_known([(source.groups, places) for source, places in placed], n)
    conflicts = ids.take(np.flatnonzero(unlike)).to_pylist()
    return Clips(ids, labels, attacks, groups, basis if (labels >= 0).any() else "no labels", conflicts)


def _first_known(columns: Sequence[tuple["pa.Array | None", NDArray[np.intp]]], n: int) -> NDArray[np.object_] | None:
    """Return what the first column that knows a clip states of it, ``-`` where none does; None without a word."""
    words = np.full(n, "-", dtype=object)
    for column, places in columns:
        if column is None:
            continue
        coded = column.dictionary_encode()
        known = np.array([word.strip() not in ("", "-") for word in coded.dictionary.to_pylist()], dtype=bool)
        codes = coded.indices.to_numpy()
        rows = np.flatnonzero(places >= 0)
        rows = rows[known[codes[rows]] & (words[places[rows]] == "-")]
        # Written from the last row on, so that of several the first stays.
        words[places[rows[::-1]]] = np.array(coded.dictionary.to_pylist(), dtype=object)[codes[rows[::-1]]]
    return words if (words != "-").any() else None


def matched(found: "pa.Array", wanted: "pa.Array") -> int:
    """Return how many of some ids are among the wanted ones."""
    return int((places_of(found, wanted)[0] >= 0).sum())


def places_of(found: "pa.Array", wanted: "pa.Array") -> tuple[NDArray[np.intp], str]:
    """Return where each id stands among the wanted ones (-1: nowhere), and in words how they were matched.

    An id that is there as it is written counts as that one. Those that are left are spelt ever more loosely, and
    matched where the spelling stands for one id on either side: otherwise two clips would be one.

    Parameters
    ----------
    found : Array of text [shape=(rows,)]
        An id may be repeated.
    wanted : Array of text [shape=(n,)]
        Each once.
    """
    if found.equals(wanted):
        return np.arange(len(wanted)), _EXACTLY
    coded = found.dictionary_encode()
    theirs, ours = coded.dictionary, wanted
    places, free = _index(theirs, ours), np.ones(len(wanted), dtype=bool)
    free[places[places >= 0]] = False
    used = Counter({_EXACTLY: int((places >= 0).sum())})
    for name, loosened in _LEVELS:
        if not free.any() or (places >= 0).all():
            break
        before = theirs, ours
        theirs, ours = loosened(theirs), loosened(ours)
        if theirs.equals(before[0]) and ours.equals(before[1]):
            continue
        rest, left = np.flatnonzero((places < 0) & _lone(theirs)), np.flatnonzero(free & _lone(ours))
        at = _index(theirs.take(rest), ours.take(left))
        rest, at = rest[at >= 0], left[at[at >= 0]]
        places[rest], free[at] = at, False
        used[name] += len(rest)
    words = [f"{name} ({n:,})" if n < used.total() else name for name, n in used.items() if n]
    return places[coded.indices.to_numpy()], ", ".join(words) or _EXACTLY


def _lone(ids: "pa.Array") -> NDArray[np.bool_]:
    """Return which ids stand there once."""
    codes = ids.dictionary_encode().indices.to_numpy()
    return np.asarray(np.bincount(codes)[codes] == 1)


def _index(found: "pa.Array", wanted: "pa.Array") -> NDArray[np.intp]:
    import pyarrow.compute as pc

    places = pc.fill_null(pc.index_in(found, value_set=wanted), -1)
    return places.to_numpy(zero_copy_only=False).astype(np.intp)


def _trimmed(ids: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(ids)


@cache
def _suffix_pattern() -> str:
    """Return the pattern of an audio file's suffix at the end of a name."""
    from core.audio.suffixes import AUDIO_SUFFIXES

    return "(?i)(" + "|".join(re.escape(suffix) for suffix in sorted(AUDIO_SUFFIXES)) + ")$"


def _without_suffix(ids: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.replace_substring_regex(ids, _suffix_pattern(), "")


def _without_folder(ids: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.replace_substring_regex(ids, r"^.*[/\\]", "")


def _in_lower_case(ids: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.utf8_lower(ids)


# Each loosens what the one before it left.
_LEVELS: tuple[tuple[str, Callable[["pa.Array"], "pa.Array"]], ...] = (
    (_EXACTLY, _trimmed),
    ("without suffix", _without_suffix),
    ("without folder and suffix", _without_folder),
    ("without folder and suffix, in lower case", _in_lower_case),
)
