"""What a model of speakers hears, and a support vector machine on it."""

from pathlib import Path

import torch

from core.detectors.base import NETWORKS, CamView
from core.detectors.layers.frozen import FrozenSvm
from core.detectors.layers.voice import VoiceEncoder, read_voice
from core.frontends.powermel import PowerMel

__all__ = ["Ge2eSvm"]


@NETWORKS.register("ge2e-svm")
class Ge2eSvm(FrozenSvm):
    """The last recurrent layer of a speaker encoder, and a support vector machine.

    It was taught to find the same voice behind thousands of microphones, rooms and codecs, so it hears past them;
    how its idea of a voice wavers from frame to frame differs between speech and spoofs. It sees 40 mel bands of
    plain power, where loud vowels are nearly all there is, and errs unlike detectors that look for fine traces.

    Parameters
    ----------
    model : str or None
        ``pretrained.pt`` (``read_voice``); None for random weights, which a checkpoint replaces.
    n_directions, n_support, penalty
        Of the machine (``FrozenSvm``).
    """

    def __init__(
        self, *, model: str | None = None, n_directions: int = 512, n_support: int = 4096, penalty: float = 3.0
    ) -> None:
        super().__init__(256, n_directions=n_directions, n_support=n_support, penalty=penalty)
        self.frontend = PowerMel()
        self.encoder = VoiceEncoder(self.frontend.n_bins)
        if model is not None:
            self.encoder.load_state_dict(read_voice(Path(model)))

    def hears(self, features: torch.Tensor) -> torch.Tensor:
        """Return the last recurrent layer's outputs."""
        steps: torch.Tensor = self.encoder(features)
        return steps

    def cam(self) -> CamView:
        """The last recurrent layer: one step every 10 ms, no frequency."""
        return CamView(self.encoder, time_axis=2)
