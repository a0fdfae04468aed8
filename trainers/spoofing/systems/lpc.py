"""An LPC vocoder: an all-pole filter excited by pulses where speech is voiced and by noise where it is not."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave
from trainers.spoofing.pitch import FRAME, pitch_track

__all__ = ["Lpc"]

_WINDOW = 6 * FRAME
_EMPHASIS = 0.97
_WHITENING = 1e-4
_ASPIRATION = 0.1


@SYSTEMS.register("lpc")
class Lpc(Resynthesis):
    """Vocoder: linear prediction of order 16 to 24, every 5 ms over 30 ms, with a little noise among the pulses.

    References
    ----------
    B. S. Atal, S. L. Hanauer, "Speech analysis and synthesis by linear prediction of the speech wave", JASA 50, 1971.
    """

    kind = "vocoder"

    def render(self, waveform: Wave, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the recording as its filters sound."""
        pitch = pitch_track(waveform)
        filters, gains = _predict(waveform, len(pitch), order=int(rng.integers(16, 25)))
        excitation = _excite(pitch, rng)
        pieces, memory = [], np.zeros(filters.shape[1] - 1)
        for frame, (denominator, gain) in enumerate(zip(filters, gains, strict=True)):
            piece = excitation[frame * FRAME : (frame + 1) * FRAME]
            sound, memory = lfilter([gain], denominator, piece, zi=memory)
            pieces.append(sound)
        return np.asarray(lfilter([1.0], [1.0, -_EMPHASIS], np.concatenate(pieces)))[: len(waveform)]


def _predict(waveform: Wave, frames: int, *, order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the denominators [shape=(frames, order + 1)] and gains [shape=(frames,)] by the autocorrelation method."""
    sharp = lfilter([1.0, -_EMPHASIS], [1.0], waveform.astype(np.float64))
    padded = np.pad(sharp, (_WINDOW // 2, _WINDOW + frames * FRAME))
    window = np.hanning(_WINDOW)
    filters, gains = np.zeros((frames, order + 1)), np.zeros(frames)
    filters[:, 0] = 1.0
    for frame in range(frames):
        piece = padded[frame * FRAME : frame * FRAME + _WINDOW] * window
        power = np.correlate(piece, piece, "full")[_WINDOW - 1 : _WINDOW + order]
        # A floor keeps the filter stable where the speech is silent or a pure tone.
        power[0] = power[0] * (1 + _WHITENING) + 1e-9
        filters[frame, 1:] = -solve_toeplitz(power[:-1], power[1:])
        gains[frame] = np.sqrt(max(float(power @ filters[frame]), 0.0) / float(window @ window))
    return filters, gains


def _excite(pitch: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return pulses at the pitch, noise without one, both of unit power [shape=(frames * FRAME,)]."""
    pitch_hz = np.repeat(pitch, FRAME)
    noise = rng.standard_normal(len(pitch_hz))
    turns = np.cumsum(pitch_hz / SAMPLE_RATE)
    pulses = np.diff(np.floor(turns), prepend=0.0) * np.sqrt(SAMPLE_RATE / np.maximum(pitch_hz, 1.0))
    return np.where(pitch_hz > 0, pulses + _ASPIRATION * noise, noise)
