"""festival: its default voice, which is a diphone voice where no other is installed."""

from pathlib import Path

import numpy as np

from trainers.spoofing.base import SYSTEMS
from trainers.spoofing.programs import SpeechProgram

__all__ = ["Festival"]


@SYSTEMS.register("festival")
class Festival(SpeechProgram):
    """Text to speech: festival's default voice through its ``text2wave``, 0.85 to 1.2 times as slow."""

    program = "text2wave"

    def command(self, words: Path, sound: Path, rng: np.random.Generator) -> tuple[list[str], str]:
        """Return the call with a random rate."""
        slower = f"(Parameter.set 'Duration_Stretch {rng.uniform(0.85, 1.2):.2f})"
        return [self.program, "-eval", slower, "-F", "16000", "-o", str(sound), str(words)], "default"
