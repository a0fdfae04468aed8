"""Labels from a protocol: a challenge's list of trials, a key, or a corpus' manifest."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.format import first_few
from core.errors import PredictionsError
from core.predictions.columns import Columns, corrected, guess, label_codes
from core.predictions.predictions import Predictions, named_rows, text_of
from core.predictions.reader import Raw, read_raw

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["protocol_of", "read_protocol"]

_LOOKED_AT, _SHOWN = 5000, 4


def read_protocol(
    path: Path | str, examples: "pa.Array", *, columns: Mapping[str, str] | None = None
) -> Predictions:
    """Read a protocol: which clips there are, and what each is.

    The column of ids is the one that holds most of the examples; the attack is the one that holds one value for all
    bona fide clips and several for spoofs. That reads the lists of ASVspoof 2019, 2021 and 5, and any table.

    Parameters
    ----------
    path : Path or str
    examples : Array of text [shape=(n,)]
        Ids of a file of scores.
    columns : mapping of str to str, optional
        Columns that a person named, as ``read_predictions`` takes them.

    Returns
    -------
    Predictions
        With no scores.

    Raises
    ------
    PredictionsError
        When it cannot be read, or has no column of labels or of ids.
    """
    return protocol_of(*read_raw(path), path, examples, given=columns)


def protocol_of(
    title: str, raw: Raw, path: Path | str, examples: "pa.Array", *, given: Mapping[str, str] | None = None
) -> Predictions:
    """Return the protocol in a file that was read, as ``read_protocol`` does.

    Parameters
    ----------
    title : str
        The format.
    raw : Raw
    path : Path or str
    examples : Array of text [shape=(n,)]
    given : mapping of str to str, optional
        Columns that a person named, as ``read_predictions`` takes them.
    """
    named = given or {}
    columns = corrected(guess(raw), named, raw, str(path))
    if columns.label is None:
        raise PredictionsError(
            f"{path} has no column of labels (bonafide, spoof); its columns are: {', '.join(raw.columns)}. Give a "
            "protocol or a key, or leave it out."
        )
    labels = label_codes(raw.columns[columns.label], columns.bonafide)
    if not (labels >= 0).any():
        raise PredictionsError(f"{path}: {_unknown(raw.columns[columns.label], columns.label)}")
    columns = replace(columns, id=named.get("id") or _ids(raw, columns, examples, path), score=None, others=())
    columns = replace(columns, attack=named.get("attack") or _attack(raw, columns, labels), group=None)
    columns = replace(columns, group=named.get("group") or _group(raw, columns))
    assert columns.id is not None
    ids = text_of(raw.columns[columns.id])
    attacks, groups = (
        None if name is None else text_of(raw.columns[name]) for name in (columns.attack, columns.group)
    )
    scores = np.full(len(ids), np.nan)
    read = Predictions(
        name=Path(path).stem, source=str(path), format=title, columns=columns, ids=ids, scores=scores, labels=labels,
        attacks=attacks, groups=groups, notes=raw.notes,
    )  # fmt: skip
    return named_rows(read)


def _unknown(column: "pa.Array | pa.ChunkedArray", name: str) -> str:
    values = text_of(column.unique()).to_pylist()
    return (
        f"no label in {name} is bonafide or spoof; it holds {first_few(values, _SHOWN)}. Name the value that "
        "stands for bona fide, among its columns on the page or by --columns NAME:bonafide=VALUE, or give a protocol "
        "or a key."
    )


def _ids(raw: Raw, columns: Columns, examples: "pa.Array", path: Path | str) -> str:
    from core.predictions.matching import matched

    sample = examples.slice(0, _LOOKED_AT)
    found = {name: matched(sample, text_of(column).unique()) for name, column in raw.columns.items()
             if name != columns.label}  # fmt: skip
    best = max(found, key=lambda name: found[name], default=None)
    if best is None or not found[best]:
        shown = ", ".join(examples.slice(0, 2).to_pylist())
        raise PredictionsError(
            f"{path} lists none of the clips that are scored (such as {shown}): give the protocol of the same clips."
        )
    return best


def _attack(raw: Raw, columns: Columns, labels: np.ndarray) -> str | None:
    """Return the column that has one value for bona fide clips and several for spoofs, of few."""
    if columns.attack is not None and raw.headed:
        return columns.attack
    best, most = None, 1
    for name, column in raw.columns.items():
        if name in (columns.id, columns.label):
            continue
        coded = text_of(column).dictionary_encode()
        codes = coded.indices.to_numpy(zero_copy_only=False)
        real, fake = np.unique(codes[labels == 1]), np.unique(codes[labels == 0])
        if len(real) <= 1 and most < len(fake) <= 1000 and not len(np.intersect1d(real, fake)):
            best, most = name, len(fake)
    return best


def _group(raw: Raw, columns: Columns) -> str | None:
    if raw.headed:
        return guess(raw).group
    for name, column in raw.columns.items():
        # Speakers stand before their clips in every list of the challenges.
        if name == columns.id:
            return None
        if name not in (columns.label, columns.attack) and 1 < len(text_of(column).unique()) < len(column) / 2:
            return name
    return None
