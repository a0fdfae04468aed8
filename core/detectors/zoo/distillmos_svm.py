"""The features of a model of speech quality, and a support vector machine on it."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from core.detectors.layers.density import TwoClassSvm
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.detectors.published.quality import QualityConvolutions, read_quality
from core.frontends.complex_spectrogram import ComplexSpectrogram

__all__ = ["DistillmosSvm"]

_MAPS = 256 * 4


@NETWORKS.register("distillmos-svm")
class DistillmosSvm(Network):
    """Mean and deviation over time of the maps of Distill-MOS, rotated, and a support vector machine.

    A listener's complaints about a recording (buzz, hiss, something metallic) are what vocoders and codecs leave
    behind, and a model of them has seen far more of both than any corpus of spoofs holds. It sees the complex
    spectrum, so the phase too. Nothing here learns by gradient: the convolutions stay as they were published, and
    the machine is fitted.

    Parameters
    ----------
    model : str or None
        ``distill_mos_v7.pt`` (``read_quality``); None for random weights, which a checkpoint replaces.
    n_directions, n_support : int
        Main directions of the statistics kept, and support vectors at most.
    penalty : float
        Price of a training clip on the wrong side.
    """

    slow = True
    unexported: ClassVar[str] = (
        "it magnifies what rounding does to its statistics, so that raw outputs on speech differ by 3e-4"
    )

    def __init__(
        self, *, model: str | None = None, n_directions: int = 256, n_support: int = 4096, penalty: float = 3.0
    ) -> None:
        super().__init__()
        self.frontend = ComplexSpectrogram()
        self.convolutions = QualityConvolutions()
        self.centre = nn.Buffer(torch.zeros(2 * _MAPS))
        self.directions = nn.Buffer(torch.eye(2 * _MAPS)[:, :n_directions].clone())
        self.machine = TwoClassSvm(n_support, n_directions, penalty=penalty)
        if model is not None:
            self.convolutions.load_state_dict(read_quality(Path(model)))

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit directions and machine to the statistics of training clips of both classes."""
        with torch.inference_mode():
            real, fake = (torch.cat([self._statistics(x) for x in clips]).clone() for clips in (bonafide, spoof))
        seen = torch.cat([real, fake])
        centre, deviation = seen.mean(0), seen.std(0).clamp_min(1e-5)
        axes = torch.linalg.svd((seen - centre) / deviation, full_matrices=False)[2]
        kept = axes[: self.directions.shape[1]].T / deviation[:, None]
        self.centre.copy_(centre)
        self.directions.zero_()
        self.directions[:, : kept.shape[1]] = kept
        is_real = np.arange(len(seen)) < len(real)
        self.machine.fit(((seen - self.centre) @ self.directions).numpy(), is_real)

    def _statistics(self, features: torch.Tensor) -> torch.Tensor:
        maps = self.convolutions(features.unflatten(1, (2, -1)))
        return mean_and_std(maps.flatten(1, 2))

    def last_layer(self) -> nn.Module:
        """Return the support vector machine."""
        return self.machine

    def classify(self, features: torch.Tensor) -> Output:
        """Return the distance from the machine's boundary, and the rotated statistics."""
        rotated = (self._statistics(features) - self.centre) @ self.directions
        return Output(self.machine(rotated), rotated, None)

    def cam(self) -> CamView:
        """The last convolution's map: four wide bands, one step every 20 ms."""
        return CamView(self.convolutions, time_axis=3, freq_axis=2, freqs_hz=[1600.0, 3200.0, 4800.0, 6400.0])
