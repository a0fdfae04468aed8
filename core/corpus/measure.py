"""What is measured of a clip (level, noise, band, silence, prosody), and of a corpus when it is first read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.analysis.pitch import pitch_hz
from core.analysis.prosody import prosody, speaking_rate
from core.audio.clip import SAMPLE_RATE, DecodeRecord
from core.audio.edit import FLOOR_QUANTILE, noise_floor, stft
from core.errors import AudioError
from core.files import sha256_file
from core.provenance.band import band_limit
from core.provenance.samples import SPECTRUM_S, spectra

if TYPE_CHECKING:
    from core.corpus.reader import Reading, Row
    from core.corpus.tree import Tree

__all__ = ["MEASURED_COLUMNS", "MEASURED_TEXT", "measure", "measure_clip"]

MEASURED_COLUMNS = (
    "seconds", "level_dbfs", "snr_db", "bandwidth_hz", "silence_share", "leading_silence_s", "trailing_silence_s",
    "codec", "sample_rate", "dc", "pitch_range_st", "energy_sd_db", "speaking_rate",
)  # fmt: skip
"""What ``measure_clip`` measures."""

MEASURED_TEXT = frozenset({"codec"})
"""Those of ``MEASURED_COLUMNS`` that are words; the others are numbers."""

# Silence: 20 ms frames, every 10 ms, this far below the loud ones or this quiet by themselves.
_FRAME, _STEP, _SILENCE_DB, _QUIET_DBFS = SAMPLE_RATE // 50, SAMPLE_RATE // 100, 40.0, -70.0
_FLOOR_DBFS, _MOST_SNR_DB = -120.0, 100.0
# Below the smallest step of 16 bits, summed over a spectrum's bins: nothing was recorded there.
_DIGITAL_SILENCE = 1e-6


def measure_clip(waveform: NDArray[np.float32], record: DecodeRecord) -> dict[str, float | str]:
    """Return what is measured of a clip's samples and its file, by the names of ``MEASURED_COLUMNS``.

    Level and silence are of the whole waveform, the band and the noise of its first two minutes. What cannot be
    measured (the pitch range of silence) is NaN.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    record : DecodeRecord
        How it was decoded.

    Returns
    -------
    dict
        ``seconds`` of the recording; ``level_dbfs``, its root mean square; ``snr_db``, its power over that of its
        noise floor, at most 100; ``bandwidth_hz``, where its spectrum ends, at most 8000; ``silence_share``, 0 to 1,
        ``leading_silence_s`` and ``trailing_silence_s`` of frames 40 dB below the loud ones; ``codec`` and
        ``sample_rate`` (Hz) of the file; ``dc``, the mean of its samples; ``pitch_range_st``, ``energy_sd_db`` and
        ``speaking_rate`` as in ``core.analysis.prosody``.
    """
    start = np.asarray(waveform[: round(SPECTRUM_S * SAMPLE_RATE)])
    silent = _silent_frames(waveform)
    share, leading_s, trailing_s = _silences(silent, len(waveform))
    f0 = pitch_hz(waveform)
    pitch_range_st, energy_sd_db = prosody(waveform, f0)
    speech_s = (1 - share) * len(waveform) / SAMPLE_RATE
    dc = float(waveform.mean(dtype=np.float64)) if len(waveform) else 0.0
    return {
        "seconds": record.duration_s, "level_dbfs": _level_dbfs(waveform), "snr_db": _snr_db(start),
        "bandwidth_hz": _bandwidth_hz(start, record.sample_rate_hz), "silence_share": share,
        "leading_silence_s": leading_s, "trailing_silence_s": trailing_s, "codec": record.codec,
        "sample_rate": float(record.sample_rate_hz), "dc": dc, "pitch_range_st": pitch_range_st,
        "energy_sd_db": energy_sd_db, "speaking_rate": speaking_rate(waveform, f0, speech_s=speech_s),
    }  # fmt: skip


def _level_dbfs(waveform: NDArray[np.float32]) -> float:
    power = float(np.square(waveform, dtype=np.float64).mean()) if len(waveform) else 0.0
    return max(10 * float(np.log10(power + 1e-30)), _FLOOR_DBFS)


def _silent_frames(waveform: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which frames of 20 ms, every 10 ms, are silent; a clip shorter than one is one frame."""
    running = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    starts = np.arange(0, max(len(waveform) - _FRAME, 0) + 1, _STEP)
    ends = np.minimum(starts + _FRAME, len(waveform))
    levels = 10 * np.log10((running[ends] - running[starts]) / np.maximum(ends - starts, 1) + 1e-12)
    # A click is not what is loud: the hundredth loudest frame is.
    return np.asarray(levels < max(np.percentile(levels, 99) - _SILENCE_DB, _QUIET_DBFS))


def _silences(silent: NDArray[np.bool_], n_samples: int) -> tuple[float, float, float]:
    """Return the silent share, and the silent seconds at the start and at the end."""
    whole_s = n_samples / SAMPLE_RATE
    if silent.all():
        return 1.0, whole_s, whole_s
    first, last = int(silent.argmin()), int(silent[::-1].argmin())
    step_s = _STEP / SAMPLE_RATE
    return float(silent.mean()), first * step_s, last * step_s


def _snr_db(waveform: NDArray[np.float32]) -> float:
    """Return the clip's power over that of its noise floor, NaN for digital silence.

    Of stationary noise the floor is a low quantile of an exponential distribution of power, and the noise's mean
    follows from it.
    """
    magnitude = stft(torch.from_numpy(np.ascontiguousarray(waveform))).abs()
    power = magnitude.square().sum(dim=0)
    recorded = power > _DIGITAL_SILENCE
    if not bool(recorded.any()):
        return float("nan")
    floor = float(noise_floor(magnitude[:, recorded]).square().sum())
    noise = floor / -float(np.log1p(-FLOOR_QUANTILE))
    signal = max(float(power[recorded].mean()) - noise, 1e-2 * noise)
    return min(10 * float(np.log10(max(signal, 1e-30) / max(noise, 1e-30))), _MOST_SNR_DB)


def _bandwidth_hz(waveform: NDArray[np.float32], rate_hz: int) -> float:
    """Return where the band ends; where it ends nowhere before it has to, half the lower of both sample rates."""
    most_hz = min(rate_hz, SAMPLE_RATE) / 2
    if len(waveform) < 4 * _FRAME:
        return most_hz
    limit_hz, _ = band_limit(spectra(waveform.astype(np.float64), SAMPLE_RATE), SAMPLE_RATE)
    return most_hz if limit_hz is None else min(float(limit_hz), most_hz)


def measure(reading: "Reading", tree: "Tree", *, progress: Callable[[int, int], None] | None = None) -> "Reading":
    """Return a reading whose rows have seconds and SHA-256; clips that cannot be decoded join the problems.

    Parameters
    ----------
    reading : Reading
    tree : Tree
        What it was read from.
    progress : callable, optional
        Called with the clips that are decoded, and the clips in all.
    """
    # Here: they bring pandas, and the workers that measure clips do without.
    from core.audio.decode_ahead import decode_ahead
    from core.corpus.reader import Reading
    from core.corpus.table import Problem

    root = tree.root.resolve()
    rows: list[Row] = []
    problems = list(reading.problems)
    # A link within the root is followed: the decoder refuses links.
    files = ((row, (root / row.path).resolve()) for row in reading.rows)
    for count, (row, clip) in enumerate(decode_ahead(files), 1):
        if isinstance(clip, AudioError):
            problems.append(Problem(0, row.path, str(clip)))
        else:
            digest = sha256_file(root / row.path)
            rows.append(row._replace(seconds=f"{clip.record.duration_s:.3f}", sha256=digest))
        if progress is not None:
            progress(count, len(reading.rows))
    return Reading(rows, problems, list(reading.warnings))
