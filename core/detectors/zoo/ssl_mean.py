"""A self-supervised speech encoder, the mean of its last layer over time, and a linear layer.

Ge et al., "AntiDeepfake", 2025 (arXiv:2506.21090).
"""

from collections.abc import Mapping
from typing import Any

import torch

from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.detectors.published.pretrained import speech_encoder

__all__ = ["SslMean"]


@NETWORKS.register("ssl-mean")
class SslMean(Network):
    """wav2vec 2.0, XLS-R or WavLM, the mean over time, and a head.

    Parameters
    ----------
    model : str, mapping or None
        Folder of a published encoder, name of a bundle of torchaudio, or configuration; see ``speech_encoder``. None
        is a tiny wav2vec 2.0 with random weights: 2 layers of 48 values, 66,320 parameters.
    frozen : bool
        Train the head alone.
    head : {'linear', 'cosine', 'one-class'}
        The last layer, as the loss wants it.
    """

    def __init__(
        self, *, model: str | Mapping[str, Any] | None = None, frozen: bool = False, head: str = "linear"
    ) -> None:
        super().__init__()
        self.frontend = speech_encoder(model, frozen=frozen)
        self.head = make_head(head, self.frontend.n_bins)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the features' mean over time."""
        result: Output = self.head(features.mean(2))
        return result

    def rebuilt_by(self, hyperparameters: dict[str, Any]) -> dict[str, Any]:
        """Return the hyper-parameters with the encoder's configuration in place of the folder it came from."""
        return {**hyperparameters, "model": self.frontend.config}

    def cam(self) -> CamView:
        """The encoder's last layer, one step every 20 ms; its features are no frequencies."""
        return CamView(self.frontend, time_axis=2)
