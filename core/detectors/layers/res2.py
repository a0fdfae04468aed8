"""What ECAPA-TDNN and RawNet3 share: multi-scale convolution over time and attentive statistics."""

import torch
from torch import nn

__all__ = ["AttentiveStatistics", "ConvReluNorm", "Res2Conv", "res2_stack"]


class ConvReluNorm(nn.Sequential):
    """Convolution over time, ReLU, batch normalisation: [batch, c_in, frames] becomes [batch, c_out, frames]."""

    def __init__(self, c_in: int, c_out: int, *, kernel: int = 1, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.Conv1d(c_in, c_out, kernel, padding=padding, dilation=dilation), nn.ReLU(), nn.BatchNorm1d(c_out)
        )


class Res2Conv(nn.Module):
    """Convolve groups of channels one after the other, each together with the result of the one before.

    Gao et al., "Res2Net", TPAMI 2021 (arXiv:1904.01169): a later group covers a wider stretch of time. The first
    group passes unchanged.

    Parameters
    ----------
    channels, scale : int
        Channels, and the number of groups they are split into.
    dilation : int
        Of every kernel of 3.
    """

    def __init__(self, channels: int, *, scale: int, dilation: int) -> None:
        super().__init__()
        width = channels // scale
        self.groups = nn.ModuleList([ConvReluNorm(width, width, kernel=3, dilation=dilation) for _ in range(scale - 1)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolved groups [shape=(batch, channels, frames)] in their order."""
        first, *rest = x.chunk(len(self.groups) + 1, dim=1)
        done = [first]
        for number, (group, part) in enumerate(zip(self.groups, rest, strict=True)):
            done.append(group(part + done[-1] if number else part))
        return torch.cat(done, dim=1)


def res2_stack(c_in: int, c_out: int, *, dilation: int) -> nn.Sequential:
    """Return what a residual block adds to its input: eight groups of channels convolved between two plain layers."""
    return nn.Sequential(
        ConvReluNorm(c_in, c_out), Res2Conv(c_out, scale=8, dilation=dilation), ConvReluNorm(c_out, c_out)
    )  # fmt: skip


class AttentiveStatistics(nn.Module):
    """Weighted mean and deviation over time: [batch, channels, frames] becomes [batch, 2 * channels].

    Every channel weighs the frames in its own way, knowing the clip's plain mean and deviation (Desplanques et al.,
    arXiv:2005.07143). Always in full precision: a variance is a small difference of large numbers.

    Parameters
    ----------
    channels, hidden : int
        Channels, and width of the attention's inner layer.
    tanh : bool
        Bound the inner layer, as ECAPA-TDNN does.
    """

    def __init__(self, channels: int, *, hidden: int = 128, tanh: bool) -> None:
        super().__init__()
        self.listen = nn.Conv1d(channels, hidden, 1)
        # The same for every frame, so convolved once; bias and all, the three are one layer over [frame, mean, std].
        self.context = nn.Linear(2 * channels, hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.bound = nn.Tanh() if tanh else nn.Identity()
        self.attend = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the mean, then the standard deviation, of each channel."""
        x = x.float()
        plain = _statistics(x, torch.full_like(x[:, :1], 1 / x.shape[2]))
        inner = self.listen(x) + self.context(plain)[:, :, None]
        weights = self.attend(self.bound(self.norm(torch.relu(inner)))).float().softmax(2)
        return _statistics(x, weights)


def _statistics(x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    mean = (x * weights).sum(2)
    variance = ((x - mean[:, :, None]).square() * weights).sum(2)
    return torch.cat([mean, variance.clamp(1e-4, 1e4).sqrt()], dim=1)
