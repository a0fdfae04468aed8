"""Toy networks whose explanation is known on paper, and detectors made of them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from core.audio.clip import Clip, DecodeRecord
from core.detectors.card import Card, Polarity
from core.detectors.detector import Detector
from core.detectors.network import CamView, Grid, Network, Output
from core.frontends.base import Frontend

RATE = 16000


class Spectrum(Frontend):
    """Power of each bin, 128 bins of 62.5 Hz, in frames of 16 ms that do not overlap."""

    hop_s = 256 / RATE
    n_bins = 128
    bins_hz = [62.5 * i for i in range(128)]  # noqa: RUF012

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        frames = waveform.unfold(-1, 256, 256) * torch.hann_window(256)
        return torch.fft.rfft(frames)[..., :128].abs().square().mT


class Band(Network):
    """Takes energy between two frequencies, in some part of the window, for spoof: linear in the power."""

    window = 2 * RATE

    def __init__(self, low_hz: float = 0, high_hz: float = 8000, *, start: float = 0, stop: float = 1, gain=1.0):
        super().__init__()
        self.frontend = Spectrum()
        hz = torch.tensor(self.frontend.bins_hz)
        frames = self.window // 256
        at = (torch.arange(frames) + 0.5) / frames
        weight = ((hz >= low_hz) & (hz <= high_hz)).float()[:, None] * ((at >= start) & (at < stop)).float()
        self.weight = nn.Parameter(gain * weight)

    def classify(self, power: torch.Tensor) -> Output:
        raw = -(power * self.weight).mean((1, 2))
        return Output(raw, power.mean(2), None)


class BandWithMap(Band):
    """The same with a feature map: time alone, or time and frequency."""

    def __init__(self, *args, with_frequency: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.layer = nn.Identity()
        self.with_frequency = with_frequency

    def classify(self, features: torch.Tensor) -> Output:
        power = self.layer(features[:, None] * self.weight)
        return Output(-power.mean((1, 2, 3)), power.mean((1, 3)), None)

    def cam(self) -> CamView:
        if self.with_frequency:
            return CamView(self.layer, time_axis=3, freq_axis=2, freqs_hz=self.frontend.bins_hz)
        return CamView(self.layer, time_axis=3)


class Cells(BandWithMap):
    """The same in cells of 0.128 s by 1 kHz, the mean of which is the output; the last step is half a one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, with_frequency=True, **kwargs)

    def grid(self) -> Grid:
        return Grid(0.128, tuple(1000.0 * band for band in range(9)))

    def classify(self, features: torch.Tensor) -> Output:
        return super().classify(features)._replace(cells=self._cells(features * self.weight))

    def _cells(self, power: torch.Tensor) -> torch.Tensor:
        frames = power.shape[2]
        filled = nn.functional.pad(power, (0, -frames % 8))
        boxes = filled.unflatten(2, (-1, 8)).unflatten(1, (8, 16)).mean((2, 4))
        return -boxes * filled.shape[2] / frames


def as_detector(network: Network, name: str = "toy") -> Detector:
    return Detector(network, Card(name=name, architecture=name, polarity=Polarity(how="made up")))


def as_clip(waveform: np.ndarray) -> Clip:
    seconds = len(waveform) / RATE
    return Clip("made up", waveform.astype(np.float32), DecodeRecord("-", "-", RATE, 1, seconds, seconds))


@pytest.fixture
def noise() -> Callable[[float], np.ndarray]:
    """White noise, equally loud everywhere: float32, of so many seconds."""
    return lambda seconds: np.random.default_rng(4).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)
