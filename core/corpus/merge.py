"""The recordings that several corpora share: each is kept once."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

__all__ = ["repeats"]


class _Place(NamedTuple):
    corpus: int
    row: int
    label: str
    split: str


def repeats(frames: Sequence[pd.DataFrame], names: Sequence[str]) -> list[dict[int, str]]:
    """Return for each corpus the rows that another one holds too and that are to be left out, with the reason.

    The later row is left out, whatever its split: a recording of one corpus' ``eval`` must not be another's ``train``.
    Where the labels differ nobody knows which is right, and both are. Repeats within one corpus are the audit's matter.

    Parameters
    ----------
    frames : sequence of DataFrame
        Columns ``path`` (from one folder for all), ``label``, ``split`` and ``sha256``; the index is the row's number
        in its manifest, first = 0.
    names : sequence of str
        Of the manifests.
    """
    faults: list[dict[int, str]] = [{} for _ in frames]
    earlier: dict[str, _Place] = {}
    for number, frame in enumerate(frames):
        own: dict[str, _Place] = {}
        columns = (frame[name] for name in ("label", "split", "path", "sha256"))
        for row, label, split, *keys in zip(frame.index, *columns, strict=True):
            known = [key for key in keys if key not in {"", "-"}]
            place = _Place(number, row, label, split)
            if first := next((earlier[key] for key in known if key in earlier), None):
                faults[number][row] = _reason(first, label, names)
                if first.label != label:
                    faults[first.corpus][first.row] = _reason(place, first.label, names)
            own.update((key, place) for key in known if key not in own)
        earlier = {**own, **earlier}
    return faults


def _reason(other: _Place, label: str, names: Sequence[str]) -> str:
    where = f"row {other.row + 1} of {names[other.corpus]} ({other.split}"
    if other.label == label:
        return f"the same recording stands in {where})"
    return f"the same recording stands under the other label in {where}, {other.label})"
