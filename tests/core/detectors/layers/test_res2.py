"""Multi-scale convolution and attentive statistics, against what is known on paper."""

import torch
from torch import nn

from core.detectors.layers.res2 import AttentiveStatistics, Res2Conv


def test_equal_attention_gives_the_plain_mean_and_deviation():
    pool = AttentiveStatistics(4, hidden=8, tanh=True).eval()
    nn.init.zeros_(pool.attend.weight)
    x = torch.randn(3, 4, 50, generator=torch.Generator().manual_seed(0))
    expected = torch.cat([x.mean(2), x.std(2, correction=0)], dim=1)
    torch.testing.assert_close(pool(x), expected)


def test_attention_can_pick_a_single_frame():
    pool = AttentiveStatistics(2, hidden=2, tanh=False).eval()
    with torch.no_grad():
        for layer in (pool.listen, pool.context, pool.attend):
            layer.weight.zero_()
        pool.listen.weight[:, :, 0] = pool.attend.weight[:, :, 0] = 30 * torch.eye(2)
    x = torch.zeros(1, 2, 9)
    x[0, :, 4] = torch.tensor([1.0, 2.0])
    mean, deviation = pool(x).chunk(2, dim=1)
    torch.testing.assert_close(mean, torch.tensor([[1.0, 2.0]]))
    torch.testing.assert_close(deviation, torch.full((1, 2), 0.01))


def test_statistics_of_silence_are_finite_and_so_is_their_gradient():
    pool = AttentiveStatistics(4, tanh=True).eval()
    x = torch.zeros(1, 4, 20, requires_grad=True)
    pool(x).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_each_group_sees_one_dilated_kernel_further_than_the_one_before():
    layer = Res2Conv(16, scale=4, dilation=2).eval()
    for module in layer.modules():
        if isinstance(module, nn.Conv1d):
            nn.init.constant_(module.weight, 1.0)
            nn.init.zeros_(module.bias)
    click = torch.zeros(1, 16, 41)
    click[0, :, 20] = 1.0
    reach = [(group.abs().sum((0, 1)) > 0).nonzero().flatten() for group in layer(click).chunk(4, dim=1)]
    assert [int(hit.max() - hit.min()) // 2 for hit in reach] == [0, 2, 4, 6]
