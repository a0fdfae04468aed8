"""A file that a person brings: predictions or labels, what its columns are taken for, or why it cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import PredictionsError
from core.predictions.columns import Columns, corrected, guess
from core.predictions.predictions import Predictions, predictions_of, text_of
from core.predictions.reader import Raw, read_raw

__all__ = ["Brought", "Role", "bring"]

Role = Literal["scores", "labels"]
# Numbers of a manifest that are of the recording and not of a detector.
_OF_RECORDINGS = {"seconds", "duration", "duration_s", "length", "samples", "sample_rate", "sr", "age"}
_FEW_LABELS = 8


@dataclass(frozen=True, eq=False)
class Brought:
    """A file as it was read.

    Attributes
    ----------
    path : Path
    title : str
        The file's own name: where it lies on the machine that reads it is nobody's business.
    name : str
        What its detector is called.
    role : {'scores', 'labels'}
        A detector's predictions, or the labels of clips (a protocol, a key, a manifest).
    columns : Columns
    cells : mapping of str to str
        The columns that there are, each with its first cell.
    given : mapping of str to str
        Columns that a person named.
    predictions : Predictions, optional
        Of a file of scores.
    labels : tuple of str
        Values of its column of labels, where they are few.
    raw : Raw, optional
        Of a file of labels: which of its columns holds the ids is seen from the scores beside it.
    format : str
    wrong : str
        Why the file cannot be used, and what to do; empty where it can.
    """

    path: Path
    title: str
    name: str
    role: Role = "scores"
    columns: Columns = Columns()  # noqa: RUF009
    cells: Mapping[str, str] | None = None
    given: Mapping[str, str] | None = None
    predictions: Predictions | None = None
    labels: tuple[str, ...] = ()
    raw: Raw | None = None
    format: str = ""
    wrong: str = ""


def bring(
    path: Path, *, title: str, name: str, given: Mapping[str, str] | None = None, role: Role | None = None
) -> Brought:
    """Read a file; one that cannot be read is returned too, with the reason.

    Parameters
    ----------
    path : Path
    title, name : str
    given : mapping of str to str, optional
        Columns that a person named, as ``read_predictions`` takes them.
    role : {'scores', 'labels'}, optional
        What it holds; without it, labels where it has words for two classes and no scores.
    """
    found = Brought(path, title, name, given=dict(given or {}))
    try:
        form, raw = read_raw(path)
        cells = {column: text_of(values.slice(0, 1))[0].as_py() for column, values in raw.columns.items()}
        found = replace(found, format=form, cells=cells, columns=guess(raw))
        found = replace(found, columns=corrected(found.columns, found.given or {}, raw, title))
        found = replace(found, role=role or _role(found.columns), labels=_values(raw, found.columns.label))
        if found.role == "labels":
            return replace(found, raw=raw)
        read = predictions_of(form, raw, path, name=name, columns=given)
        return replace(found, columns=read.columns, predictions=replace(read, source=title))
    except PredictionsError as error:
        return replace(found, wrong=str(error).replace(str(path), title))


def _values(raw: Raw, label: str | None) -> tuple[str, ...]:
    if label is None:
        return ()
    values = text_of(raw.columns[label].unique()).to_pylist()
    return tuple(values) if len(values) <= _FEW_LABELS else ()


def _role(columns: Columns) -> Role:
    if columns.label is None:
        return "scores"
    return "labels" if columns.score is None or columns.score.lower() in _OF_RECORDINGS else "scores"
