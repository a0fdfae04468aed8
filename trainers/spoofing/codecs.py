"""What neural codecs have in common: a package and weights that a person may have, and a rate of their own."""

import importlib.util
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import Resynthesis, Wave

__all__ = ["NeuralCodec"]


class NeuralCodec(Resynthesis):
    """Encode and decode by a network. Nothing is downloaded here, and nothing but weights is taken from their file.

    Attributes
    ----------
    package : str
        What must be importable.
    rate_hz : int
        Sampling rate of the network.
    fetch : str
        A Python expression that makes the package fetch its weights, for a person to run.
    """

    kind = "codec"
    package: ClassVar[str]
    rate_hz: ClassVar[int]
    fetch: ClassVar[str]

    @abstractmethod
    def weights(self) -> Path:
        """Return where the package keeps its weights once they were fetched."""

    @abstractmethod
    def load(self) -> Any:
        """Return the network with its weights."""

    @abstractmethod
    def code(self, network: Any, waveform: Any, rng: np.random.Generator) -> Any:
        """Return a waveform tensor [shape=(1, 1, n)] encoded and decoded."""

    def absent(self) -> str:
        """Return whether the package or its weights are missing."""
        if importlib.util.find_spec(self.package) is None:
            return f"the Python package {self.package} is not installed"
        if not self.weights().is_file():
            return f"its weights are not at {self.weights()}; fetch them once: python -c {self.fetch!r}"
        return ""

    @cached_property
    def _network(self) -> Any:
        return self.load().eval()

    def render(self, waveform: Wave, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the recording as the codec passes it on."""
        import soxr
        import torch

        resampled = soxr.resample(waveform, SAMPLE_RATE, self.rate_hz)
        with torch.inference_mode():
            coded = self.code(self._network, torch.from_numpy(resampled)[None, None], rng)
        return np.asarray(soxr.resample(coded[0, 0].numpy(), self.rate_hz, SAMPLE_RATE), dtype=np.float32)
