"""Running a text-to-speech program of this machine: a text in, the clip that it wrote out."""

import shutil
import subprocess
import tempfile
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np

from core.audio.decode import decode
from trainers.spoofing.base import SpoofingError, TextToSpeech, Wave

__all__ = ["SpeechProgram"]

_PATIENCE_S = 60


class SpeechProgram(TextToSpeech):
    """Text to speech by a program on the PATH.

    Attributes
    ----------
    program : str
        Its name.
    """

    program: ClassVar[str]

    def absent(self) -> str:
        """Return that the program is not installed, where it is not."""
        return "" if shutil.which(self.program) else f"the program {self.program} is not installed"

    @abstractmethod
    def command(self, words: Path, sound: Path, rng: np.random.Generator) -> tuple[list[str], str]:
        """Return the command that reads the text file ``words`` and writes the WAV file ``sound``, and its voice."""

    def speak(self, text: str, rng: np.random.Generator) -> tuple[Wave, str]:
        """Return the text spoken by a random voice.

        Raises
        ------
        SpoofingError
            When the program fails, hangs, or writes nothing.
        """
        with tempfile.TemporaryDirectory(prefix="spoofscope-") as folder:
            words, sound = Path(folder) / "text.txt", Path(folder) / "sound.wav"
            # By file: as an argument it could be taken for an option.
            words.write_text(f"{text}\n", encoding="utf-8")
            command, voice = self.command(words, sound, rng)
            _run(command, sound)
            return decode(sound).waveform, voice


def _run(command: list[str], sound: Path) -> None:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpoofingError(f"{command[0]} does not run: {error}.") from error
    if done.returncode or not sound.is_file():
        output = done.stderr.decode(errors="replace").strip()[-200:]
        raise SpoofingError(f"{command[0]} wrote no sound (exit status {done.returncode}): {output}")
