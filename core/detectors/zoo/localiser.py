"""A network whose raw output is the mean of local ones, so that its map is its score."""

import torch
from torch import nn

from core.detectors.layers.heads import LinearHead, mean_of_cells
from core.detectors.network import NETWORKS, CamView, Grid, Network, Output
from core.frontends.magnitude_and_phase import MagnitudeAndPhase

__all__ = ["Localiser"]


@NETWORKS.register("localiser")
class Localiser(Network):
    """Convolutions over magnitude and phase that see less than half a second by a quarter of the spectrum.

    Each cell of 20 ms by 500 Hz has a raw output of its own, and their mean is the clip's. Trained cell by cell on
    recordings in which a copy stands in the place of some seconds or bands (``trainers/splices.py``), it learns where
    the copy is; joins between genuine pieces are bona fide there, so that it does not learn the cut.

    It sees the log magnitude less its mean over the neighbourhood, which takes away level, microphone and vowel;
    instantaneous frequency and group delay, which are wrong where only magnitudes were known; and the bin's height.

    Parameters
    ----------
    channels : sequence of int
        Width of the four stages; each halves the bins, and the first halves the frames.
    dropout : float
        Of whole feature maps before the last layer.
    """

    def __init__(self, *, channels: tuple[int, int, int, int] = (24, 40, 64, 80), dropout: float = 0.1) -> None:
        super().__init__()
        self.frontend = MagnitudeAndPhase()
        first, second, third, last = channels
        self.blocks = nn.Sequential(
            # Even kernels: a cell lies on its own two bins and frames, not half of one aside.
            _layer(4, first, kernel=6, stride=2),
            nn.MaxPool2d((2, 1)), _layer(first, second),
            nn.MaxPool2d((2, 1)), _layer(second, third), _layer(third, third, kernel=(1, 3)),
            # Along time alone from here on: what is seen stays within a quarter of the spectrum.
            nn.MaxPool2d((2, 1)), _layer(third, last, kernel=(1, 3)), _layer(last, last, kernel=(1, 3)),
        )  # fmt: skip
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout2d(dropout)
        bins = len(self.frontend.plane_hz)
        self.height = nn.Buffer(torch.linspace(-1, 1, bins)[:, None], persistent=False)
        self.head: LinearHead = LinearHead(last)

    def grid(self) -> Grid:
        """Cells of 20 ms by 500 Hz."""
        return Grid(2 * self.frontend.hop_s, tuple(500.0 * band for band in range(17)))

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the mean over the cells as embedding, and the log odds of bona fide, of each cell too."""
        return mean_of_cells(self.head, self.last_map(features))

    def cells_of(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the cells [shape=(batch, 16, steps)] of a last map."""
        cells = mean_of_cells(self.head, maps).cells
        assert cells is not None
        return cells

    def last_map(self, features: torch.Tensor) -> torch.Tensor:
        """Return the last map [shape=(batch, channels, 16, steps)]."""
        power, frequency, delay = features.chunk(3, dim=1)
        image = torch.stack([power / 2, frequency, delay, self.height.expand_as(power)], dim=1)
        maps: torch.Tensor = self.drop(self.blocks(image.contiguous(memory_format=torch.channels_last)))
        return maps

    def cam(self) -> CamView:
        """The last map: each value is one cell."""
        middles = [500.0 * band + 250.0 for band in range(16)]
        return CamView(self.blocks, time_axis=3, freq_axis=2, freqs_hz=middles)


def _layer(c_in: int, c_out: int, *, kernel: int | tuple[int, int] = 3, stride: int = 1) -> nn.Sequential:
    bins, frames = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = ((bins - 1) // 2, (frames - 1) // 2)
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, (bins, frames), stride=stride, padding=padding, bias=False),
        nn.BatchNorm2d(c_out), nn.ReLU(),
    )  # fmt: skip
