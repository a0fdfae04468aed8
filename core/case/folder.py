"""The files of one recording within a case, as the report reads them."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.case.archive import FOLDER
from core.case.arrays import read_npz

__all__ = ["Folder", "folders", "shared_json"]


@dataclass(frozen=True)
class Folder:
    """The files of one recording.

    Attributes
    ----------
    number : int
        From 1.
    entries : mapping of str to bytes
        Of the whole case.
    """

    number: int
    entries: Mapping[str, bytes]

    @property
    def label(self) -> str:
        """What it is called within the case: ``01``."""
        return f"{self.number:02}"

    @property
    def prefix(self) -> str:
        """What the names of its files begin with."""
        return f"{FOLDER}{self.label}/"

    def has(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        return self.prefix + name in self.entries

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return self.entries[self.prefix + name]

    def json(self, name: str) -> Any:
        """Return a JSON file's value."""
        return json.loads(self.read(name))

    def table(self, name: str) -> NDArray[np.float64]:
        """Return a table of numbers [shape=(rows, columns)], without its head; an empty cell is NaN."""
        rows = list(csv.reader(io.StringIO(self.read(name).decode())))
        return np.array([[float(cell or "nan") for cell in row] for row in rows[1:]]).reshape(-1, len(rows[0]))

    @cached_property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Spectrogram, map and level over time."""
        return read_npz(self.read("map.npz"))

    @cached_property
    def duration_s(self) -> float:
        """Seconds that were scored or are silent."""
        return float(self.json("recording.json")["samples"]) / SAMPLE_RATE

    @property
    def own(self) -> dict[str, bytes]:
        """Its files by their names within its folder."""
        start = len(self.prefix)
        return {name[start:]: content for name, content in self.entries.items() if name.startswith(self.prefix)}


def folders(entries: Mapping[str, bytes]) -> Iterator[Folder]:
    """Yield the recordings of a case, in its order."""
    number = 1
    while Folder(number, entries).has("recording.json"):
        yield Folder(number, entries)
        number += 1


def shared_json(entries: Mapping[str, bytes], name: str) -> Any:
    """Return the value of a JSON file that all recordings of a case share."""
    return json.loads(entries[FOLDER + name])
