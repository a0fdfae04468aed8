"""A pre-activation ResNet-18 on LFCC, trained towards one compact class: bona fide speech."""

import torch
from torch import nn
from torch.nn import functional

from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import AttentivePooling
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Resnet18OcSoftmax"]

_N_LFCC, _EMBEDDING = 20, 256
_STEM, _STAGES, _COLLAPSED = 16, (64, 128, 256, 512), 256


class _PreActivation(nn.Module):
    """Two convolutions, each after its normalisation (He et al., ECCV 2016); the shortcut leaves after the first."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c_in)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        same = stride == 1 and c_in == c_out
        self.shortcut = None if same else nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        active = functional.relu(self.bn1(x))
        kept = x if self.shortcut is None else self.shortcut(active)
        result: torch.Tensor = self.conv2(functional.relu(self.bn2(self.conv1(active)))) + kept
        return result


def _trunk(width: float) -> nn.Sequential:
    stem, *stages = (max(round(width * channels), 4) for channels in (_STEM, *_STAGES))
    layers: list[nn.Module] = [
        nn.Conv2d(1, stem, (9, 3), stride=(3, 1), padding=1, bias=False),
        nn.BatchNorm2d(stem),
        nn.ReLU(),
    ]
    c_in = stem
    for number, channels in enumerate(stages):
        layers += [_PreActivation(c_in, channels, 1 if number == 0 else 2), _PreActivation(channels, channels, 1)]
        c_in = channels
    collapsed = round(width * _COLLAPSED)
    # 60 rows have become 3 here: this convolution sees all of them at once.
    layers += [nn.Conv2d(c_in, collapsed, 3, padding=(0, 1), bias=False), nn.BatchNorm2d(collapsed), nn.ReLU()]
    return nn.Sequential(*layers)


@NETWORKS.register("resnet18-ocsoftmax")
class Resnet18OcSoftmax(Network):
    """Pre-activation ResNet-18, attentive mean and deviation over time, and a direction for bona fide speech.

    Zhang, Jiang and Duan, IEEE SPL 2021 (arXiv:2010.13995). With the head ``linear`` and full width it has the
    12,450,290 parameters of the published network; that one carries its unused two-class layer (514 values) also when
    it learns one class, where ``one-class`` has the 256 of its direction. The published pooling adds noise to
    every frame, in use as in training; here it adds none, so that a clip has one score. LFCC are normalised, and
    windows have any length.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip; published: none.
    width : float
        Factor of the published number of channels; a quarter is what a CPU can train.
    head : {'one-class', 'linear', 'cosine'}
        The last layer.
    """

    def __init__(self, *, normalisation: str = "mean_var", width: float = 1.0, head: str = "one-class") -> None:
        super().__init__()
        self.frontend = Lfcc(n_lfcc=_N_LFCC, n_filter=_N_LFCC, window=320, hop=160, normalisation=normalisation)
        self.trunk = _trunk(width)
        self.trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        collapsed = round(width * _COLLAPSED)
        self.pool = AttentivePooling(collapsed)
        self.embed = nn.Linear(2 * collapsed, _EMBEDDING)
        self.head = make_head(head, _EMBEDDING)

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the 256 values embedded from the pooled frames."""
        frames = self.trunk(features[:, None])[:, :, 0]
        result: Output = self.head(self.embed(self.pool(frames)))
        return result

    def cam(self) -> CamView:
        """The last map [shape=(batch, channels, 1, time)]: its convolution has seen all cepstra at once."""
        return CamView(self.trunk, time_axis=3)
