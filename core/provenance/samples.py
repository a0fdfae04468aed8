"""What the samples reveal, at the file's own rate: level, clipping, offset, digital silence, band, holes of a codec."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.budget import Budget
from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.survey import survey
from core.audio.ffmpeg import FfmpegSource
from core.audio.levels import Levels
from core.audio.libsndfile import SoundfileSource
from core.audio.limits import Limits
from core.audio.mixdown import choose_mix
from core.audio.reading import Reading
from core.audio.segment import SILENCE_S as UNSCORED_S
from core.audio.source import Block, Unreadable, open_regular
from core.provenance.band import band_limit
from core.provenance.holes import hole_share

__all__ = ["SPECTRUM_S", "Clipping", "measure_file", "measure_samples", "spectra"]

SPECTRUM_S = 120.0
"""Seconds from the start in which band and holes are looked for."""

# Shorter runs of one value are part of a quiet 16-bit recording.
SILENCE_S = 0.05
# So many equal samples in a row at the peak are a clipped one: a smooth wave of speech has one or two.
CLIPPED_RUN, CLIPPED_LEVEL = 3, 0.5
_AT_PEAK = 1 - 1e-4


class Clipping:
    """Running count of the places at which a channel is clipped at its own peak, which is known only at the end."""

    def __init__(self) -> None:
        self.peak, self._places = 0.0, 0

    def add(self, samples: NDArray[np.float64]) -> None:
        """Count a block of the channel in; a place over the edge of two blocks may count twice."""
        levels = np.abs(samples)
        peak = float(levels.max(initial=0.0))
        if peak * _AT_PEAK > self.peak:
            # What was counted so far stayed below the peak.
            self._places = 0
        self.peak = max(self.peak, peak)
        self._places += int((_runs(levels >= self.peak * _AT_PEAK) >= CLIPPED_RUN).sum())

    def places(self, full_scale: float = 1.0) -> int:
        """Return at how many places the channel is clipped; none where it stays far below full scale."""
        return self._places if self.peak > CLIPPED_LEVEL * full_scale else 0


def _runs(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the lengths of the runs of marked samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return edges[1::2] - edges[::2]


def spectra(mono: NDArray[np.float64], rate_hz: int) -> NDArray[np.float32]:
    """Return power spectra in dB [shape=(frames, bins)] of some 23 ms each, without overlap; only the loud half."""
    size = 2 ** round(np.log2(rate_hz * 0.023))
    frames = mono[: len(mono) // size * size].reshape(-1, size)
    energy = (frames**2).sum(axis=1)
    loud = frames[energy > np.median(energy)] if len(frames) > 3 else frames
    power = np.abs(np.fft.rfft(loud * np.blackman(size), axis=1)) ** 2
    return np.asarray(10 * np.log10(np.maximum(power, 1e-20)), np.float32)


def measure_samples(mono: NDArray[np.float64], rate_hz: int) -> dict[str, Any]:
    """Return what the samples reveal, as plain values.

    Parameters
    ----------
    mono : ndarray [shape=(n,)]
        Full scale is 1.
    rate_hz : int
    """
    clipping = Clipping()
    clipping.add(mono)
    # Silence need not be zero: an offset stays in it, and A-law has no zero.
    silences = (_runs(mono[1:] == mono[:-1]) + 1) / rate_hz
    levels = spectra(mono[: round(SPECTRUM_S * rate_hz)], rate_hz)
    limit_hz, drop_db = band_limit(levels, rate_hz)
    n = max(1, len(mono))
    return {
        "seconds": n / rate_hz, "rate_hz": rate_hz, "peak": clipping.peak, "offset": float(mono.sum()) / n,
        "rms": float(np.sqrt(mono @ mono / n)), "silent_s": float(silences[silences >= SILENCE_S].sum()),
        "unscored_s": float(silences[silences > UNSCORED_S].sum()), "clipped": clipping.places(),
        "limit_hz": limit_hz, "drop_db": drop_db, "holes": hole_share(levels, rate_hz, limit_hz),
    }  # fmt: skip


def measure_file(path: str, *, limits: Limits, ffmpeg: str | None) -> dict[str, Any]:
    """Return what a file's samples reveal; runs in the child.

    The longest piece of a file is measured, from its start to ``limits.keep_s``: of several sound tracks the one that
    the detectors are given, its channels made one as they are for them, and each by itself for clipping, which a mean
    hides.

    Raises
    ------
    Refusal
        When no reader reads it.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        pieces = survey(FileBytes(file, size)).pieces
    piece = max(pieces, key=lambda piece: piece.stop - piece.start)
    budget, track = Budget(limits, size), 0

    def opened() -> SoundfileSource | FfmpegSource:
        try:
            if piece.ffmpeg_first and ffmpeg:
                raise Unreadable
            return SoundfileSource(path, piece)
        except Unreadable:
            if ffmpeg is None:
                raise
            return FfmpegSource(
                path, piece, ffmpeg=ffmpeg, max_duration_s=limits.max_duration_s, budget=budget, track=track
            )

    with opened() as source:
        several = len(source.tracks) > 1
    if several:
        reading = Reading(path, limits=limits, ffmpeg=ffmpeg, announce=lambda cpu_s: None)
        decoded = reading.read(piece, keep_s=limits.keep_s).source
        track = decoded.track if isinstance(decoded, FfmpegSource) else 0
        budget = Budget(limits, size)
    with opened() as source:
        budget.claim(source.claimed_s)
        source.hold_to(budget)
        most, rate_hz, channels = round(limits.keep_s * source.rate_hz), source.rate_hz, source.channels
        levels, clipping = Levels(channels), [Clipping() for _ in range(channels)]
        mono, whole = _mono(_counted(source.blocks(), levels, clipping), most, None)
    mix = choose_mix(levels)
    if mix.channel is not None:
        # Of ten minutes there is no room for both.
        del mono
        with opened() as again:
            again.hold_to(budget)
            mono, _ = _mono(again.blocks(), most, mix.channel)
    facts = measure_samples(np.divide(mono, mix.divisor, dtype=np.float64), rate_hz)
    clipped = max(channel.places(mix.divisor) for channel in clipping)
    return {**facts, "clipped": clipped, "channels": channels, "whole": whole, "pieces": len(pieces)}


def _counted(blocks: Iterable[Block], levels: Levels, clipping: Sequence[Clipping]) -> Iterator[Block]:
    for block in blocks:
        levels.add(block)
        for channel, samples in zip(clipping, block.T, strict=True):
            channel.add(samples)
        yield block


def _mono(blocks: Iterable[Block], most: int, channel: int | None) -> tuple[NDArray[np.float32], bool]:
    """Return up to so many samples of a channel, None for the mean of all, and whether there are no more."""
    kept, read = [np.zeros(0, np.float32)], 0
    for block in blocks:
        kept.append((block.mean(axis=1) if channel is None else block[:, channel]).astype(np.float32))
        read += len(block)
        if read > most:
            break
    return np.concatenate(kept)[:most], read <= most
