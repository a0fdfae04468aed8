"""Baselines that read a clip in order: convolutions, then a recurrent layer."""

import torch
from torch import nn

from core.detectors.layers.blocks import conv2d_block
from core.detectors.layers.heads import make_head
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["Crnn", "Crnn2"]


class _Recurrent(Network):
    """Convolutions that pool cepstra more than time, then gated recurrent units; subclasses define what they return."""

    def __init__(
        self, *, normalisation: str, channels: tuple[int, ...], pools: tuple[tuple[int, int], ...], hidden: int,
        layers: int, both_ways: bool, dropout: float, head: str,
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = Lfcc(normalisation=normalisation)
        widths = [3, *channels]
        shapes = zip(widths, channels, pools, strict=False)
        self.blocks = nn.Sequential(*[conv2d_block(a, b, pool=p) for a, b, p in shapes])
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        rows = self.frontend.n_bins // 3
        for bins, _ in pools:
            rows //= bins
        self.recurrent = nn.GRU(
            channels[-1] * rows, hidden, num_layers=layers, batch_first=True, bidirectional=both_ways
        )
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, hidden * (2 if both_ways else 1))

    def steps(self, features: torch.Tensor) -> torch.Tensor:
        """Return the recurrent layer's output at each of its steps [shape=(batch, steps, d)]."""
        planes = features.unflatten(1, (3, -1)).contiguous(memory_format=torch.channels_last)
        steps: torch.Tensor = self.recurrent(self.blocks(planes).flatten(1, 2).mT)[0]
        return steps

    def cam(self) -> CamView:
        """The last convolution's map; it has a time axis, and a cepstral one that is not frequency."""
        return CamView(self.blocks, time_axis=3)


@NETWORKS.register("crnn")
class Crnn(_Recurrent):
    """Two convolutional blocks and a recurrent layer, of which only the last step counts.

    It fails for a reason. The last step has to carry a whole window through some 80 updates; what lies early is
    forgotten, and the score hangs on how the window happens to end. Spoofing leaves its traces anywhere.

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    channels : sequence of int
        Width of each convolutional block.
    hidden : int
        Width of the recurrent layer, whose last step is the embedding.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", channels: tuple[int, int] = (32, 64), hidden: int = 64,
        dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__(
            normalisation=normalisation, channels=channels, pools=((4, 2), (3, 2)), hidden=hidden, layers=1,
            both_ways=False, dropout=dropout, head=head,
        )  # fmt: skip

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the last step."""
        result: Output = self.head(self.drop(self.steps(features)[:, -1]))
        return result


@NETWORKS.register("crnn2")
class Crnn2(_Recurrent):
    """Four convolutional blocks and two recurrent layers that run both ways, then the mean over their steps.

    Course reports gave it up and blamed the order that recurrent layers keep, worth little for traces a few frames
    long. The mean over all steps mends what ails ``crnn``, though: trained as briefly, it is no worse here than
    convolutions alone (docs/detectors.md).

    Parameters
    ----------
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip.
    channels : sequence of int
        Width of each convolutional block.
    hidden : int
        Width of each recurrent layer in each direction; the embedding is twice as wide.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, normalisation: str = "mean_var", channels: tuple[int, int, int, int] = (32, 48, 64, 64),
        hidden: int = 96, dropout: float = 0.3, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__(
            normalisation=normalisation, channels=channels, pools=((2, 2), (2, 2), (3, 1), (1, 1)), hidden=hidden,
            layers=2, both_ways=True, dropout=dropout, head=head,
        )  # fmt: skip

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the mean over all steps."""
        result: Output = self.head(self.drop(self.steps(features).mean(1)))
        return result
