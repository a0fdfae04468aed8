"""A file of predictions as it was read: ids, scores, and whatever labels stand beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import first_few
from core.analysis.verdict import Decision
from core.errors import PredictionsError
from core.predictions.columns import Columns, corrected, guess, label_codes, numbers, votes_in_words
from core.predictions.reader import read_raw

if TYPE_CHECKING:
    import pyarrow as pa

    from core.predictions.reader import Raw

__all__ = ["Predictions", "named_rows", "predictions_of", "read_predictions", "text_of"]

_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Predictions:
    """One detector's scores as a file gives them.

    Attributes
    ----------
    name : str
    source : str
        The file, or the run's folder.
    format : str
    columns : Columns
    ids : Array of text [shape=(n,)]
    scores : ndarray [shape=(n,), float64]
        As they stand in the file: which way they point is settled later. NaN where the cell is no number. Votes in
        words are 1 for bona fide and 0 for spoof.
    labels : ndarray of int8 [shape=(n,)], optional
        1 bona fide, 0 spoof, -1 neither.
    attacks, groups : Array of text [shape=(n,)], optional
    unreadable : int
        Cells of the score column that are no number (and not ``nan`` either).
    in_words : bool
        Whether the scores are votes in words, which state themselves what they mean.
    decision : Decision, optional
        Of a run's detector: its thresholds. Its scores are higher for bona fide speech, as all of a run's are.
    notes : tuple of str
    """

    name: str
    source: str
    format: str
    columns: Columns
    ids: "pa.Array"
    scores: NDArray[np.float64]
    labels: NDArray[np.int8] | None = None
    attacks: "pa.Array | None" = None
    groups: "pa.Array | None" = None
    unreadable: int = 0
    in_words: bool = False
    decision: Decision | None = None
    notes: tuple[str, ...] = ()


def read_predictions(path: Path | str, *, name: str = "", columns: Mapping[str, str] | None = None) -> Predictions:
    """Read a file of predictions of any known format.

    Parameters
    ----------
    path : Path or str
    name : str
        What the detector is called; by default as the file, without its suffix.
    columns : mapping of str to str, optional
        Corrects what was guessed: ``id``, ``score``, ``label``, ``attack`` or ``group`` to the name of a column, and
        ``bonafide`` to the label's value for bona fide.

    Raises
    ------
    PredictionsError
        When it cannot be read, or has no ids or no scores.
    """
    return predictions_of(*read_raw(path), path, name=name, columns=columns)


def predictions_of(
    title: str, raw: "Raw", path: Path | str, *, name: str = "", columns: Mapping[str, str] | None = None
) -> Predictions:
    """Return the predictions in a file that was read, as ``read_predictions`` does; ``title`` names its format."""
    chosen = corrected(guess(raw), columns or {}, raw, str(path))
    if chosen.id is None or chosen.score is None:
        lacking = "ids" if chosen.id is None else "scores"
        raise PredictionsError(
            f"{path} seems to have no {lacking}; its columns are: {', '.join(raw.columns)}. Name them, as in "
            "id=COLUMN,score=COLUMN; a score is a number, or a vote in words (bonafide, spoof)."
        )
    scores, unreadable, in_words = _scores(raw.columns[chosen.score])
    if np.isnan(scores).all():
        raise PredictionsError(f"{path}: no cell of {chosen.score} is a number. Name the column of the scores.")
    labels = None if chosen.label is None else label_codes(raw.columns[chosen.label], chosen.bonafide)
    read = Predictions(
        name=name or Path(path).stem, source=str(path), format=title, columns=chosen,
        ids=text_of(raw.columns[chosen.id]), scores=scores, unreadable=unreadable, in_words=in_words,
        labels=labels if labels is not None and (labels >= 0).any() else None,
        attacks=None if chosen.attack is None else text_of(raw.columns[chosen.attack]),
        groups=None if chosen.group is None else text_of(raw.columns[chosen.group]),
        notes=(*raw.notes, *_notes(chosen, labels)),
    )  # fmt: skip
    return named_rows(read)


def named_rows(read: Predictions) -> Predictions:
    """Return the rows that name a clip, with a note of how many do not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    named = pc.not_equal(pc.utf8_trim_whitespace(read.ids), "")
    if (n := len(named) - named.true_count) == 0:
        return read
    at = named.to_numpy(zero_copy_only=False)
    columns: dict[str, Any] = {
        name: column.filter(named) if isinstance(column, pa.Array) else column[at]
        for name in ("ids", "scores", "labels", "attacks", "groups") if (column := getattr(read, name)) is not None
    }  # fmt: skip
    note = "1 row has no id and is left out" if n == 1 else f"{n:,} rows have no id and are left out"
    return replace(read, **columns, notes=(*read.notes, note))


def _scores(column: "pa.Array | pa.ChunkedArray") -> tuple[NDArray[np.float64], int, bool]:
    votes = votes_in_words(column)
    if votes is not None:
        return votes, int(np.isnan(votes).sum()), True
    return *numbers(column), False


def text_of(column: "pa.Array | pa.ChunkedArray") -> "pa.Array":
    """Return a column as one array of text; whole numbers are written without a point."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        exact = pc.and_(pc.equal(column, pc.floor(column)), pc.less_equal(pc.abs(column), 2.0**53))
        whole = pc.all(exact, min_count=0).as_py()
        column = pc.cast(column, pa.int64()) if whole else column
    text = pc.fill_null(pc.cast(column, pa.string()), "")
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _notes(columns: Columns, labels: NDArray[np.int8] | None) -> list[str]:
    notes = []
    if columns.others:
        shown = first_few(columns.others, _SHOWN)
        notes.append(f"score taken from {columns.score}; other columns of numbers: {shown}")
    if labels is not None and not (labels >= 0).any():
        notes.append(
            f"the labels in {columns.label} are not used: they are no words for bona fide and spoof; name the value "
            "that stands for bona fide, as in bonafide=1"
        )
    return notes
