"""Cue classes: what kind of place the evidence lies in, and whether the score depends on such places."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import find_peaks

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.edit import HOP, apply_mask, grid_freqs_hz, magnitude_db
from core.detectors.detector import Detector
from core.explain.evidence import softened
from core.explain.faithfulness import LEAST_EFFECT
from core.explain.inspection import Inspection, View
from core.explain.masking import NOISE_FLOOR, Operator, llr_without, moved
from core.speech import find_speech

__all__ = ["CUES", "Cue", "cue_masks", "cue_sounds", "find_cues"]

CUES = {
    "silence": "silence", "voiced": "voiced", "fricative": "fricative or burst", "onset": "onset",
    "high": "above 6 kHz", "low": "below 300 Hz",
}  # fmt: skip
"""The classes, and what they are called; a cell may be of several."""

RANDOM_PARTS = 5
WINDOWS = 4
_LOW_HZ, _HIGH_HZ = 300.0, 6000.0
# A class stands out where its change is larger by half than that of each random part.
_FACTOR = 1.5
# Praat's default for voiced speech is 0.45 (Boersma 1993); white noise stays below 0.35 in frames of this length.
_LEAST_PERIODICITY = 0.45
_FRAME, _LAGS = 640, slice(SAMPLE_RATE // 400, SAMPLE_RATE // 60)
_FRICATION_HZ, _LEAST_FRICATION = 3000.0, 0.5
# An onset is a peak of the mean rise of the level within 20 ms; it takes the frame before and the 40 ms after it.
_RISE_FRAMES, _LEAST_RISE_DB, _ONSET_FRAMES = 2, 6.0, (-1, 4)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cue:
    """One class of places in a clip.

    Attributes
    ----------
    name, words : str
        Of ``CUES``.
    clip_share : float
        Share of the clip's time and frequency that is of this class.
    evidence_share : float
        Share of the evidence for spoof that lies there; 0 where there is no evidence.
    change : float or None
        Change of the log-likelihood ratio when all of the class is taken out; positive = what was there speaks for
        spoof. None where the windows that were tried hold none of it.
    random_change, random_low, random_high : float or None
        The same for equally large random parts, the class's own shape moved elsewhere: mean and range.
    stands_out : bool
        The change is at least 0.1, and by half larger than each random one.
    """

    name: str
    words: str
    clip_share: float
    evidence_share: float
    change: float | None
    random_change: float | None
    random_low: float | None
    random_high: float | None
    stands_out: bool

    @property
    def untried(self) -> str:
        """Why there is no change, in a few words; empty where there is one."""
        if self.change is not None:
            return ""
        return "not in the windows that were tried" if self.clip_share else "none in the clip"

    def __str__(self) -> str:
        if not self.clip_share:
            return f"{self.words}: {self.untried}."
        clip, evidence = 100 * self.clip_share, 100 * self.evidence_share
        moved = self.untried or (
            f"without it the score moves by {self.change:+.2f}, without random parts as large by "
            f"{self.random_low:+.2f} to {self.random_high:+.2f}{': stands out' if self.stands_out else ''}"
        )
        return f"{self.words}: {clip:.0f} % of the clip, {evidence:.0f} % of the evidence; {moved}."


def find_cues(
    clip: Clip, detector: Detector, attribution: NDArray[np.floating], *, operator: Operator = NOISE_FLOOR,
    random_parts: int = RANDOM_PARTS, windows: int = WINDOWS, seed: int = 0,
) -> tuple[Cue, ...]:  # fmt: skip
    """Return a row for each cue class.

    Each class is taken out in turn, as the faithfulness check takes out cells, and beside it random parts of its shape.

    Parameters
    ----------
    clip : Clip
    detector : Detector
    attribution : ndarray [shape=(257, frames)]
        Of the clip, as in ``Explanation.attribution``.
    operator : Operator
        What takes the place of the class.
    random_parts : int
        For each class.
    windows : int
        The score's changes are means over at most so many of the detector's windows, those with most evidence.
    seed : int
        Of the random parts.
    """
    inspection = Inspection(clip.waveform, detector)
    masks, positive = cue_masks(clip.waveform), np.maximum(attribution, 0)
    views = _strongest(inspection, inspection.on_sound(positive.astype(np.float32)), windows)
    total = float(positive.sum())
    rows = []
    for number, (name, mask) in enumerate(masks.items()):
        shares = float(mask.mean()), float(positive[mask].sum()) / total if total > 0 else 0.0
        here = inspection.sound.clip_frames(HOP)
        found = [
            _changes(view, mask[:, here][:, view.frames], operator, random_parts, (seed, number)) for view in views
        ]
        rows.append(_row(name, shares, [changes for changes in found if changes is not None], len(views)))
    return tuple(rows)


def cue_sounds(clip: Clip, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return one class alone and the rest, as two waveforms [shape=(n,), float32 each] that add up to the clip."""
    alone = apply_mask(clip.waveform, softened(cue_masks(clip.waveform)[name]))
    return alone, (clip.waveform - alone).astype(np.float32)


def _strongest(inspection: Inspection, positive: NDArray[np.floating], most: int) -> list[View]:
    views = [inspection.view(index) for index in range(len(inspection.spans))]
    return sorted(views, key=lambda view: -float(positive[:, view.frames].sum()))[:most]


def _changes(
    view: View, mask: Mask, operator: Operator, random_parts: int, seed: tuple[int, int]
) -> NDArray[np.float64] | None:
    """Return the change of a window's score without the class, then without each random part; None without any."""
    if not mask.any():
        return None
    own = torch.from_numpy(np.ascontiguousarray(mask))
    parts = [torch.zeros_like(own), own, *(part for (part,) in moved([own], random_parts, seed))]
    whole, *without = llr_without(view, parts, operator)
    return np.asarray(without) - whole


def _row(name: str, shares: tuple[float, float], found: list[NDArray[np.float64]], windows: int) -> Cue:
    if not found:
        return Cue(name, CUES[name], *shares, None, None, None, None, stands_out=False)
    # A window without the class stays as it is.
    change, *random = np.sum(found, axis=0) / windows
    mean, low, high = float(np.mean(random)), float(min(random)), float(max(random))
    stands_out = bool(change >= LEAST_EFFECT and change > _FACTOR * high)
    return Cue(name, CUES[name], *shares, float(change), mean, low, high, stands_out=stands_out)


def cue_masks(waveform: NDArray[np.float32]) -> dict[str, Mask]:
    """Return which cells [shape=(257, frames)] are of which class.

    - *silence*: no speech, by the speech activity detector (``core.speech``);
    - *voiced*: speech whose normalised autocorrelation has a peak of at least 0.45 between 60 and 400 Hz (Boersma,
      "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17, 1993);
    - *fricative or burst*: speech that is not voiced, with half of its power above 3 kHz;
    - *onset*: 50 ms around each peak of the spectral flux, the level's mean rise within 20 ms, of at least 6 dB;
    - *above 6 kHz* and *below 300 Hz*, at all times.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    """
    level, hz = magnitude_db(waveform), grid_freqs_hz()
    speech = _speech(waveform, level.shape[1])
    voiced = speech & (_periodicity(waveform, len(speech)) >= _LEAST_PERIODICITY)
    power = 10 ** (level / 10)
    frication = power[hz >= _FRICATION_HZ].sum(0) >= _LEAST_FRICATION * power.sum(0)
    fricative, onset = speech & ~voiced & frication, speech & _onsets(level)
    times = {"silence": ~speech, "voiced": voiced, "fricative": fricative, "onset": onset}
    masks = {name: np.broadcast_to(frames, level.shape) for name, frames in times.items()}
    bands = {"high": hz >= _HIGH_HZ, "low": hz <= _LOW_HZ}
    return masks | {name: np.broadcast_to(bins[:, None], level.shape) for name, bins in bands.items()}


def _speech(waveform: NDArray[np.float32], frames: int) -> Mask:
    spoken = np.zeros(frames, dtype=bool)
    for start_s, end_s in find_speech(waveform):
        spoken[round(start_s * SAMPLE_RATE / HOP) : round(end_s * SAMPLE_RATE / HOP) + 1] = True
    return spoken


def _periodicity(waveform: NDArray[np.float32], frames: int) -> NDArray[np.float64]:
    """Return the highest peak of each frame's autocorrelation at a voice's periods, by that of the window."""
    padded = np.pad(waveform, (_FRAME // 2, _FRAME))
    window = np.hanning(_FRAME)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::HOP][:frames]
    pieces = (pieces - pieces.mean(1, keepdims=True)) * window
    correlation = _autocorrelation(pieces)
    energy = np.maximum(correlation[:, :1], 1e-12)
    shape = _autocorrelation(window[None])
    return np.asarray((correlation / energy / (shape / shape[:, :1]))[:, _LAGS].max(1))


def _autocorrelation(pieces: NDArray[np.floating]) -> NDArray[np.float64]:
    power = np.abs(np.fft.rfft(pieces, 2 * _FRAME)) ** 2
    return np.fft.irfft(power)[:, : _LAGS.stop]


def _onsets(level: NDArray[np.floating]) -> Mask:
    rise = np.zeros(level.shape[1])
    change = level[:, _RISE_FRAMES:] - level[:, :-_RISE_FRAMES]
    rise[_RISE_FRAMES:] = np.maximum(change, 0).mean(0)
    # The first frames reach over the clip's beginning, into nothing.
    rise[: 2 * _RISE_FRAMES] = 0
    marked = np.zeros(len(rise), dtype=bool)
    for peak in find_peaks(rise, height=_LEAST_RISE_DB, distance=_ONSET_FRAMES[1])[0]:
        marked[max(0, peak + _ONSET_FRAMES[0]) : peak + _ONSET_FRAMES[1] + 1] = True
    return marked
