"""Scoring many clips: the next are decoded while the present one is scored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from core.audio.clip import Clip
from core.audio.decode_ahead import decode_ahead
from core.detectors.detector import ClipScore, Detector
from core.errors import AudioError
from core.threads import side_by_side

__all__ = ["score_clips"]

Key = TypeVar("Key")
Keep = Callable[[Key, Clip, Detector, ClipScore], None]


def score_clips(
    files: Iterable[tuple[Key, Path]], detectors: Sequence[Detector] | Callable[[Key], Sequence[Detector]], *,
    keep: Keep[Key] | None = None,
) -> Iterator[tuple[Key, Clip | AudioError, dict[str, ClipScore]]]:  # fmt: skip
    """Decode recordings ahead, score each with detectors side by side, and yield it.

    Parameters
    ----------
    files : iterable of (key, Path)
        Keys are the caller's; they come back with the scores.
    detectors : sequence of Detector, or callable
        The same for every clip, or a function from key to detectors.
    keep : callable, optional
        Called with key, clip, detector and score as soon as a detector is done, in the thread that scored: so that a
        detector that fails loses nothing of the others.

    Yields
    ------
    key
    clip : Clip or AudioError
        The clip, or the reason why there is none.
    scores : dict of str to ClipScore
        By the detector's name; empty where there is no clip.
    """
    for key, clip in decode_ahead(files):
        if isinstance(clip, AudioError):
            yield key, clip, {}
            continue
        chosen = detectors(key) if callable(detectors) else detectors
        scores = {}
        for detector, score in zip(chosen, side_by_side(partial(_score, key, clip, keep), chosen), strict=True):
            if isinstance(score, BaseException):
                raise score
            scores[detector.name] = score
        yield key, clip, scores


def _score(key: Key, clip: Clip, keep: Keep[Key] | None, detector: Detector) -> ClipScore | BaseException:
    # A failure is raised when all have ended: no score is lost that another thread was about to keep.
    try:
        score = detector.score(clip.waveform)
        if keep is not None:
            keep(key, clip, detector, score)
    except BaseException as error:  # noqa: BLE001 - score_clips raises it
        return error
    return score
