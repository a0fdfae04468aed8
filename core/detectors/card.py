"""The card of a checkpoint: what it is, what it was trained on, how well it does, where it fails."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator

from core.analysis.calibration import Calibration
from core.analysis.verdict import Decision

__all__ = ["HELD_OUT", "Card", "Localisation", "Polarity", "Training"]

#: Under which name ``metrics`` holds the figures of out-of-fold scores, the rows of ``core.analysis.held_out``.
HELD_OUT = "held-out pages"


class Training(BaseModel):
    """What a detector was trained on.

    ``systems`` are the spoofing systems it saw in training: an attack outside them is unseen. ``hours`` of speech;
    clips by ``datasets`` and ``licences``, as the manifest names them. ``pages`` are the published pages that its
    clips stand on, and those that its teachers were trained on; None where that was not written down.
    ``initial_weights`` are those that it started from, ``earlier_weights`` those that these had started from in turn.
    ``pseudo_labels`` are the records of clips that other detectors labelled (``core.predictions.pseudo``).
    """

    model_config = ConfigDict(extra="forbid")
    corpus: str
    corpus_digest: str
    split: str = "train"
    n_bonafide: int
    n_spoof: int
    systems: list[str] = []
    pages: list[str] | None = None
    hours: float | None = None
    datasets: dict[str, int] = {}
    licences: dict[str, int] = {}
    initial_weights: str = "random"
    earlier_weights: list[str] = []
    recipe: dict[str, Any] = {}
    steps: int = 0
    minutes: float = 0.0
    pseudo_labels: list[dict[str, Any]] = []


class Polarity(BaseModel):
    """How it was settled that a higher score means more bona fide."""

    model_config = ConfigDict(extra="forbid")
    sign: Literal[1, -1] = 1
    how: str
    dev_auc: float | None = None


class Localisation(BaseModel):
    """How a detector's cells become P(spoof) over time, and by which rule segments are marked.

    The mean over the bands is smoothed over ``smooth_s`` seconds; ``slope`` and ``intercept`` make it a log-likelihood
    ratio (natural logarithm, higher = more bona fide). A segment begins where that falls below ``mark_below`` and lasts
    as long as it stays below ``keep_below``; segments parted by at most ``gap_s`` seconds are one, and one that is
    shorter than ``shortest_s`` is none. A marked segment whose mean is below ``verdict_below`` makes a clip *probably
    spoofed in part*; ``false_mark_rate`` is the share of bona fide clips that have one, and ``counted_s`` their
    mean length, since a longer recording has more chances of one.

    ``basis`` is what all this was fitted on; ``figures`` are rows of what was measured with it, each with the clips it
    was measured on.
    """

    model_config = ConfigDict(extra="forbid")
    slope: float = Field(gt=0)
    intercept: float
    smooth_s: float = Field(ge=0)
    mark_below: float
    keep_below: float
    shortest_s: float = Field(ge=0)
    gap_s: float = Field(ge=0)
    verdict_below: float | None = None
    false_mark_rate: float | None = None
    counted_s: float | None = Field(default=None, gt=0)
    basis: str
    figures: list[dict[str, Any]] = []


class Card(BaseModel):
    """The facts of a checkpoint; stored as ``card.json`` beside the weights.

    ``borrowed`` names the checkpoints that hold some of its weights, and their digests.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    format: Literal[1] = 1
    name: str
    architecture: str
    hyperparameters: dict[str, Any] = {}
    frontend: dict[str, Any] = {}
    summary: str = ""
    embedding_dim: int = 0
    parameters: int = 0
    calibration: Calibration | None = None
    decision: Decision = Field(default_factory=Decision)
    localisation: Localisation | None = None
    polarity: Polarity
    training: Training | None = None
    metrics: dict[str, list[dict[str, Any]]] = {}
    limits: list[str] = []
    precision: Literal["float32", "float16"] = "float32"
    size_bytes: int = 0
    sha256: str = ""
    borrowed: dict[str, str] = {}
    versions: dict[str, str] = {}
    licence: str = ""

    @field_validator("calibration", mode="before")
    @classmethod
    def _read_calibration(cls, value: object) -> object:
        return Calibration(**value) if isinstance(value, dict) else value

    @field_serializer("calibration")
    def _write_calibration(self, value: Calibration | None) -> dict[str, float] | None:
        return None if value is None else {"slope": value.slope, "intercept": value.intercept}
