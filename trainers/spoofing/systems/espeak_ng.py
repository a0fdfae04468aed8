"""espeak-ng: formant synthesis."""

from pathlib import Path

import numpy as np

from trainers.spoofing.base import SYSTEMS
from trainers.spoofing.programs import SpeechProgram

__all__ = ["EspeakNg"]

_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp")
_VARIANTS = ("", "+f2", "+f3", "+f4", "+m2", "+m3", "+m5", "+m7")


@SYSTEMS.register("espeak-ng")
class EspeakNg(SpeechProgram):
    """Text to speech: formant synthesis by espeak-ng, 130 to 190 words a minute, at a random pitch."""

    program = "espeak-ng"

    def command(self, words: Path, sound: Path, rng: np.random.Generator) -> tuple[list[str], str]:
        """Return the call with a random accent, variant, rate and pitch."""
        voice = str(rng.choice(_ACCENTS)) + str(rng.choice(_VARIANTS))
        rate, pitch = str(rng.integers(130, 191)), str(rng.integers(30, 71))
        return [self.program, "-v", voice, "-s", rate, "-p", pitch, "-f", str(words), "-w", str(sound)], voice
