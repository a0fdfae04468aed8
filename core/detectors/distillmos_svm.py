"""What a model of speech quality hears, and a support vector machine on it."""

from pathlib import Path
from typing import ClassVar

import torch

from core.detectors.base import NETWORKS, CamView
from core.detectors.layers.frozen import FrozenSvm
from core.detectors.layers.quality import QualityConvolutions, read_quality
from core.frontends.complex_spectrogram import ComplexSpectrogram

__all__ = ["DistillmosSvm"]


@NETWORKS.register("distillmos-svm")
class DistillmosSvm(FrozenSvm):
    """The maps of Distill-MOS, and a support vector machine.

    A listener's complaints about a recording (buzz, hiss, something metallic) are what vocoders and codecs leave
    behind, and a model of them has heard far more of both than any corpus of spoofs holds. It sees the complex
    spectrum, so the phase too.

    Parameters
    ----------
    model : str or None
        ``distill_mos_v7.pt`` (``read_quality``); None for random weights, which a checkpoint replaces.
    n_directions, n_support, penalty
        Of the machine (``FrozenSvm``).
    """

    slow = True
    unexported: ClassVar[str] = (
        "it magnifies what rounding does to its statistics, so that raw outputs on speech differ by 3e-4"
    )

    def __init__(
        self, *, model: str | None = None, n_directions: int = 256, n_support: int = 4096, penalty: float = 3.0
    ) -> None:
        super().__init__(256 * 4, n_directions=n_directions, n_support=n_support, penalty=penalty)
        self.frontend = ComplexSpectrogram()
        self.convolutions = QualityConvolutions()
        if model is not None:
            self.convolutions.load_state_dict(read_quality(Path(model)))

    def hears(self, features: torch.Tensor) -> torch.Tensor:
        """Return the last convolution's map, bands beneath each other."""
        maps: torch.Tensor = self.convolutions(features.unflatten(1, (2, -1)))
        return maps.flatten(1, 2)

    def cam(self) -> CamView:
        """The last convolution's map: four wide bands, one step every 20 ms."""
        return CamView(self.convolutions, time_axis=3, freq_axis=2, freqs_hz=[1600.0, 3200.0, 4800.0, 6400.0])
