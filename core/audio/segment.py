"""Windows: how a clip of any length is covered by pieces that a detector takes, and put together again.

Long stretches of digital silence are taken out first: nobody spoke there, and a detector would score the silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

if TYPE_CHECKING:
    import torch

__all__ = ["SILENCE_S", "Sound", "cut_windows", "fit_length", "overlap_mean", "window_spans"]

SILENCE_S = 0.5
"""Digital silence that lasts longer than this does not count."""

# -100 dBFS, a third of the smallest step of 16-bit samples: no microphone is that quiet from sample to sample.
_STILL = 1e-5

# Samples that are compared at once: of an hour no second copy is made.
_BLOCK = 1 << 20

# Where a tone above 8 kHz begins and ends, resampling leaves a click.
_LEAST_S = 0.05

Samples = TypeVar("Samples", NDArray[np.float32], "torch.Tensor")


@dataclass(frozen=True)
class Sound:
    """A clip without its long stretches of digital silence.

    A clip without such a stretch is left as it is; so is one that is silent throughout.

    Attributes
    ----------
    waveform : ndarray [shape=(m,), float32]
        What is left, joined.
    stretches : tuple of (int, int)
        The (start, stop) samples of the clip that were kept, in order.
    n_samples : int
        Of the whole clip.
    """

    waveform: NDArray[np.float32]
    stretches: tuple[tuple[int, int], ...]
    n_samples: int

    @classmethod
    def of(cls, waveform: NDArray[np.float32]) -> "Sound":
        """Take the long stretches of digital silence out of a waveform [shape=(n,)]."""
        n = len(waveform)
        stretches = _sounding(waveform) or ((0, n),)
        if stretches == ((0, n),):
            return cls(waveform, stretches, n)
        return cls(np.concatenate([waveform[start:stop] for start, stop in stretches]), stretches, n)

    @property
    def silent(self) -> bool:
        """Whether the clip is still throughout, but for what is too short to be a recording."""
        return len(self.waveform) < _LEAST_S * SAMPLE_RATE or bool(_still(self.waveform).all())

    @property
    def silent_s(self) -> float:
        """Seconds of the clip that were taken out."""
        return (self.n_samples - len(self.waveform)) / SAMPLE_RATE

    @cached_property
    def _joints(self) -> NDArray[np.int64]:
        """Where each stretch ends in the sound."""
        return np.cumsum([stop - start for start, stop in self.stretches])

    def in_clip(self, start: int, stop: int) -> tuple[int, int]:
        """Return the samples of the clip from which samples of the sound come; silence between is spanned."""
        return self._sample(start), self._sample(stop - 1) + 1

    def _sample(self, at: int) -> int:
        stretch = int(np.searchsorted(self._joints, at, side="right"))
        return self.stretches[stretch][1] - (int(self._joints[stretch]) - at)

    def clip_frames(self, hop: int) -> NDArray[np.int64]:
        """Return for each frame of the sound, one every ``hop`` samples, the clip's frame that it lies on."""
        frames = np.arange(1 + len(self.waveform) // hop)
        if len(self.stretches) == 1 and self.stretches[0] == (0, self.n_samples):
            return frames
        last, last_frame = len(self.waveform) - 1, self.n_samples // hop
        found = (round(self._sample(min(int(frame) * hop, last)) / hop) for frame in frames)
        return np.array([min(frame, last_frame) for frame in found])


def _sounding(waveform: NDArray[np.float32]) -> tuple[tuple[int, int], ...]:
    """Return the stretches between long runs of equal samples; none where the whole waveform is still."""
    n = len(waveform)
    still = _still(waveform)
    if still.all():
        return ()
    # Where runs of changeless steps begin and end: there are few, also in an hour of 57 million samples.
    borders = np.flatnonzero(np.diff(still, prepend=False, append=False))
    starts, stops = borders[::2], borders[1::2] + 1
    long = stops - starts > SILENCE_S * SAMPLE_RATE
    edges = [0, *(int(edge) for pair in zip(starts[long], stops[long], strict=True) for edge in pair), n]
    return tuple((start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if stop > start)


def _still(waveform: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return whether each sample but the last is followed by the same value."""
    still = np.empty(max(len(waveform) - 1, 0), dtype=bool)
    for start in range(0, len(still), _BLOCK):
        change = np.diff(waveform[start : start + _BLOCK + 1])
        still[start : start + _BLOCK] = np.abs(change, out=change) <= _STILL
    return still


def window_spans(n_samples: int, *, window: int, hop: int) -> list[tuple[int, int]]:
    """Return the (start, stop) sample pairs of the windows that cover a clip.

    Windows start every ``hop`` samples; the last one is moved back to end with the clip, so that every
    sample is covered and none is invented. A clip no longer than a window is one span.

    Parameters
    ----------
    n_samples : int
        Length of the clip in samples, at least 1.
    window, hop : int
        Length of a window and distance between starts, in samples, ``0 < hop <= window``.
    """
    if not 0 < hop <= window:
        raise ValueError(f"hop must lie in 1..{window} samples, not {hop}.")
    if n_samples <= window:
        return [(0, n_samples)]
    starts = list(range(0, n_samples - window, hop))
    return [(start, start + window) for start in [*starts, n_samples - window]]


def fit_length(waveform: Samples, length: int) -> Samples:
    """Return the first ``length`` samples of the last axis; a shorter waveform is repeated until it fills them.

    On a tensor this is differentiable.
    """
    n = waveform.shape[-1]
    return waveform[..., :length] if n >= length else waveform[..., np.arange(length) % n]


def cut_windows(
    waveform: NDArray[np.float32], *, window: int, hop: int
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """Cut a waveform into windows.

    Returns
    -------
    windows : ndarray [shape=(n_windows, window), float32]
        The pieces; a clip shorter than a window is repeated to fill it.
    spans : list of (int, int)
        The samples of the clip that each window covers.
    """
    spans = window_spans(len(waveform), window=window, hop=hop)
    pieces = [fit_length(waveform[start:stop], window) for start, stop in spans]
    return np.stack(pieces).astype(np.float32, copy=False), spans


def overlap_mean(parts: Sequence[NDArray[np.floating]], firsts: Sequence[int], length: int) -> NDArray[np.float64]:
    """Put the windows' images together; where windows overlap, their mean.

    Parameters
    ----------
    parts : sequence of ndarray [shape=(..., n_i)]
        One a window, frame by frame; what reaches past the end is cut off.
    firsts : sequence of int
        The frame at which each begins.
    length : int
        Frames in all.

    Returns
    -------
    ndarray [shape=(..., length)]
        Zero where no window lies.
    """
    total = np.zeros((*parts[0].shape[:-1], length))
    covered = np.zeros(length)
    for part, first in zip(parts, firsts, strict=True):
        count = min(part.shape[-1], length - first)
        total[..., first : first + count] += part[..., :count]
        covered[first : first + count] += 1
    return np.asarray(total / np.maximum(covered, 1))
