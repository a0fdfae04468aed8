"""Integrated gradients from the clip's own noise floor to the clip."""

import numpy as np
from numpy.typing import NDArray

from core.explain.base import METHODS, Method
from core.explain.inspection import View

__all__ = ["IntegratedGradients"]

_STEPS = 12
# Added before the logarithm: far below anything audible, so that an empty cell stays where it is.
_EMPTY = 1e-8


@METHODS.register("integrated-gradients")
class IntegratedGradients(Method):
    """The mean gradient on the way from noise floor to clip, times the way; the path is straight in decibels.

    Sundararajan et al., "Axiomatic attribution for deep networks", ICML 2017, by captum. The parts add up to
    the score of the noise floor less the clip's. The baseline is not silence: the detectors level their
    input, so that the path to zero is one of the same spectrum at ever lower levels, along which the score
    does not change until nothing is left. The noise floor is what the clip sounds like with the voice taken out.

    Parameters
    ----------
    steps : int
        Points on the path, at the nodes of Gauss and Legendre.
    """

    def __init__(self, *, steps: int = _STEPS) -> None:
        self.steps = steps

    def window(self, view: View) -> NDArray[np.floating]:
        """Return the attribution of one window [shape=(257, n_frames)]; positive = evidence for spoof."""
        from captum.attr import IntegratedGradients as CaptumIntegratedGradients

        method = CaptumIntegratedGradients(lambda levels: view.raw(levels.exp() - _EMPTY), multiply_by_inputs=True)
        parts = method.attribute(
            (view.magnitude + _EMPTY).log()[None], baselines=(view.floor + _EMPTY).log()[None],
            n_steps=self.steps, method="gausslegendre", internal_batch_size=1,
        )  # fmt: skip
        return -parts[0].detach().float().numpy()
