"""Levels of a recording: read once in bounded blocks, measured, and refused where the samples cannot be used."""

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.limits import Limits
from core.audio.source import Block, Refusal, Source

__all__ = ["Levels", "Measurement", "measure"]

# Decoded samples kept from the first pass, so that short files are read once: 32 MB of float32.
CACHED_VALUES = 8 << 20


class Levels:
    """Running peak, RMS of each channel and of their mean (offset removed), and what each gives to the mean."""

    def __init__(self, channels: int) -> None:
        self.frames = 0
        self.peak = 0.0
        self._origin = np.zeros(channels)
        # The last value is that of the mean of the channels.
        self._sum = np.zeros(channels + 1)
        self._products = np.zeros((channels + 1, channels + 1))

    def add(self, block: Block) -> None:
        """Count a block [frames, channels] in; its samples must be finite and of sane size."""
        if not len(block):
            return
        if self.frames == 0:
            # Sums about the first sample stay exact under a large offset.
            self._origin = block[0].copy()
        self.frames += len(block)
        self.peak = max(self.peak, float(block.max()), -float(block.min()))
        # Each channel in one piece: sums across narrow rows are several times slower.
        rows = np.empty((block.shape[1] + 1, len(block)))
        np.subtract(block.T, self._origin[:, np.newaxis], out=rows[:-1])
        if len(rows) == 2:
            # Of a single channel the mean is itself.
            self._sum += rows[0].sum()
            self._products += np.dot(rows[0], rows[0])
            return
        np.mean(rows[:-1], axis=0, out=rows[-1])
        self._sum += rows.sum(axis=1)
        self._products += rows @ rows.T

    def rms(self) -> NDArray[np.float64]:
        """Return the RMS about the mean: one value per channel, then that of the channels' mean."""
        frames = max(1, self.frames)
        return np.sqrt(np.maximum(np.diag(self._products) / frames - (self._sum / frames) ** 2, 0.0))

    def kept_by_mean(self) -> NDArray[np.float64]:
        """Return how much of each channel the sum of all keeps [shape=(channels,)].

        It is the slope of the sum on the channel: 1 where the others are unrelated to it, the number of
        channels where all agree, 0 where the others take it away. A silent channel has 1.
        """
        frames = max(1, self.frames)
        covariance = self._products[:-1, -1] / frames - self._sum[:-1] * self._sum[-1] / frames**2
        variance = self.rms()[:-1] ** 2
        audible = variance > 0
        slopes = np.divide(covariance, variance, out=np.ones_like(variance), where=audible)
        return np.where(audible, slopes * len(variance), 1.0)


@dataclass(frozen=True)
class Measurement:
    """What the first pass over a recording measured.

    Attributes
    ----------
    whole, kept : Levels
        Of the whole recording, and of the seconds that are kept.
    blocks : tuple of ndarray or None
        The kept samples as float32 [frames, channels] when they are few; otherwise the file is read again.
    """

    whole: Levels
    kept: Levels
    blocks: tuple[NDArray[np.float32], ...] | None


def measure(source: Source, *, limits: Limits, keep_s: float) -> Measurement:
    """Read a recording to its end in bounded blocks; Refusal when its header or a sample is out of bounds."""
    _check_header(source, limits=limits)
    keep_frames = int(keep_s * source.rate_hz)
    max_frames = int(limits.max_duration_s * source.rate_hz)
    whole, kept = Levels(source.channels), None
    cache: list[NDArray[np.float32]] | None = []
    for block in source.blocks():
        _check_samples(block, limits=limits)
        head, tail = np.split(block, [max(0, keep_frames - whole.frames)])
        whole.add(head)
        if len(tail) and kept is None:
            kept = copy.deepcopy(whole)
        whole.add(tail)
        if whole.frames > max_frames:
            raise Refusal(too_long(None, limits=limits))
        if cache is not None and len(head):
            cache.append(head.astype(np.float32))
            if whole.frames * source.channels > CACHED_VALUES:
                cache = None
    return Measurement(whole, kept or whole, None if cache is None else tuple(cache))


def _check_header(source: Source, *, limits: Limits) -> None:
    if not limits.min_rate_hz <= source.rate_hz <= limits.max_rate_hz:
        raise Refusal(
            f"has {source.rate_hz:,} samples a second by its header, and {limits.min_rate_hz:,} to "
            f"{limits.max_rate_hz:,} can be read: export it again at 16,000 or more."
        )
    if not 1 <= source.channels <= limits.max_channels:
        raise Refusal(f"has {source.channels} channels, and 1 to {limits.max_channels} are read: mix it down to mono.")
    if source.claimed_s is not None and source.claimed_s > limits.max_duration_s:
        raise Refusal(too_long(source.claimed_s, limits=limits))


def too_long(claimed_s: float | None, *, limits: Limits) -> str:
    """Return why a recording is refused for its length, by its header when that is where it stands."""
    source = "" if claimed_s is None else f" ({claimed_s / 3600:,.0f} h by its header)"
    return f"is longer than {limits.max_duration_s / 3600:g} hours{source}: cut out the part to examine."


def _check_samples(block: Block, *, limits: Limits) -> None:
    peak = max(float(block.max()), -float(block.min()))
    if not np.isfinite(peak):
        raise Refusal("holds samples that are not numbers (NaN or infinity): export it again from its source.")
    if peak > limits.max_amplitude:
        raise Refusal(f"holds samples {peak:.1e} times full scale: export it again with a peak of 1 or less.")
