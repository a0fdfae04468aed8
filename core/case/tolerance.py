"""How far figures that are computed again may differ, and whether two files of figures differ by no more."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.case.arrays import read_npz
from core.case.raster import pixels
from core.errors import CaseError

__all__ = ["TOLERANCE", "Difference", "differences", "kind_of"]

#: Kind of figure to the largest difference that another machine's rounding may make, and what it is the limit of:
#: what was measured between engines, some twenty to two hundred times over (``docs/case.md``).
TOLERANCE: dict[str, tuple[float, str]] = {
    "score": (0.001, "log-likelihood ratios, raw outputs and changes of them"),
    "p_spoof": (0.0005, "probabilities and shares"),
    "seconds": (0.025, "starts, ends and lengths"),
    "map": (0.01, "cells of a map, of its largest cell"),
    "level": (1.0, "decibels of the spectrogram, and 1 in 60 of a picture's levels"),
}
_GREYS = 4
# Keys of texts that numbers are written in, rounded: there the last digit may be another.
_WRITTEN = {"note", "sentence", "shown", "text", "words"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Difference:
    """A figure or text that is not the same in two files.

    Attributes
    ----------
    where : str
        The way to it: ``detectors / localiser / score``.
    kept, found : object
        What the case holds, and what was computed.
    within : bool
        Whether they differ by no more than the tolerance.
    """

    where: str
    kept: object
    found: object
    within: bool

    @property
    def size(self) -> float:
        """How far apart they are; infinite where they are no numbers."""
        numbers = [one for one in (self.kept, self.found) if isinstance(one, float | int) and not isinstance(one, bool)]
        return abs(numbers[0] - numbers[1]) if len(numbers) == 2 else math.inf

    def __str__(self) -> str:
        return f"{self.where}: {_shown(self.kept)} in the case, {_shown(self.found)} now"


def differences(name: str, kept: bytes, found: bytes) -> list[Difference]:
    """Return where two files of one name differ; none where they hold the same.

    Raises
    ------
    CaseError
        When one of them cannot be read.
    """
    if kept == found:
        return []
    try:
        if name.endswith(".json"):
            return list(_values("", json.loads(kept), json.loads(found)))
        if name.endswith(".csv"):
            return list(_tables(kept.decode(), found.decode()))
        if name.endswith(".npz"):
            return list(_arrays(kept, found))
        if name.endswith(".png"):
            return list(_pictures(kept, found))
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{name} of the case cannot be read: {error}.") from error
    return [Difference(name, f"{len(kept):,} bytes", f"{len(found):,} other bytes", within=False)]


def _values(where: str, kept: Any, found: Any) -> Iterator[Difference]:
    if isinstance(kept, dict) and isinstance(found, dict):
        for key in [*kept, *(key for key in found if key not in kept)]:
            yield from _values(f"{where} / {key}" if where else str(key), kept.get(key), found.get(key))
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for place, (one, other) in enumerate(zip(kept, found, strict=True), 1):
            yield from _values(f"{where} {place}", one, other)
    elif kept != found:
        yield Difference(where, kept, found, _is_near(where, kept, found))


def _is_near(where: str, kept: Any, found: Any) -> bool:
    if isinstance(kept, str) and isinstance(found, str) and _word(where) in _WRITTEN:
        return _reads_near(kept, found)
    if not all(isinstance(one, float | int) and not isinstance(one, bool) for one in (kept, found)):
        return False
    return abs(kept - found) <= TOLERANCE[_kind(where)][0]


def _reads_near(kept: str, found: str) -> bool:
    """Return whether two texts differ by no more than one in the last digit of their numbers."""
    if _NUMBER.sub("#", kept) != _NUMBER.sub("#", found):
        return False
    for one, other in zip(_NUMBER.findall(kept), _NUMBER.findall(found), strict=True):
        digits, whole = (len(number.rpartition(".")[2]) if "." in number else 0 for number in (one, other))
        if digits != whole or abs(float(one) - float(other)) > 1.01 * 10.0**-digits:
            return False
    return True


def kind_of(name: str, difference: Difference) -> str:
    """Return the kind of figure that differs in a file: one of ``TOLERANCE``, ``picture``, or ``text``."""
    if name.endswith(".png"):
        return "picture"
    if not math.isfinite(difference.size):
        return "text"
    if name.endswith(".npz"):
        return "level" if difference.where.startswith("level_db") else "map"
    return _kind(difference.where)


def _kind(where: str) -> str:
    """Return the kind of a figure by the last word of the way to it."""
    word = _word(where)
    if word.endswith("_s"):
        return "seconds"
    return "p_spoof" if "p_spoof" in word or word.endswith("share") else "score"


def _word(where: str) -> str:
    return where.rsplit(" / ", 1)[-1].split(" ")[0]


def _tables(kept: str, found: str) -> Iterator[Difference]:
    one, other = (list(csv.reader(io.StringIO(text))) for text in (kept, found))
    if len(one) != len(other) or one[:1] != other[:1]:
        yield Difference("rows", len(one) - 1, len(other) - 1, within=False)
        return
    for place, (row, again) in enumerate(zip(one[1:], other[1:], strict=True), 1):
        for column, cell, now in zip(one[0], row, again, strict=True):
            if cell != now:
                yield _number(f"row {place} / {column}", cell, now)


def _number(where: str, kept: str, found: str) -> Difference:
    try:
        one, other = float(kept), float(found)
    except ValueError:
        return Difference(where, kept, found, within=False)
    return Difference(where, one, other, _is_near(where, one, other))


def _arrays(kept: bytes, found: bytes) -> Iterator[Difference]:
    one, other = read_npz(kept), read_npz(found)
    for name in [*one, *(name for name in other if name not in one)]:
        if name not in one or name not in other or one[name].shape != other[name].shape:
            yield Difference(name, _shape(one.get(name)), _shape(other.get(name)), within=False)
            continue
        largest = float(np.abs(one[name].astype(float) - other[name].astype(float)).max(initial=0))
        if largest:
            scale = float(np.abs(other[name].astype(float)).max()) if name == "largest" else 1.0
            limit = TOLERANCE["level" if name == "level_db" else "map"][0] * scale
            yield Difference(f"{name}, at most", 0.0, largest, within=largest <= limit)


def _shape(array: Any) -> str:
    return "nothing" if array is None else " x ".join(map(str, array.shape))


def _pictures(kept: bytes, found: bytes) -> Iterator[Difference]:
    one, other = pixels(kept), pixels(found)
    if one.shape != other.shape:
        yield Difference("size", _shape(one), _shape(other), within=False)
        return
    largest = int(np.abs(one.astype(int) - other.astype(int)).max(initial=0))
    if largest:
        yield Difference("levels, at most", 0, largest, within=largest <= _GREYS)


def _shown(value: object) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
