"""A learnt mask: the least that must fall to the noise floor for the score to turn towards bona fide."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP
from core.detectors.base import Network
from core.explain.base import METHODS, Method
from core.explain.inspection import Inspection, View

__all__ = ["LearntMask"]

_STEPS = 24
_FINE_HOP_S = 0.001
_CELL_S, _CELL_BINS = 0.1, 8


@METHODS.register("mask")
class LearntMask(Method):
    """Gains of cells of 0.1 s by 250 Hz, learnt so that few of them undo what speaks for spoof.

    Fong and Vedaldi, "Interpretable explanations of black boxes by meaningful perturbation", ICCV 2017. Each gain
    moves its cell, in decibels, from the clip (0) to its noise floor (1). Every window is worked on alone.

    Parameters
    ----------
    steps : int
        Of Adam.
    sparsity : float
        Price of a window that is taken out whole, in units of the score that this would gain.
    """

    def __init__(self, *, steps: int = _STEPS, sparsity: float = 1.0) -> None:
        self.steps = steps
        self.sparsity = sparsity

    def fits(self, network: Network) -> bool:
        """Return whether the network is quick enough to be asked some dozens of times."""
        return network.frontend.hop_s >= _FINE_HOP_S

    def attribute(self, inspection: Inspection) -> NDArray[np.float32]:
        """Return the attribution [shape=(257, frames)]; positive = evidence for spoof, never negative."""
        total = torch.zeros_like(inspection.magnitude)
        for view in inspection.views():
            if not view.silent:
                total[:, view.frames] += self._window(view)
        return (total / len(inspection.spans)).numpy()

    def _window(self, view: View) -> torch.Tensor:
        bins, frames = view.magnitude.shape
        cells = (-(-bins // _CELL_BINS), max(1, round(frames * HOP / SAMPLE_RATE / _CELL_S)))
        ratio = ((view.floor + 1e-8) / (view.magnitude + 1e-8)).log()
        before = float(view.hear(view.magnitude[None])[0])
        # The scale of what can be gained, by the first step's gradient: prices are in its units.
        logits = torch.full((1, 1, *cells), -2.0, requires_grad=True)
        optimiser = torch.optim.Adam([logits], lr=0.3)
        scale = 0.0
        with torch.enable_grad():
            for _ in range(self.steps):
                taken = functional.interpolate(torch.sigmoid(logits), (bins, frames), mode="bilinear")[0, 0]
                gain = (view.raw((view.magnitude * (taken * ratio).exp())[None]) - before).sum()
                (slope,) = torch.autograd.grad(gain, logits)
                scale = max(scale, float(slope.clamp_min(0).sum()))
                with torch.no_grad():
                    s = torch.sigmoid(logits)
                    price = self.sparsity * s * (1 - s) / s.numel()
                    logits.grad = price - slope / max(scale, 1e-9)
                optimiser.step()
        with torch.no_grad():
            taken = functional.interpolate(torch.sigmoid(logits), (bins, frames), mode="bilinear")[0, 0]
            # The mask says where; what it gains is shared out by it.
            weight = (taken - taken.quantile(0.5)).clamp_min(0)
            after = float(view.hear((view.magnitude * (taken * ratio).exp())[None])[0])
        return weight / weight.sum().clamp_min(1e-9) * max(after - before, 0.0)
