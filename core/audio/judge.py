"""Judging a recording: whether it is sound, and how it is made mono at 16 kHz."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.limits import Limits
from core.audio.sources import Block, Refusal, Source, TooShort

__all__ = ["Hearing", "Levels", "Mix", "choose_mix", "hear", "render"]

# Decoded samples kept from the first pass, so that short files are read once: 32 MB of float32.
CACHED_VALUES = 8 << 20
# Below this share of the loudest channel the mean of the channels has cancelled.
CANCELLED = 0.1
# Lossy codecs overshoot full scale a little; far above it the samples are on an integer scale.
OVERSHOOT, INTEGER_SCALE = 2.0, 64.0


class Levels:
    """Running peak and RMS of each channel and of their mean, the offset (DC) removed."""

    def __init__(self, channels: int) -> None:
        self.frames = 0
        self.peak = 0.0
        self._origin = np.zeros(channels)
        # The last value is that of the mean of the channels.
        self._sum = np.zeros(channels + 1)
        self._square = np.zeros(channels + 1)

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
        each = np.ascontiguousarray(block.T) - self._origin[:, np.newaxis]
        rows = each if len(each) == 1 else [*each, each.mean(axis=0)]
        sums, squares = [row.sum() for row in rows], [np.dot(row, row) for row in rows]
        # Of a single channel the mean is itself.
        self._sum += sums if len(rows) > 1 else sums * 2
        self._square += squares if len(rows) > 1 else squares * 2

    def rms(self) -> NDArray[np.float64]:
        """Return the RMS about the mean: one value per channel, then that of the channels' mean."""
        frames = max(1, self.frames)
        return np.sqrt(np.maximum(self._square / frames - (self._sum / frames) ** 2, 0.0))


@dataclass(frozen=True)
class Hearing:
    """What the first pass heard.

    Attributes
    ----------
    whole, kept : Levels
        Of the whole file, and of the seconds that are kept.
    blocks : tuple of ndarray or None
        The kept samples as float32 [frames, channels] when they are few; otherwise the file is read again.
    """

    whole: Levels
    kept: Levels
    blocks: tuple[NDArray[np.float32], ...] | None


@dataclass(frozen=True)
class Mix:
    """How channels become one: divide by ``divisor``, then take ``channel`` (None: the mean)."""

    divisor: float
    channel: int | None
    notes: tuple[str, ...]


def hear(source: Source, *, limits: Limits) -> Hearing:
    """Read a whole file in bounded blocks and judge it; Refusal when it cannot be used."""
    _judge_header(source, limits=limits)
    keep_frames = int(limits.keep_s * source.rate_hz)
    max_frames = int(limits.max_duration_s * source.rate_hz)
    whole, kept = Levels(source.channels), None
    cache: list[NDArray[np.float32]] | None = []
    for block in source.blocks():
        _judge_samples(block, limits=limits)
        head, tail = np.split(block, [max(0, keep_frames - whole.frames)])
        whole.add(head)
        if len(tail) and kept is None:
            kept = copy.deepcopy(whole)
        whole.add(tail)
        if whole.frames > max_frames:
            raise Refusal(_too_long(None, limits=limits))
        if cache is not None and len(head):
            cache.append(head.astype(np.float32))
            if whole.frames * source.channels > CACHED_VALUES:
                cache = None
    kept = kept or whole
    _judge_whole(source, whole, kept, limits=limits)
    return Hearing(whole, kept, None if cache is None else tuple(cache))


def _judge_header(source: Source, *, limits: Limits) -> None:
    if not limits.min_rate_hz <= source.rate_hz <= limits.max_rate_hz:
        raise Refusal(
            f"says it has {source.rate_hz:,} samples a second, and {limits.min_rate_hz:,} to "
            f"{limits.max_rate_hz:,} can be read: export it again at 16,000 or more."
        )
    if not 1 <= source.channels <= limits.max_channels:
        raise Refusal(f"has {source.channels} channels, and 1 to {limits.max_channels} are read: mix it down to mono.")
    if source.claimed_s is not None and source.claimed_s > limits.max_duration_s:
        raise Refusal(_too_long(source.claimed_s, limits=limits))


def _too_long(claimed_s: float | None, *, limits: Limits) -> str:
    said = "" if claimed_s is None else f" (its header says {claimed_s / 3600:,.0f} h)"
    return f"is longer than {limits.max_duration_s / 3600:g} hours{said}: cut out the part to examine."


def _judge_samples(block: Block, *, limits: Limits) -> None:
    peak = max(float(block.max()), -float(block.min()))
    if not np.isfinite(peak):
        raise Refusal("holds samples that are not numbers (NaN or infinity): export it again from its source.")
    if peak > limits.max_amplitude:
        raise Refusal(f"holds samples {peak:.1e} times full scale: export it again with a peak of 1 or less.")


def _judge_whole(source: Source, whole: Levels, kept: Levels, *, limits: Limits) -> None:
    duration_s = whole.frames / source.rate_hz
    if whole.frames == 0:
        raise TooShort("holds no samples: it is empty or cut off, so record or export it again.")
    if duration_s < limits.min_duration_s:
        raise TooShort(f"holds only {1000 * duration_s:.1f} ms of sound: give {limits.min_duration_s:g} s or more.")
    if whole.rms()[:-1].max() < limits.silence_rms:
        raise Refusal("is silent from beginning to end: check the microphone or the export, and try again.")
    if kept.rms()[:-1].max() < limits.silence_rms:
        raise Refusal(f"is silent in its first {limits.keep_s:g} s, and no more is examined: cut the silence away.")


def choose_mix(hearing: Hearing) -> Mix:
    """Decide how the kept samples are scaled and made mono, and say what a person should know of it."""
    notes: list[str] = []
    divisor, peak = 1.0, hearing.kept.peak
    if peak > INTEGER_SCALE:
        divisor = 32_768.0 if peak <= 32_768 else float(1 << 23)
        notes.append(f"samples on an integer scale (peak {peak:,.0f}): divided by {divisor:,.0f}")
    elif peak > OVERSHOOT:
        divisor = peak
        notes.append(f"peak {peak:.2f} times full scale: divided by it")
    elif peak > 1.0:
        notes.append(f"peak {peak:.2f} times full scale: kept as it is")
    *each, mean = hearing.kept.rms()
    loudest = int(np.argmax(each))
    if mean >= CANCELLED * each[loudest]:
        return Mix(divisor, None, tuple(notes))
    notes.append(f"the mean of the {len(each)} channels all but vanishes: channel {loudest + 1}, the loudest, was used")
    return Mix(divisor, loudest, tuple(notes))


def render(blocks: Iterable[NDArray[np.floating]], *, rate_hz: int, frames: int, mix: Mix) -> NDArray[np.float32]:
    """Return the first ``frames`` frames of ``blocks`` as mono float32 at 16 kHz.

    At 16 kHz the samples pass untouched; otherwise soxr's HQ filter resamples them as a stream.
    """
    stream = None
    if rate_hz != SAMPLE_RATE:
        stream = soxr.ResampleStream(rate_hz, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
    pieces: list[NDArray[np.float32]] = []
    left = frames
    for block in blocks:
        head = block[:left]
        left -= len(head)
        mono = head.mean(axis=1) if mix.channel is None else head[:, mix.channel]
        scaled = np.asarray(mono / mix.divisor, dtype=np.float32)
        pieces.append(scaled if stream is None else stream.resample_chunk(scaled))
        if left <= 0:
            break
    if stream is not None:
        pieces.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    return _fit(np.concatenate(pieces), max(1, round((frames - left) * SAMPLE_RATE / rate_hz)))


def _fit(waveform: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    # The stream's filter may give a sample more or less than the ratio of the rates.
    missing = length - len(waveform)
    return np.pad(waveform, (0, missing)) if missing > 0 else np.ascontiguousarray(waveform[:length])
