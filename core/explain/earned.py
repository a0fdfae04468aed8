"""What maps earned in the lab: how often each method found evidence whose place was known, and so the default one."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.detectors.card import Card
from core.detectors.checkpoint import SHIPPED
from core.detectors.detector import Detector
from core.errors import ExplanationError

__all__ = [
    "DECIDING",
    "MAPS",
    "Earned",
    "Finding",
    "Maps",
    "earned",
    "earned_by",
    "map_sentence",
    "no_map_reason",
    "planted",
    "read_maps",
    "surely_found",
]  # fmt: skip

MAPS = SHIPPED / "maps.json"
#: The planted evidence by which a method becomes a detector's default.
DECIDING = "second"
_BAND = "band"


class Finding(BaseModel):
    """How well one method found one kind of planted evidence.

    Attributes
    ----------
    clips : int
        Clips that the evidence was planted into.
    hits : int
        Of them, those whose strongest cell lies in the planted place.
    unplanted_hits : int
        The same before anything was planted: by chance.
    mass : float
        Mean share of the positive attribution inside the place (relevance mass accuracy).
    factor, low, high : float
        That share by the place's share of the area: mean and 95 % interval. 1 is chance.
    unplanted_factor : float or None
        The same before anything was planted; None where no clip had any evidence for spoof then.
    gain_low : float or None
        Lower end of the interval of what the planting adds to the factor; None where that is not known.
    cpu_s : float
        CPU seconds a map.
    """

    model_config = ConfigDict(extra="forbid")
    clips: int
    hits: int
    unplanted_hits: int
    mass: float
    factor: float
    low: float
    high: float
    unplanted_factor: float | None = None
    gain_low: float | None = None
    cpu_s: float

    @property
    def beats_chance(self) -> bool:
        """Whether the factor's interval lies above 1, and above what the same place had before planting."""
        return self.low > 1 and (self.gain_low is None or self.gain_low > 0)


class Earned(BaseModel):
    """What the lab measured of one detector.

    Attributes
    ----------
    sha256 : str
        Digest of the weights that were measured.
    default : str or None
        The method that earned to be the detector's default; None where the best is at chance, or none was tried.
    reason : str
        Why there is none, as a sentence; empty otherwise.
    methods : dict of str to (dict of str to Finding)
        By method, then by the kind of planted evidence.
    """

    model_config = ConfigDict(extra="forbid")
    sha256: str
    default: str | None
    reason: str = ""
    methods: dict[str, dict[str, Finding]]


class Maps(BaseModel):
    """``checkpoints/maps.json``: what the lab measured of each detector."""

    model_config = ConfigDict(extra="forbid")
    format: Literal[1] = 1
    corpus: str = ""
    split: str = ""
    detectors: dict[str, Earned] = {}


def read_maps(path: Path | None = None) -> Maps:
    """Return what the lab measured; nothing where the file is missing.

    Parameters
    ----------
    path : Path, optional
        ``MAPS`` where none is given.

    Raises
    ------
    ExplanationError
        When the file is damaged.
    """
    path = MAPS if path is None else path
    try:
        return Maps(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Maps()
    except (ValidationError, ValueError, TypeError) as error:
        again = "write it again with python -m core explain-lab --ship, or remove it"
        raise ExplanationError(f"{path.name} does not hold what the lab measured: {again}. ({error})") from error


def earned(detector: Detector) -> Earned | None:
    """Return what the lab measured of a detector with these weights; None where it never measured them."""
    return earned_by(detector.card)


def earned_by(card: Card) -> Earned | None:
    """Return the same for the detector of a card, whose weights need not be loaded."""
    record = read_maps().detectors.get(card.name)
    return record if record is not None and record.sha256 == card.sha256 else None


def planted(detector: Detector, method: str) -> Finding | None:
    """Return how such maps found the planted second; None where the lab never tried them."""
    record = earned(detector)
    return record.methods.get(method, {}).get(DECIDING) if record is not None else None


def surely_found(detector: Detector, method: str) -> float:
    """Return by how many times chance such maps surely find what was planted: a second and a band, the lesser of both.

    The lower ends of the intervals; 0 where the lab never tried them.
    """
    record = earned(detector)
    of_kind = record.methods.get(method, {}) if record is not None else {}
    return min((of_kind[kind].low if kind in of_kind else 0.0) for kind in (DECIDING, _BAND))


def map_sentence(detector: Detector, method: str) -> str:
    """Return how often such maps found the planted second, as a sentence; empty where the lab never tried them."""
    found = planted(detector, method)
    if found is None:
        return ""
    return (
        f"This kind of map found the planted second in {found.hits} of {found.clips} clips; "
        f"unplanted it points there by chance in {found.unplanted_hits}."
    )


def no_map_reason(detector: Detector) -> str:
    """Return why a detector has no default method, and what to do; empty where it has one, or was never measured."""
    record = earned(detector)
    if record is None or record.default is not None:
        return ""
    tried = f": {', '.join(record.methods)}" if record.methods else ""
    return (
        f"{detector.name} shows no map by default: {record.reason} Choose a method to see one all the same "
        f"(--method on the command line){tried}."
    )
