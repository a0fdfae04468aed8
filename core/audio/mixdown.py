"""Mixing down: how the channels of a recording become one, at 16 kHz, and what a person should know of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.levels import Levels

__all__ = ["Mix", "choose_mix", "mix_down"]

# Below this share of the loudest channel the mean of the channels has vanished.
VANISHED = 0.1
# Of unrelated channels the sum keeps all of each (1.0); below a half, the others cancel the loudest.
CANCELLED = 0.5
# Lossy codecs overshoot full scale a little; far above it the samples are on an integer scale.
OVERSHOOT, INTEGER_SCALE = 2.0, 64.0


@dataclass(frozen=True)
class Mix:
    """How channels become one: divide by ``divisor``, then take ``channel`` (None: the mean)."""

    divisor: float
    channel: int | None
    notes: tuple[str, ...]


def choose_mix(levels: Levels) -> Mix:
    """Decide how samples of these levels are scaled and made mono."""
    divisor, notes = _scale(levels.peak)
    *each, mean = levels.rms()
    loudest = int(np.argmax(each))
    if mean < VANISHED * each[loudest]:
        reason = f"the mean of the {len(each)} channels all but vanishes"
    elif levels.kept_by_mean()[loudest] < CANCELLED:
        reason = f"the {len(each)} channels are in opposite phase and cancel"
    else:
        return Mix(divisor, None, notes)
    return Mix(divisor, loudest, (*notes, f"{reason}: channel {loudest + 1}, the loudest, was used"))


def _scale(peak: float) -> tuple[float, tuple[str, ...]]:
    if peak > INTEGER_SCALE:
        divisor = 32_768.0 if peak <= 32_768 else float(1 << 23)
        return divisor, (f"samples on an integer scale (peak {peak:,.0f}): divided by {divisor:,.0f}",)
    if peak > OVERSHOOT:
        return peak, (f"peak {peak:.2f} times full scale: divided by it",)
    if peak > 1.0:
        return 1.0, (f"peak {peak:.2f} times full scale: kept as it is",)
    return 1.0, ()


def mix_down(blocks: Iterable[NDArray[np.floating]], *, rate_hz: int, frames: int, mix: Mix) -> NDArray[np.float32]:
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
    if not pieces:
        return np.zeros(0, np.float32)
    return _fit(np.concatenate(pieces), max(1, round((frames - left) * SAMPLE_RATE / rate_hz)))


def _fit(waveform: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    # The stream's filter may give a sample more or less than the ratio of the rates.
    missing = length - len(waveform)
    return np.pad(waveform, (0, missing)) if missing > 0 else np.ascontiguousarray(waveform[:length])
