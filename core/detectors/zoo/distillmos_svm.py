"""The features of a model of speech quality, and a support vector machine on it."""

from pathlib import Path

import torch

from core.detectors.layers.density import TwoClassSvm
from core.detectors.layers.pooling import mean_and_std
from core.detectors.layers.statistics import FrozenStatistics
from core.detectors.network import NETWORKS, CamView
from core.detectors.published.quality import QualityConvolutions, read_quality
from core.frontends.complex_spectrogram import ComplexSpectrogram

__all__ = ["DistillmosSvm"]

_MAPS = 256 * 4


@NETWORKS.register("distillmos-svm")
class DistillmosSvm(FrozenStatistics):
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
    family = "Distill-MOS"

    def __init__(
        self, *, model: str | None = None, n_directions: int = 256, n_support: int = 4096, penalty: float = 3.0
    ) -> None:
        super().__init__(2 * _MAPS, TwoClassSvm(n_support, n_directions, penalty=penalty), n_directions=n_directions)
        self.frontend = ComplexSpectrogram()
        self.convolutions = QualityConvolutions()
        if model is not None:
            self.convolutions.load_state_dict(read_quality(Path(model)))

    def statistics(self, features: torch.Tensor) -> torch.Tensor:
        """Return mean and deviation over time of each map and band [shape=(batch, 2048)]."""
        maps = self.convolutions(features.unflatten(1, (2, -1)))
        return mean_and_std(maps.flatten(1, 2))

    def cam(self) -> CamView:
        """The last convolution's map: four wide bands, one step every 20 ms."""
        return CamView(self.convolutions, time_axis=3, freq_axis=2, freqs_hz=[1600.0, 3200.0, 4800.0, 6400.0])
