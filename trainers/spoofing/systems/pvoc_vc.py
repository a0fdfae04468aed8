"""A phase vocoder's pitch shift: stretched in time without a change of pitch, then played faster."""

import numpy as np

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import SYSTEMS, Resynthesis, Wave

__all__ = ["PhaseVocoder"]


@SYSTEMS.register("pvoc-vc")
class PhaseVocoder(Resynthesis):
    """Voice conversion: a phase vocoder, 1 to 4.5 semitones up.

    Downwards the band would end below 8 kHz, and that alone would give it away.

    References
    ----------
    J. L. Flanagan, R. M. Golden, "Phase vocoder", Bell System Technical Journal 45, 1966.
    """

    kind = "vc"

    def render(self, waveform: Wave, rng: np.random.Generator) -> Wave:
        """Return the recording in a higher pitch, formants moved with it."""
        import librosa

        shifted: Wave = librosa.effects.pitch_shift(waveform, sr=SAMPLE_RATE, n_steps=float(rng.uniform(1.0, 4.5)))
        return shifted
