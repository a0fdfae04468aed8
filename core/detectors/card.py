"""The card of a checkpoint: what it is, what it was trained on, how well it does, where it fails."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator

from core.analysis.calibration import Calibration
from core.analysis.verdict import Decision

__all__ = ["HELD_OUT", "Card", "Polarity", "Training"]

#: Under which name ``metrics`` holds the figures of out-of-fold scores, the rows of ``core.analysis.held_out``.
HELD_OUT = "held-out pages"


class Training(BaseModel):
    """What a detector was trained on.

    ``systems`` are the spoofing systems it saw in training: an attack outside them is unseen. ``hours`` of speech;
    clips by ``datasets`` and ``licences``, as the manifest names them. ``pages`` are the published pages that its
    clips stand on; None where that was not written down.
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
    recipe: dict[str, Any] = {}
    steps: int = 0
    minutes: float = 0.0


class Polarity(BaseModel):
    """How it was settled that a higher score means more bona fide."""

    model_config = ConfigDict(extra="forbid")
    sign: Literal[1, -1] = 1
    how: str
    dev_auc: float | None = None


class Card(BaseModel):
    """The facts of a checkpoint; stored as ``card.json`` beside the weights."""

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
    polarity: Polarity
    training: Training | None = None
    metrics: dict[str, list[dict[str, Any]]] = {}
    limits: list[str] = []
    precision: Literal["float32", "float16"] = "float32"
    size_bytes: int = 0
    sha256: str = ""
    versions: dict[str, str] = {}
    licence: str = ""

    @field_validator("calibration", mode="before")
    @classmethod
    def _read_calibration(cls, value: object) -> object:
        return Calibration(**value) if isinstance(value, dict) else value

    @field_serializer("calibration")
    def _write_calibration(self, value: Calibration | None) -> dict[str, float] | None:
        return None if value is None else {"slope": value.slope, "intercept": value.intercept}
