"""What a part of a run is made from, as digests: one of the clips, one of the detector, one of both."""

from typing import TYPE_CHECKING, Any

from core.analysis.calibration import Calibration
from core.detectors.card import Card
from core.detectors.detector import SCORING
from core.errors import ResultsError
from core.files import sha256_json

if TYPE_CHECKING:
    from core.corpus.table import Corpus

__all__ = ["clips_key", "detector_digest", "detector_facts", "part_key"]


def detector_digest(card: Card) -> str:
    """Return the SHA-256 of all that decides a detector's raw outputs.

    Neither its name nor its calibration is among it: a rename or another calibration needs no new scores.

    Raises
    ------
    ResultsError
        When the detector was never saved, so that its weights have no digest.
    """
    if not card.sha256:
        raise ResultsError(f"The weights of {card.name} have no digest: save it as a checkpoint before it is scored.")
    return sha256_json({
        "architecture": card.architecture, "hyperparameters": card.hyperparameters, "weights": card.sha256,
        "scoring": SCORING,
    })  # fmt: skip


def clips_key(corpus: "Corpus", *, split: str | None) -> str:
    """Return the SHA-256 of which clips of which corpus are meant, whatever their order.

    A clip is known by its path and its digest; where the manifest has none, by size and time of its file, so that
    another recording in its place is another clip.
    """
    clips = {"corpus": corpus.digest, "split": split, "paths": sorted(set(corpus.frame["path"]))}
    undigested = sorted(set(corpus.frame.loc[corpus.frame["sha256"].isin(["", "-"]), "path"]))
    states = [(corpus.root / path).stat() for path in undigested]
    files = [[path, state.st_size, state.st_mtime_ns] for path, state in zip(undigested, states, strict=True)]
    return sha256_json(clips | ({"files": files} if files else {}))


def part_key(clips: str, card: Card) -> str:
    """Return the SHA-256 of these clips as this detector scores them."""
    return sha256_json({"clips": clips, "detector": detector_digest(card)})


def detector_facts(card: Card) -> dict[str, Any]:
    """Return what a run keeps of a detector, as plain JSON values: what it is, and how its outputs are read."""
    calibration = card.calibration or Calibration(slope=1.0, intercept=0.0)
    return {
        "digest": detector_digest(card), "architecture": card.architecture, "weights_sha256": card.sha256,
        "calibration": calibration.to_json(), "calibrated": card.calibration is not None,
        "decision": card.decision.model_dump(mode="json"),
        "seen_systems": list(card.training.systems) if card.training else None,
    }  # fmt: skip
