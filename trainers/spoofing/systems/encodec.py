"""EnCodec at 24 kHz, where it is installed."""

from pathlib import Path
from typing import Any

import numpy as np

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
    rate_hz = 24_000
    fetch = "import encodec; encodec.EncodecModel.encodec_model_24khz()"

    def weights(self) -> Path:
        """Return where torch.hub keeps the file that the package fetches."""
        import torch

        return Path(torch.hub.get_dir()) / "checkpoints" / "encodec_24khz-d7cc33bc.th"

    def load(self) -> Any:
        """Return the 24 kHz model."""
        import importlib

        from core.detectors.checkpoint import read_foreign_weights

        model = importlib.import_module("encodec").EncodecModel.encodec_model_24khz(pretrained=False)
        model.load_state_dict(read_foreign_weights(self.weights()))
        return model

    def code(self, network: Any, waveform: Any, rng: np.random.Generator) -> Any:
        """Return the waveform at a random bit rate."""
        network.set_target_bandwidth(float(rng.choice([3.0, 6.0, 12.0])))
        return network(waveform)
