"""A network whose cells are known on paper: the level of each 20 ms, smoothed over the neighbourhood."""

import torch

from core.analysis.calibration import Calibration
from core.detectors.card import Card, Localisation, Polarity
from core.detectors.detector import Detector
from core.detectors.layers.heads import make_head
from core.detectors.network import Grid, Network, Output
from core.frontends.linear_spectrogram import LinearSpec
from core.runtime.engine import Eager

HOP, WINDOW, CONTEXT = 320, 16000, 4


class Level(Network):
    """Two bands; the lower one has the mean sample of each step and its four neighbours, the upper one minus that."""

    window = WINDOW

    def __init__(self):
        super().__init__()
        self.frontend = LinearSpec()
        self.head = make_head("linear", 2)

    def grid(self):
        return Grid(0.02, (0.0, 4000.0, 8000.0))

    def forward(self, waveforms):
        steps = waveforms.unfold(1, HOP, HOP).mean(-1)
        near = torch.nn.functional.avg_pool1d(
            steps[:, None], 2 * CONTEXT + 1, stride=1, padding=CONTEXT, count_include_pad=True
        )[:, 0]
        cells = torch.stack([3 * near, -near], dim=1)
        return Output(cells.mean((1, 2)), cells.mean(2), None, cells)

    def classify(self, features):
        raise NotImplementedError


class Counted(Eager):
    """PyTorch, with the number of windows that it was asked for."""

    windows = 0

    def predict(self, windows):
        self.windows += len(windows)
        return super().predict(windows)


def rule(**changes):
    """One that takes the mean over bands for a log-likelihood ratio, without smoothing."""
    plain = {
        "slope": 1.0, "intercept": 0.0, "smooth_s": 0.0, "mark_below": -1.0, "keep_below": -0.5, "shortest_s": 0.1,
        "gap_s": 0.1, "basis": "made up",
    }  # fmt: skip
    return Localisation(**plain | changes)


def detector(localisation=None):
    card = Card(
        name="level", architecture="level", polarity=Polarity(how="made up"), calibration=Calibration(2.0, 0.25),
        localisation=localisation,
    )  # fmt: skip
    return Detector(Level(), card)
