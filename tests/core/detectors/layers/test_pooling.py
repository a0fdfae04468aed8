"""Statistics over time are those on paper, weighted or not, and have a gradient where nothing varies."""

import math

import torch

from core.detectors.layers.pooling import AttentivePooling, mean_and_std


def test_mean_and_deviation_are_those_of_a_square_and_a_sawtooth():
    square = torch.tensor([3.0, -1.0]).repeat(50)
    sawtooth = torch.arange(100.0)
    pooled = mean_and_std(torch.stack([square, sawtooth])[None])
    expected = torch.tensor([[1.0, 49.5, 2.0, math.sqrt((100**2 - 1) / 12)]])
    torch.testing.assert_close(pooled, expected, atol=1e-4, rtol=1e-4)


def test_a_frame_of_no_weight_changes_nothing():
    x = torch.tensor([[[1.0, 3.0, 1000.0]]])
    pooled = mean_and_std(x, torch.tensor([[[0.5, 0.5, 0.0]]]))
    torch.testing.assert_close(pooled, torch.tensor([[2.0, 1.0]]), atol=1e-4, rtol=1e-4)


def test_a_map_that_never_varies_has_a_finite_gradient():
    x = torch.zeros(1, 2, 5, requires_grad=True)
    mean_and_std(x).sum().backward()
    assert x.grad is not None and torch.isfinite(x.grad).all()


def test_attention_leans_towards_the_frames_along_its_direction():
    pool = AttentivePooling(2)
    with torch.no_grad():
        pool.direction.copy_(torch.tensor([[5.0, 0.0]]))
    x = torch.tensor([[[1.0, -1.0], [10.0, 20.0]]])
    weight = 1 / (1 + math.exp(-2 * math.tanh(5.0)))
    torch.testing.assert_close(pool(x)[0, :2], torch.tensor([2 * weight - 1, 10 * weight + 20 * (1 - weight)]))
