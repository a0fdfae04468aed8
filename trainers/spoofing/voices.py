"""What neural voices have in common: packages that hold their networks, one thread, and a rate of their own."""

import importlib.util
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import SpoofingError, TextToSpeech, Wave

__all__ = ["NeuralVoice", "package_folder", "session_of"]


class NeuralVoice(TextToSpeech):
    """Text to speech by a network that a Python package holds. Nothing is downloaded.

    Attributes
    ----------
    packages : tuple of str
        What must be importable.
    rate_hz : int
        Sampling rate of the network.
    """

    packages: ClassVar[tuple[str, ...]]
    rate_hz: ClassVar[int]

    def absent(self) -> str:
        """Return which packages are not installed, and how to install them."""
        missing = [name.replace("_", "-") for name in self.packages if importlib.util.find_spec(name) is None]
        if not missing:
            return ""
        return f"Python packages are not installed: {', '.join(missing)}; install them: make install-voices"

    @abstractmethod
    def synthesise(self, text: str, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        """Return the text as speech [shape=(n,), mono, at ``rate_hz``] and the name of the voice."""

    def speak(self, text: str, rng: np.random.Generator) -> tuple[Wave, str]:
        """Return the text spoken by a random voice.

        Raises
        ------
        SpoofingError
            When the text cannot be spoken, or what the network makes of it is silent or not finite.
        """
        import soxr

        speech, voice = self.synthesise(text, rng)
        if not np.isfinite(speech).all() or not speech.any():
            raise SpoofingError(f"what {voice} made of the text is silent or not finite.")
        return np.asarray(soxr.resample(speech, self.rate_hz, SAMPLE_RATE), dtype=np.float32), voice


def package_folder(name: str) -> Path:
    """Return where a package's files lie, without importing it."""
    found = importlib.util.find_spec(name)
    assert found is not None and found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def session_of(network: Path | bytes) -> Any:
    """Return an ONNX network as a session of one thread, as each of the workers has one."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source = network if isinstance(network, bytes) else str(network)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
