"""Local outputs of small convolutions over the frames of frozen layers: one raw output every few milliseconds."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from core.detectors.layers.heads import LinearHead, mean_of_cells
from core.detectors.network import CamView, Grid, Network, Output

__all__ = ["FrameConvolutions", "FrozenFrames"]


class FrameConvolutions(nn.Module):
    """Frames, standardised, narrowed, and convolved along time: a hidden state for each of them.

    Parameters
    ----------
    channels : int
        Values of a frame.
    width : int
        Values of a hidden state.
    dilations : sequence of int
        One residual convolution over five steps for each, that many frames apart.
    dropout : float
        Of a frame's values.
    """

    def __init__(self, channels: int, *, width: int, dilations: Sequence[int], dropout: float) -> None:
        super().__init__()
        # Its running mean and deviation standardise; there is nothing to learn in it.
        self.standardise = nn.BatchNorm1d(channels, affine=False)
        self.drop = nn.Dropout(dropout)
        self.narrow = nn.Linear(channels, width)
        self.norm = nn.LayerNorm(width)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation) for dilation in dilations
        )

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Return hidden states [shape=(batch, width, steps)] for frames [shape=(batch, channels, steps)]."""
        narrow = self.norm(self.narrow(self.drop(self.standardise(frames)).mT))
        hidden = functional.gelu(narrow).mT
        for convolution in self.convolutions:
            hidden = hidden + functional.gelu(convolution(hidden))
        return hidden


class FrozenFrames(Network):
    """Frames of frozen layers, and a network over them whose raw output is the mean of the frames' own.

    A subclass brings the front-end and ``frames``, assigns ``convolutions`` and ``head``, and names its grid. What is
    frozen never learns, so the frames of training crops are computed once for any number of steps.
    """

    learns_from_frames: ClassVar[bool] = True
    convolutions: FrameConvolutions
    head: LinearHead

    @abstractmethod
    def grid(self) -> Grid:
        """Return the grid of the outputs: of one band, or of several whose mean is the frame's output."""

    @abstractmethod
    def frames(self, features: torch.Tensor) -> torch.Tensor:
        """Return the frozen layers' frames [shape=(batch, channels, steps)] for the front-end's features."""

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the mean hidden state as embedding, and the log odds of bona fide, of each frame too."""
        return self.judge(self.frames(features))

    def judge(self, frames: torch.Tensor) -> Output:
        """Return the output for frames [shape=(batch, channels, steps)]."""
        return mean_of_cells(self.head, self.convolutions(frames)[:, :, None])

    def training_input(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return the frames of windows [shape=(batch, n)]; nothing before them learns."""
        with torch.no_grad():
            return self.frames(self.frontend(waveforms))

    def from_training_input(self, inputs: torch.Tensor) -> Output:
        """Return the output for frames."""
        return self.judge(inputs)

    def target_grid(self) -> Grid:
        """Return the grid of one band: a frame's output, the mean of its bands', is what has a target."""
        return self.grid().over_time

    def train(self, mode: bool = True) -> "FrozenFrames":
        """Leave the frozen layers as they are."""
        super().train(mode)
        for name in self.frozen_modules:
            self.get_submodule(name).eval()
        return self

    def cam(self) -> CamView:
        """The hidden states, one each step; their values are no frequencies."""
        return CamView(self.convolutions, time_axis=2)
