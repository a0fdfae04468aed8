"""AASIST's graphs on the features of a self-supervised speech encoder.

Tak et al., Odyssey 2022 (arXiv:2202.12233). Parameter names of the back-end follow the published weights.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn import functional

from core.detectors.layers.encoder import ResidualBlock, as_image, residual_encoder
from core.detectors.layers.spectro_temporal import SpectroTemporalGraphs
from core.detectors.network import NETWORKS, CamView, Output
from core.detectors.published.pretrained import speech_encoder

__all__ = ["SslAasist"]

_REDUCED = 128


class _Block(ResidualBlock):
    """The block that leaves time as it is: the encoder's features are a hundred times slower than sinc bands."""

    shorten: ClassVar[int] = 1


@NETWORKS.register("ssl-aasist")
class SslAasist(SpectroTemporalGraphs):
    """wav2vec 2.0, XLS-R or WavLM with AASIST behind it; ``raw`` is the logit of class 1, as its authors score.

    Parameters
    ----------
    model : str, mapping or None
        Folder of a published encoder, name of a bundle of torchaudio, or configuration; see ``speech_encoder``. None
        is a tiny wav2vec 2.0 with random weights: 2 layers of 48 values.
    frozen : bool
        Train the back-end alone; the authors trained everything.
    window : int
        Samples of a window; the authors' is 64,600.
    """

    def __init__(
        self, *, model: str | Mapping[str, Any] | None = None, frozen: bool = False, window: int = 64_600
    ) -> None:
        super().__init__(
            nodes=_REDUCED // 3, width=64, gat_dims=(64, 32), pool_ratios=(0.5, 0.5, 0.5),
            temperatures=(2.0, 2.0, 100.0),
        )  # fmt: skip
        self.window = window
        self.frontend = speech_encoder(model, frozen=frozen)
        self.LL = nn.Linear(self.frontend.n_bins, _REDUCED)
        self.first_bn = nn.BatchNorm2d(1)
        self.encoder = residual_encoder((32, 64), block=_Block)
        self.first_bn1 = nn.BatchNorm2d(64)
        self.attention = nn.Sequential(nn.Conv2d(64, 128, 1), nn.SELU(), nn.BatchNorm2d(128), nn.Conv2d(128, 64, 1))

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the 160-dimensional hidden layer, and the logit of bona fide."""
        image = as_image(self.LL(features.mT).mT, self.first_bn)
        encoded = functional.selu(self.first_bn1(self.encoder(image)))
        weights = self.attention(encoded).float()
        spectral = (encoded * weights.softmax(3)).sum(3)
        temporal = (encoded * weights.softmax(2)).sum(2)
        return self.read(spectral.mT, temporal.mT)

    def rebuilt_by(self, hyperparameters: dict[str, Any]) -> dict[str, Any]:
        """Return the hyper-parameters with the encoder's configuration in place of the folder it came from."""
        return {**hyperparameters, "model": self.frontend.config}

    def cam(self) -> CamView:
        """The residual blocks' last map, one step every 60 ms; its other axis is no frequency."""
        return CamView(self.encoder, time_axis=3)
