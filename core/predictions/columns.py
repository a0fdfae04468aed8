"""Which column of a file is what: guessed by names and contents, shown, and corrected by a person."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.corpus.labels import BONAFIDE_WORDS, SPOOF_WORDS
from core.errors import PredictionsError

if TYPE_CHECKING:
    import pyarrow as pa

    from core.predictions.reader import Raw

__all__ = ["ID_NAMES", "Columns", "corrected", "guess", "label_codes", "number", "numbers", "votes_in_words"]

ID_NAMES = (
    "id", "ids", "utt", "utts", "utterance", "utt_id", "utterance_id", "trial", "trial_id", "filename", "file_name",
    "file", "files", "filepath", "file_path", "path", "paths", "audio", "audio_file", "audio_path", "clip", "name",
    "names", "wav", "sample",
)  # fmt: skip
_SCORE_NAMES = (
    "score", "scores", "cm_score", "llr", "logit", "logits", "prediction", "predictions", "pred", "preds", "output",
    "prob", "probs", "probability", "p_spoof", "p_fake", "p_bonafide", "vote", "votes", "confidence",
)  # fmt: skip
_LABEL_NAMES = ("label", "labels", "key", "class", "target", "cm_label", "ground_truth", "truth", "gt", "y_true", "y")
_ATTACK_NAMES = ("attack", "attacks", "system", "system_id", "attack_id", "generator")
_GROUP_NAMES = ("speaker", "speaker_id", "spk", "source")
_SAMPLE = 2000
_ROLES = ("id", "score", "label", "attack", "group")


@dataclass(frozen=True)
class Columns:
    """What each column of a file is taken for; None where there is none.

    Attributes
    ----------
    id, score, label, attack, group : str or None
        The clip's name, the detector's score, bonafide or spoof, the spoofing system, the speaker.
    bonafide : str or None
        Which value of the label column stands for bona fide, where that was given.
    others : tuple of str
        Columns of numbers that could have been the score.
    """

    id: str | None = None
    score: str | None = None
    label: str | None = None
    attack: str | None = None
    group: str | None = None
    bonafide: str | None = None
    others: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """As a line: ``id = column 1, score = column 4``."""
        return ", ".join(f"{role} = {name}" for role in _ROLES if (name := getattr(self, role)) is not None)


def guess(raw: "Raw") -> Columns:
    """Return what the columns of a file seem to be.

    A header's usual words come first; else the label is the column whose values are words for two classes, the score
    the last column of numbers, the id a column of text without repeats, and the attack one with few values. A column
    called ``prediction`` or ``vote`` that holds words for two classes is a score too, and never the label.
    """
    looks = {name: _Look.at(column) for name, column in raw.columns.items()}
    taken: dict[str, str] = {}
    for role, names in (("label", _LABEL_NAMES), ("id", ID_NAMES), ("score", _SCORE_NAMES),
                        ("attack", _ATTACK_NAMES), ("group", _GROUP_NAMES)):  # fmt: skip
        fits = [name for name in _named(raw, names) if name not in taken.values() and looks[name].may_be(role)]
        if fits:
            taken[role] = min(fits, key=lambda name: _rank(name, looks[name])) if role == "score" else fits[0]
    outputs = set(_named(raw, _SCORE_NAMES))
    for role in ("label", "score", "id", "attack", "group"):
        # What a detector puts out is no truth, although it is written with the same words, and no clip's number.
        free = {name: look for name, look in looks.items() if role not in ("label", "id") or name not in outputs}
        if role not in taken and (found := _by_content(role, free, taken)) is not None:
            taken[role] = found
    others = tuple(name for name, look in looks.items() if look.numeric and name not in taken.values())
    return Columns(**taken, others=others)


def corrected(columns: Columns, given: Mapping[str, str], raw: "Raw", where: str) -> Columns:
    """Return the columns with those that a person named; ``bonafide`` names a value of the label column.

    An empty name stands for no column.

    Raises
    ------
    PredictionsError
        When the file has no such column, or there is no such role.
    """
    for role, name in given.items():
        if role not in (*_ROLES, "bonafide"):
            raise PredictionsError(f"There is no column for {role!r}; there are: {', '.join((*_ROLES, 'bonafide'))}.")
        if role != "bonafide" and name and name not in raw.columns:
            raise PredictionsError(f"{where} has no column {name!r}; it has: {', '.join(raw.columns)}.")
    moved = {role: None for role in _ROLES if role not in given and getattr(columns, role) in given.values()}
    changed: dict[str, Any] = {**moved, **{role: name or None for role, name in given.items()}}
    if "score" in given:
        changed["others"] = ()
    return replace(columns, **changed)


def numbers(column: "pa.Array | pa.ChunkedArray") -> tuple[NDArray[np.float64], int]:
    """Return a column as numbers [shape=(n,)], NaN where a cell is none, and how many cells are none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        return _floats(column), int(column.null_count)
    try:
        found = pc.cast(pc.utf8_trim_whitespace(column), pa.float64())
        return _floats(found), int(found.null_count)
    except pa.ArrowInvalid:
        cells = column.to_pylist()
        values = np.array([_as_number(cell) for cell in cells], dtype=np.float64)
        written = sum((cell or "").strip().lower().lstrip("+-") == "nan" for cell in cells)
        return values, int(np.isnan(values).sum()) - written


def _floats(column: "pa.Array | pa.ChunkedArray") -> NDArray[np.float64]:
    import pyarrow as pa

    # An array with empty cells gives no view of itself; a chunked one takes no such word.
    given = {"zero_copy_only": False} if isinstance(column, pa.Array) else {}
    return np.asarray(column.to_numpy(**given), dtype=np.float64)


def votes_in_words(column: "pa.Array | pa.ChunkedArray") -> NDArray[np.float64] | None:
    """Return 1 for *bona fide*, 0 for *spoof*, NaN for an empty cell [shape=(n,)]; None where a column holds others."""
    import pyarrow as pa

    if pa.types.is_floating(column.type) or not _Look.at(column).labels:
        return None
    codes = label_codes(column)
    return np.where(codes < 0, np.nan, codes.astype(np.float64))


def label_codes(column: "pa.Array | pa.ChunkedArray", bonafide: str | None = None) -> NDArray[np.int8]:
    """Return 1 for bona fide, 0 for spoof and -1 for neither [shape=(n,)].

    Parameters
    ----------
    column : Array [shape=(n,)]
    bonafide : str, optional
        The value that stands for bona fide; then every other value stands for spoof. Without it the field's words are
        understood, and numbers are not: 1 is bona fide in some corpora and spoof in others.
    """
    import pyarrow as pa

    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
    coded = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    coded = coded.dictionary_encode()
    codes = np.array([_label(word, bonafide) for word in coded.dictionary.to_pylist()] + [-1], dtype=np.int8)
    places = coded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(codes[places])


def _label(word: str, bonafide: str | None) -> int:
    plain = word.strip().lower()
    if bonafide is not None:
        return int(plain == bonafide.strip().lower() or _same_number(plain, bonafide)) if plain else -1
    return 1 if plain in BONAFIDE_WORDS else 0 if plain in SPOOF_WORDS else -1


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _as_number(cell: str | None) -> float:
    try:
        return number(cell or "")
    except ValueError:
        return float("nan")


def number(cell: str) -> float:
    """Return the number in a cell: with a decimal comma, as spreadsheets of many countries write it, or in a hundred.

    Raises
    ------
    ValueError
        When it is no number.
    """
    return float(cell.strip().removesuffix("%").replace(",", "."))


@dataclass(frozen=True)
class _Look:
    """What a column's first values look like."""

    numeric: bool
    whole: bool
    labels: bool
    distinct: int
    n: int

    @classmethod
    def at(cls, column: "pa.Array | pa.ChunkedArray") -> "_Look":
        import pyarrow as pa

        sample = column.slice(0, _SAMPLE).to_pylist()
        if pa.types.is_floating(column.type):
            whole = all(cell is not None and float(cell).is_integer() for cell in sample)
            return cls(True, whole, False, len(set(sample)), len(sample))
        cells = [(cell or "").strip() for cell in sample]
        filled = [cell for cell in cells if cell]
        values = [_as_number(cell) for cell in filled]
        numeric = sum(value == value or cell.lower() == "nan" for value, cell in zip(values, filled, strict=True))
        words = {cell.lower() for cell in filled}
        return cls(
            numeric=bool(filled) and numeric > 0.5 * len(filled),
            whole=bool(filled) and all(value.is_integer() for value in values),
            labels=bool(words) and words <= BONAFIDE_WORDS | SPOOF_WORDS, distinct=len(words), n=len(sample),
        )  # fmt: skip

    def may_be(self, role: str) -> bool:
        if role == "score":
            return self.numeric or self.labels
        return not self.labels if role == "id" else True


def _rank(name: str, look: _Look) -> int:
    """Return which of several scores a column is: numbers, then votes in words, then how sure a vote is."""
    return 2 if name.strip().lower() == "confidence" else int(look.labels)


def _named(raw: "Raw", names: tuple[str, ...]) -> list[str]:
    plain = {name: re.sub(r"[\s\-]+", "_", name.strip().lower()) for name in raw.columns} if raw.headed else {}
    return [name for wanted in names for name, word in plain.items() if word == wanted]


def _by_content(role: str, looks: Mapping[str, _Look], taken: Mapping[str, str]) -> str | None:
    free = {name: look for name, look in looks.items() if name not in taken.values()}
    text = {name: look for name, look in free.items() if not look.numeric and not look.labels}
    found: list[str] = []
    if role == "label":
        found = [name for name, look in free.items() if look.labels]
    elif role == "score":
        # The last: scores stand behind what they are of.
        found = [name for name, look in free.items() if look.numeric][::-1]
    elif role == "id":
        # Clips may be numbered: then the first column of whole numbers is left.
        whole = [name for name, look in free.items() if look.whole]
        found = sorted(text, key=lambda name: -text[name].distinct) or whole
    elif role == "attack":
        found = [name for name, look in reversed(text.items()) if 1 < look.distinct < look.n]
    elif role == "group":
        found = [name for name, look in text.items() if 1 < look.distinct < look.n]
    return found[0] if found else None
