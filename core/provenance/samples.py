"""What the samples reveal, at the file's own rate: level, clipping, offset, digital silence, band, holes of a codec."""

import os
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.budget import Budget
from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.survey import survey
from core.audio.ffmpeg import FfmpegSource
from core.audio.libsndfile import SoundfileSource
from core.audio.limits import Limits
from core.audio.source import Unreadable, open_regular
from core.provenance.band import band_limit
from core.provenance.holes import hole_share

__all__ = ["SPECTRUM_S", "Counts", "measure_file", "measure_samples", "spectra"]

SPECTRUM_S = 120.0
"""Seconds from the start in which band and holes are looked for."""

# Shorter runs of zeros are part of a quiet 16-bit recording.
SILENCE_S = 0.05
# So many equal samples in a row at the peak are a clipped one: a smooth wave of speech has one or two.
CLIPPED_RUN, CLIPPED_LEVEL = 3, 0.5


class Counts:
    """Running counts over the blocks of a recording.

    Parameters
    ----------
    rate_hz : int
        Samples a second.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self.frames = self.silent = self.clipped = 0
        self.total = self.squares = self.peak = 0.0

    def add(self, mono: NDArray[np.float64], *, peak: float) -> None:
        """Count a block in; ``peak`` is that of the whole recording."""
        self.frames += len(mono)
        self.total += float(mono.sum())
        self.squares += float(mono @ mono)
        zeros = _runs(mono == 0.0)
        self.silent += int(zeros[zeros >= SILENCE_S * self._rate_hz].sum())
        if peak > CLIPPED_LEVEL:
            runs = _runs(np.abs(mono) >= peak * (1 - 1e-4))
            self.clipped += int((runs >= CLIPPED_RUN).sum())


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
    counts = Counts(rate_hz)
    peak = float(np.abs(mono).max(initial=0.0))
    counts.add(mono, peak=peak)
    levels = spectra(mono[: round(SPECTRUM_S * rate_hz)], rate_hz)
    limit_hz, drop_db = band_limit(levels, rate_hz)
    n = max(1, counts.frames)
    return {
        "seconds": n / rate_hz, "rate_hz": rate_hz, "peak": peak, "offset": counts.total / n,
        "rms": float(np.sqrt(counts.squares / n)), "silent_s": counts.silent / rate_hz, "clipped": counts.clipped,
        "limit_hz": limit_hz, "drop_db": drop_db, "holes": hole_share(levels, rate_hz, limit_hz),
    }  # fmt: skip


def measure_file(path: str, *, limits: Limits, ffmpeg: str | None) -> dict[str, Any]:
    """Return what a file's samples reveal; runs in the child.

    The longest piece of a file is measured, its channels averaged, from its start to ``limits.keep_s``.

    Raises
    ------
    Refusal
        When no reader reads it.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        pieces = survey(FileBytes(file, size)).pieces
    piece = max(pieces, key=lambda piece: piece.stop - piece.start)
    budget = Budget(limits, size)
    with ExitStack() as stack:
        try:
            if piece.ffmpeg_first and ffmpeg:
                raise Unreadable
            source: SoundfileSource | FfmpegSource = stack.enter_context(SoundfileSource(path, piece))
        except Unreadable:
            if ffmpeg is None:
                raise
            source = stack.enter_context(
                FfmpegSource(path, piece, ffmpeg=ffmpeg, max_duration_s=limits.max_duration_s, budget=budget)
            )
        budget.claim(source.claimed_s)
        source.hold_to(budget)
        most, blocks, read = round(limits.keep_s * source.rate_hz), [], 0
        for block in source.blocks():
            blocks.append(block.mean(axis=1).astype(np.float32))
            read += len(block)
            if read >= most:
                break
    mono = np.concatenate(blocks)[:most].astype(np.float64) if blocks else np.zeros(0)
    return {**measure_samples(mono, source.rate_hz), "channels": source.channels, "whole": read < most}
