"""Whether a recording, or one that was made from it, was in a detector's training set: by fingerprints that ship."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.fingerprint import MOST_S, WORDS, Match, search, stream
from core.detectors.checkpoint import SHIPPED
from core.errors import CheckpointError
from core.files import write_bytes

if TYPE_CHECKING:
    from core.detectors.card import Card

__all__ = [
    "TRAINING_PRINTS", "Overlap", "TrainingPrints", "TrainingSet", "overlap_of", "read_prints", "shipped_prints",
    "write_prints",
]  # fmt: skip

TRAINING_PRINTS = SHIPPED / "fingerprints.safetensors"
_TENSOR, _SETS = "fingerprints", "sets"


@dataclass(frozen=True)
class TrainingSet:
    """Clips that networks were trained on.

    Attributes
    ----------
    digest : str
        Of the corpus, as cards name it.
    split : str
    clips : int
        In the split.
    prints : int
        The first so many fingerprints are theirs; clips that are too short have none.
    """

    digest: str
    split: str
    clips: int
    prints: int


@dataclass(frozen=True, eq=False)
class TrainingPrints:
    """Fingerprints of training sets, each a larger one than that before it.

    Attributes
    ----------
    known : ndarray [shape=(n, 10), uint32]
    sets : tuple of TrainingSet
    """

    known: NDArray[np.uint32]
    sets: tuple[TrainingSet, ...]

    def of(self, card: "Card") -> TrainingSet | None:
        """Return the training set that a card names; None where its fingerprints are not among these."""
        about = card.training
        return next(
            (each for each in self.sets if about and (each.digest, each.split) == (about.corpus_digest, about.split)),
            None,
        )

    def clips_of(self, cards: Iterable["Card"]) -> int:
        """Return how many of the fingerprints are of clips that one of these detectors was trained on."""
        return max((found.prints for card in cards if (found := self.of(card)) is not None), default=0)


@dataclass(frozen=True)
class Overlap:
    """What is known of a recording's part in training.

    Attributes
    ----------
    match : Match or None
        The nearest training clip; None where the recording is too short to tell.
    trained : tuple of str
        Detectors whose training set holds it.
    unknown : tuple of str
        Detectors whose training set has no fingerprints here.
    """

    match: Match | None
    trained: tuple[str, ...]
    unknown: tuple[str, ...]


def overlap_of(waveform: NDArray[np.float32], cards: Sequence["Card"], prints: TrainingPrints) -> Overlap:
    """Return which detectors a recording [shape=(n,), mono, 16 kHz] was, by its fingerprint, trained with."""
    theirs = {card.name: prints.of(card) for card in cards}
    unknown = tuple(name for name, found in theirs.items() if found is None)
    known = prints.known[: prints.clips_of(cards)]
    match = search(stream(waveform[: round(MOST_S * SAMPLE_RATE)]), known)
    if match is None or not match.is_known:
        return Overlap(match, (), unknown)
    trained = tuple(name for name, found in theirs.items() if found is not None and match.row < found.prints)
    return Overlap(match, trained, unknown)


def write_prints(path: Path, prints: TrainingPrints) -> None:
    """Write fingerprints and the sets that they are of."""
    from safetensors.numpy import save

    about = {_SETS: json.dumps([asdict(each) for each in prints.sets])}
    write_bytes(path, save({_TENSOR: np.ascontiguousarray(prints.known)}, metadata=about))


def read_prints(path: Path) -> TrainingPrints:
    """Read fingerprints.

    Raises
    ------
    CheckpointError
        When the file is damaged, or holds something else.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            known = file.get_tensor(_TENSOR)
            sets = tuple(TrainingSet(**each) for each in json.loads((file.metadata() or {})[_SETS]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} holds no fingerprints that can be read ({error}): restore it, or make it again "
            "(python -m trainers fingerprints)."
        ) from error
    if known.dtype != np.uint32 or known.ndim != 2 or known.shape[1] != WORDS:
        raise CheckpointError(f"{path} holds fingerprints of another form: make it again.")
    return TrainingPrints(known, sets)


@lru_cache(maxsize=1)
def shipped_prints() -> TrainingPrints | None:
    """Return the fingerprints that ship; None where there are none.

    Raises
    ------
    CheckpointError
        When they are damaged.
    """
    return read_prints(TRAINING_PRINTS) if TRAINING_PRINTS.is_file() else None
