"""flite: diphones and clustergen voices."""

from pathlib import Path

import numpy as np

from trainers.spoofing.base import SYSTEMS
from trainers.spoofing.programs import SpeechProgram

__all__ = ["Flite"]

_VOICES = ("kal16", "awb", "rms", "slt")


@SYSTEMS.register("flite")
class Flite(SpeechProgram):
    """Text to speech: the four English voices that flite is built with, 0.85 to 1.2 times as slow."""

    program = "flite"

    def command(self, words: Path, sound: Path, rng: np.random.Generator) -> tuple[list[str], str]:
        """Return the call with a random voice and rate."""
        voice, stretch = str(rng.choice(_VOICES)), f"{rng.uniform(0.85, 1.2):.2f}"
        how = ["-voice", voice, "--setf", f"duration_stretch={stretch}"]
        return [self.program, *how, "-f", str(words), "-o", str(sound)], voice
