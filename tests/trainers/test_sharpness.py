"""Sharpness-aware steps: where their gradients are found, and that they come back."""

import pytest
import torch

from trainers.sharpness import SharpnessAware


def test_the_gradient_is_the_one_uphill_and_the_step_starts_from_where_it_was() -> None:
    weights = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    seen = []

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = 0.5 * (weights**2).sum()
        seen.append(weights.detach().clone())
        loss.backward()
        return loss

    optimiser = SharpnessAware([weights], 0.1, weight_decay=0.0, radius=0.5)
    loss = optimiser.step(closure)
    # The gradient of a bowl at w is w itself: five long, so that half a unit uphill is a tenth of it.
    torch.testing.assert_close(seen, [torch.tensor([3.0, 4.0]), torch.tensor([3.3, 4.4])])
    torch.testing.assert_close(weights.grad, torch.tensor([3.3, 4.4]))
    # Adam's first step is one learning rate long on each axis, from the place before.
    torch.testing.assert_close(weights.detach(), torch.tensor([2.9, 3.9]))
    assert loss.item() == 12.5


def test_without_a_closure_it_says_what_it_needs() -> None:
    with pytest.raises(TypeError, match="needs a closure"):
        SharpnessAware([torch.nn.Parameter(torch.ones(1))], 0.1, weight_decay=0.0, radius=0.1).step()
