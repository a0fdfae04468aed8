"""The Descript Audio Codec at 16 kHz, where it is installed."""

from pathlib import Path
from typing import Any

import numpy as np

from core.audio.clip import SAMPLE_RATE
from trainers.spoofing.base import SYSTEMS
from trainers.spoofing.codecs import NeuralCodec

__all__ = ["Dac"]


@SYSTEMS.register("dac")
class Dac(NeuralCodec):
    """Neural codec: the Descript Audio Codec with 4 to all 12 of its codebooks, where it is installed.

    References
    ----------
    R. Kumar et al., "High-fidelity audio compression with improved RVQGAN", NeurIPS 2023.
    """

    package = "dac"
    rate_hz = SAMPLE_RATE
    fetch = "import dac; dac.utils.download(model_type='16khz')"

    def weights(self) -> Path:
        """Return where the package keeps the file that it fetches."""
        return Path.home() / ".cache" / "descript" / "dac" / "weights_16khz_8kbps_0.0.5.pth"

    def load(self) -> Any:
        """Return the 16 kHz model, built by the settings in its file."""
        import importlib

        import torch

        stored = torch.load(self.weights(), map_location="cpu", weights_only=True)
        model = importlib.import_module("dac").DAC(**stored["metadata"]["kwargs"])
        model.load_state_dict(stored["state_dict"])
        return model

    def code(self, network: Any, waveform: Any, rng: np.random.Generator) -> Any:
        """Return the waveform through a random number of codebooks."""
        return network(waveform, self.rate_hz, n_quantizers=int(rng.integers(4, 13)))["audio"]
