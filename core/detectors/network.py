"""The contract of a network: windows of a waveform in, its predictions out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import Frontend
from core.plugins import Registry

__all__ = ["NETWORKS", "CamView", "Grid", "Network", "Output"]

_FINE_HOP_S = 0.001


class Output(NamedTuple):
    """What a network predicts for a batch of windows.

    Attributes
    ----------
    raw : Tensor [shape=(batch,)]
        The network's own bona fide output, uncalibrated; **higher = more bona fide**.
    embedding : Tensor [shape=(batch, d)]
        The representation before the last layer.
    logits : Tensor [shape=(batch, 2)] or None
        Class 0 = spoof, class 1 = bona fide; None for networks trained on bona fide speech alone.
    cells : Tensor [shape=(batch, bands, steps)] or None
        Local raw outputs on the network's ``grid``; **their mean is the raw output**. None where it is no such mean.
    """

    raw: torch.Tensor
    embedding: torch.Tensor
    logits: torch.Tensor | None
    cells: torch.Tensor | None = None


class CamView(NamedTuple):
    """Where Grad-CAM may look, and which axes the map it finds there really has.

    Attributes
    ----------
    layer : Module
        Its output is the feature map [shape=(batch, channels, ...)].
    time_axis : int
        The dimension of the feature map that runs over the window's time.
    freq_axis : int or None
        The dimension that runs over frequency; None where the map has no such axis (cepstra).
    freqs_hz : list of float or None
        The frequency of each step along ``freq_axis``.
    """

    layer: nn.Module
    time_axis: int
    freq_axis: int | None = None
    freqs_hz: list[float] | None = None


class Grid(NamedTuple):
    """The places of the local outputs that a network's raw output is the mean of.

    Attributes
    ----------
    hop_s : float
        Seconds of a step; step ``k`` covers ``k * hop_s`` to ``(k + 1) * hop_s`` of the window, the last one perhaps
        more than is left of it.
    edges_hz : tuple of float
        Borders of the bands, one more than there are bands.
    """

    hop_s: float
    edges_hz: tuple[float, ...]

    @property
    def over_time(self) -> "Grid":
        """Return the grid of the same steps with one band."""
        return Grid(self.hop_s, (self.edges_hz[0], self.edges_hz[-1]))


class Network(nn.Module, ABC):
    """Front-end and classifier: windows of a waveform in, ``Output`` out.

    A subclass registers itself with ``@NETWORKS.register("name")``, takes its hyper-parameters as keyword arguments
    with defaults, sets ``frontend`` and (where it classifies) ``head``, and implements ``classify``. In evaluation mode
    the output for a window must not depend on the other windows of the batch. What it can do beyond that, it declares:
    ``rebuilds``, ``slow``, ``cam()``. One that is trained on bona fide speech alone declares it in ``supervised`` and
    brings its own ``loss``; one that is trained on the frames of frozen layers declares it in ``learns_from_frames``.

    Attributes
    ----------
    window : int
        Samples that the network takes at once (about 4 s at 16 kHz).
    frontend : Frontend
        Waveform to representation.
    head : Module
        The classifying layer; one that is called otherwise is returned by ``last_layer``.
    supervised : bool
        Whether it learns from labels.
    learns_from_frames : bool
        Whether training steps take what frozen layers make of crops, which is computed once, in place of the crops:
        ``training_input`` returns it, and ``from_training_input`` goes on from there.
    rebuilds : bool
        Whether it rebuilds its input, so that ``error_map`` shows where it fails.
    slow : bool
        Whether a window takes it more than some 30 ms, for another reason than a front-end that hardly steps.
    fixed_length : bool
        Whether the window's length is built into its layers, so that no shorter crop can be taken.
    family : str
        The published model whose frozen layers it stands on; empty for none. Those of one encoder are of one family.
    frozen_modules : tuple of str
        Modules that never learn.
    borrowed : dict of str to str
        Modules whose weights another checkpoint holds, under the same names: module to checkpoint. They are not stored
        a second time.
    """

    window: int = 4 * SAMPLE_RATE
    frontend: Frontend
    head: nn.Module
    supervised: ClassVar[bool] = True
    learns_from_frames: ClassVar[bool] = False
    rebuilds: ClassVar[bool] = False
    slow: ClassVar[bool] = False
    fixed_length: ClassVar[bool] = False
    family: ClassVar[str] = ""
    frozen_modules: ClassVar[tuple[str, ...]] = ()
    borrowed: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def is_slow_at(cls, hop_s: float) -> bool:
        """Return whether the network is slow behind a front-end with a frame every ``hop_s`` seconds.

        One that steps by less than 1 ms runs its network at (nearly) the rate of the samples, some 30 times dearer
        than one at the rate of frames.
        """
        return cls.slow or hop_s < _FINE_HOP_S

    @property
    def is_slow(self) -> bool:
        """Whether the network is too slow to be asked about a window hundreds of times, as occlusion does."""
        return self.is_slow_at(self.frontend.hop_s)

    @property
    def has_feature_map(self) -> bool:
        """Whether there is a feature map for Grad-CAM."""
        return self.cam() is not None

    def forward(self, waveforms: torch.Tensor) -> Output:
        """Return the predictions for windows [shape=(batch, n)]."""
        return self.classify(self.frontend(waveforms))

    @abstractmethod
    def classify(self, features: torch.Tensor) -> Output:
        """Return the predictions for the front-end's features."""

    def training_input(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return what a training step takes of windows [shape=(batch, n)]: these, or frames of frozen layers.

        Frames [shape=(batch, channels, steps)] where it ``learns_from_frames``.
        """
        return waveforms

    def from_training_input(self, inputs: torch.Tensor) -> Output:
        """Return the predictions for what ``training_input`` returns."""
        output: Output = self(inputs)
        return output

    def error_map(self, waveforms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return input, output and squared error [shape=(batch, bins, frames) each] of a network that ``rebuilds``."""
        raise TypeError(f"{type(self).__name__} rebuilds nothing.")

    def grid(self) -> Grid | None:
        """Return the grid of the output's ``cells``; None where the raw output is no mean of local ones."""
        return None

    def target_grid(self) -> Grid | None:
        """Return the grid of the targets where it is trained place by place: that of the cells, or of their mean."""
        return self.grid()

    def cells(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Return the local raw outputs [shape=(batch, bands, steps)] for windows; see ``Output``."""
        output: Output = self(waveforms)
        if output.cells is None:
            raise TypeError(f"The raw output of {type(self).__name__} is no mean of local ones.")
        return output.cells

    def start_from(self, state: dict[str, torch.Tensor]) -> None:
        """Take over published weights, or those of a checkpoint, before training."""
        self.load_state_dict(state)

    def rebuilt_by(self, hyperparameters: dict[str, Any]) -> dict[str, Any]:
        """Return the hyper-parameters by which a checkpoint alone builds this network.

        Those it was given, but ``model``: the file of others that the first weights came from.
        """
        return {name: value for name, value in hyperparameters.items() if name != "model"}

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Take what must be known of the training features before the first step; usually nothing."""

    def loss(self, features: torch.Tensor) -> torch.Tensor:
        """Return the loss of bona fide features, for a network that is not supervised."""
        raise TypeError(f"{type(self).__name__} has no loss of its own: it learns from labels.")

    def last_layer(self) -> nn.Module:
        """Return the classifying layer, which a first phase of training may train alone: ``head``.

        A network without labels has none, and is its own last layer.
        """
        if not self.supervised:
            return self
        if "head" not in self._modules:
            raise TypeError(f"{type(self).__name__} has no head: assign its classifying layer to self.head, or return "
                            "it from last_layer().")  # fmt: skip
        return self.head

    def cam(self) -> CamView | None:
        """Return where Grad-CAM may look, or None where the network has no feature map to show."""
        return None


NETWORKS: Registry[type[Network]] = Registry("detector", "core.detectors.zoo")
