"""TD-PSOLA: periods of the voice cut out and laid closer together or further apart; the formants stay."""

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave
from trainers.spoofing.pitch import FRAME, pitch_track

__all__ = ["Psola", "pitch_marks", "shift_pitch"]

_UNVOICED_PERIOD = SAMPLE_RATE // 125
_SEARCH = 0.25


@SYSTEMS.register("psola-vc")
class Psola(Resynthesis):
    """Voice conversion: TD-PSOLA, the pitch times 1.15 to 1.5 or divided by as much, the formants kept.

    References
    ----------
    E. Moulines, F. Charpentier, "Pitch-synchronous waveform processing techniques for text-to-speech synthesis using
    diphones", Speech Communication 9, 1990.
    """

    kind = "vc"

    def render(self, waveform: Wave, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the recording at another pitch, formants kept."""
        return shift_pitch(waveform, float(rng.uniform(1.15, 1.5) ** rng.choice([-1, 1])))


def shift_pitch(waveform: Wave, factor: float) -> NDArray[np.float64]:
    """Return speech with its pitch multiplied by ``factor`` [shape=(n,)]; unvoiced stretches stay as they are."""
    marks, periods, voiced = pitch_marks(waveform, pitch_track(waveform))
    sound, weight = np.zeros(len(waveform)), np.full(len(waveform), 1e-3)
    place = float(marks[0])
    while place < len(waveform):
        nearest = int(np.argmin(np.abs(marks - place)))
        _lay(waveform, int(marks[nearest]), int(place), int(periods[nearest]), sound, weight)
        place += periods[nearest] / (factor if voiced[nearest] else 1.0)
    return sound / np.maximum(weight, 0.5)


def pitch_marks(
    waveform: Wave, pitch: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each period has its peak, how long it is in samples, and whether it is voiced.

    Unvoiced speech is marked every 8 ms.
    """
    marks: list[int] = []
    periods: list[int] = []
    voiced: list[bool] = []
    place, end = 0, len(waveform)
    while place < end:
        pitch_hz = pitch[min(place // FRAME, len(pitch) - 1)]
        period = int(SAMPLE_RATE / pitch_hz) if pitch_hz > 0 else _UNVOICED_PERIOD
        mark = place
        if pitch_hz > 0:
            reach = int(_SEARCH * period)
            start = max(place - reach, marks[-1] + 1 if marks else 0)
            mark = start + int(np.argmax(waveform[start : max(place + reach, start + 1)]))
        marks.append(mark)
        periods.append(period)
        voiced.append(pitch_hz > 0)
        place = mark + period
    return np.array(marks), np.array(periods), np.array(voiced)


def _lay(
    waveform: Wave, mark: int, place: int, period: int, sound: NDArray[np.float64], weight: NDArray[np.float64]
) -> None:
    """Add two periods around ``mark``, under a Hann window, around ``place``."""
    window = np.hanning(2 * period + 1)
    reach = np.arange(-period, period + 1)
    fits = (mark + reach >= 0) & (mark + reach < len(waveform)) & (place + reach >= 0) & (place + reach < len(sound))
    sound[place + reach[fits]] += waveform[mark + reach[fits]] * window[fits]
    weight[place + reach[fits]] += window[fits]
