"""Sharpness-aware minimisation: steps that look for a wide valley instead of a deep one."""

from collections.abc import Callable
from typing import Any

import torch

__all__ = ["SharpnessAware"]


class SharpnessAware(torch.optim.AdamW):
    """AdamW on the gradients found a short way uphill (SAM, Foret et al. 2021).

    Twice the work a step. Batch statistics move along with both passes; the second stands so close to the first that
    they are not kept apart.

    Parameters
    ----------
    params : iterable of tensor
    learning_rate, weight_decay : float
    radius : float
        How far uphill, as the Euclidean length over all parameters together.
    """

    def __init__(self, params: Any, learning_rate: float, *, weight_decay: float, radius: float) -> None:
        super().__init__(params, learning_rate, weight_decay=weight_decay)
        self.radius = radius

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step; ``closure`` clears the gradients, finds the loss and its gradients, and returns the loss."""
        if closure is None:
            raise TypeError("Sharpness-aware minimisation finds the gradients twice: it needs a closure.")
        with torch.enable_grad():
            loss = closure()
        learning = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        length = torch.stack([p.grad.norm() for p in learning]).norm().clamp_min(1e-12)
        kept = [p.clone() for p in learning]
        for parameter in learning:
            parameter.add_(parameter.grad * (self.radius / length))
        with torch.enable_grad():
            closure()
        for parameter, before in zip(learning, kept, strict=True):
            parameter.copy_(before)
        super().step()
        return loss
