"""Gradient x input: how the score answers to a small change of each cell's level."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.explain.base import METHODS, Method
from core.explain.inspection import Inspection

__all__ = ["GradientXInput"]


@METHODS.register("gradient-x-input")
class GradientXInput(Method):
    """The magnitude times the gradient of the score with respect to it, which is the gradient by log-magnitude.

    Shrikumar et al., "Learning important features through propagating activation differences", ICML 2017, section 2.
    One pass a window: the quickest method.
    """

    def attribute(self, inspection: Inspection) -> NDArray[np.float32]:
        """Return the attribution [shape=(257, frames)]; positive = evidence for spoof."""
        total = torch.zeros_like(inspection.magnitude)
        for view in inspection.views():
            if not view.silent:
                total[:, view.frames] -= view.magnitude * view.gradient(view.magnitude)
        return (total / len(inspection.spans)).numpy()
