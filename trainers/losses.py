"""Losses by the name a recipe gives them; targets are probabilities of bona fide, so that they may be soft."""

from collections.abc import Callable

import torch
from torch.nn import functional

from core.detectors.network import Output
from core.errors import SpoofscopeError
from trainers.recipe import Recipe

__all__ = ["LOSSES", "LossError", "am_softmax", "cell_loss", "cross_entropy", "focal", "oc_softmax"]

_OC_SCALE = 20.0


class LossError(SpoofscopeError):
    """A loss that the network's head cannot feed."""


def _logits(output: Output, loss: str) -> torch.Tensor:
    if output.logits is None:
        raise LossError(f"The loss {loss!r} needs two logits, and this network has one output: choose another head.")
    return output.logits.float()


def _two_classes(targets: torch.Tensor) -> torch.Tensor:
    return torch.stack([1 - targets, targets], dim=1)


def _mean(losses: torch.Tensor, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Average losses [shape=(batch,)] with the recipe's weights of (spoof, bona fide)."""
    weights = _two_classes(targets) @ losses.new_tensor(recipe.class_weights)
    return (losses * weights).sum() / weights.sum()


def _smoothed(targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    return targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2


def cell_loss(cells: torch.Tensor, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Mean cross-entropy of local raw outputs, with label smoothing.

    Parameters
    ----------
    cells, targets : Tensor [shape=(batch, bands, steps)]
        Log odds of bona fide, and its probability.
    recipe : Recipe
        Its ``label_smoothing``.
    """
    return functional.binary_cross_entropy_with_logits(cells.float(), _smoothed(targets, recipe))


def cross_entropy(output: Output, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Weighted cross-entropy with label smoothing.

    Parameters
    ----------
    output : Output
    targets : Tensor [shape=(batch,)]
        Probability of bona fide: 0 or 1, or between where clips were mixed or teachers scored.
    recipe : Recipe
        Its ``class_weights`` and ``label_smoothing``.
    """
    log_p = functional.log_softmax(_logits(output, "cross-entropy"), dim=1)
    return _mean(-(_two_classes(_smoothed(targets, recipe)) * log_p).sum(1), targets, recipe)


def focal(output: Output, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Cross-entropy times ``(1 - p) ** focal_gamma``: well-classified clips weigh less (Lin et al. 2017)."""
    log_p = functional.log_softmax(_logits(output, "focal"), dim=1)
    hard = (1 - log_p.exp()) ** recipe.focal_gamma
    return _mean(-(_two_classes(_smoothed(targets, recipe)) * hard * log_p).sum(1), targets, recipe)


def am_softmax(output: Output, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Cross-entropy of scaled cosines, the right class's less ``am_margin`` (Wang et al. 2018); for a cosine head."""
    logits = _logits(output, "am-softmax")
    log_p = functional.log_softmax(logits - _OC_SCALE * recipe.am_margin * _two_classes(targets), dim=1)
    return _mean(-(_two_classes(targets) * log_p).sum(1), targets, recipe)


def oc_softmax(output: Output, targets: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Bona fide inside one cone, spoofs outside a wider one (Zhang et al. 2021); for a one-class head."""
    if output.logits is not None:
        raise LossError("The loss 'oc-softmax' needs one cosine: give the network the head 'one-class'.")
    inner, outer = recipe.oc_margins
    cosine = output.raw.float()
    losses = targets * functional.softplus(_OC_SCALE * (inner - cosine))
    losses = losses + (1 - targets) * functional.softplus(_OC_SCALE * (cosine - outer))
    return _mean(losses, targets, recipe)


LOSSES: dict[str, Callable[[Output, torch.Tensor, Recipe], torch.Tensor]] = {
    "cross-entropy": cross_entropy,
    "focal": focal,
    "am-softmax": am_softmax,
    "oc-softmax": oc_softmax,
}
