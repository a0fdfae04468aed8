"""EnCodec at 24 kHz, where it is installed."""

from pathlib import Path
from typing import Any

import numpy as np

from core.robustness.encodec import FETCH, RATE_HZ, load_encodec, weights_path
from trainers.spoofing.base import SYSTEMS
from trainers.spoofing.codecs import NeuralCodec

__all__ = ["Encodec"]


@SYSTEMS.register("encodec")
class Encodec(NeuralCodec):
    """Neural codec: EnCodec at 3, 6 or 12 kbit/s, where the package and its weights are installed.

    References
    ----------
    A. Défossez et al., "High fidelity neural audio compression", TMLR 2023.
    """

    package = "encodec"
    rate_hz = RATE_HZ
    fetch = FETCH

    def weights(self) -> Path:
        """Return where torch.hub keeps the file that the package fetches."""
        return weights_path()

    def load(self) -> Any:
        """Return the 24 kHz model."""
        return load_encodec()

    def code(self, network: Any, waveform: Any, rng: np.random.Generator) -> Any:
        """Return the waveform at a random bit rate."""
        network.set_target_bandwidth(float(rng.choice([3.0, 6.0, 12.0])))
        return network(waveform)
