"""Networks that score a third of a second by a kilohertz at a time, and take the mean over the patches."""

import torch
from torch import nn

from core.detectors.layers.blocks import conv2d_block, strided_stem
from core.detectors.layers.heads import LinearHead, make_head, mean_of_cells
from core.detectors.layers.pooling import mean_and_std
from core.detectors.network import NETWORKS, CamView, Grid, Network, Output
from core.frontends.base import Frontend
from core.frontends.linear_spectrogram import LinearSpec
from core.frontends.phase import PhaseDerivative

__all__ = ["PatchCnn", "PatchCnnPhase", "PatchCnnSpec"]


class PatchCnn(Network):
    """Four convolutions with a receptive field of 39 x 39 bins and frames, then the mean over all patches.

    So small a field cannot lean on words, on the speaker or on the room: only on texture. The mean of the embedding
    is the mean of the patches' logits, because the head is linear. A channel with the height of each bin lets a
    patch know its frequency. The first 0.3 s of context at either end are padding's.

    Parameters
    ----------
    frontend : Frontend
        With bins on a linear frequency axis.
    channels : sequence of int
        Width of each block; all but the last halve both axes.
    head : {'linear', 'cosine', 'one-class'}
    pooling : {'mean', 'mean-std'}
        Over the patches; the deviation is how much they differ, but no mean of their logits.
    dropout : float
        Of whole feature maps before the mean.
    """

    def __init__(
        self, frontend: Frontend, *, channels: tuple[int, ...] = (32, 48, 64, 128), head: str = "linear",
        pooling: str = "mean", dropout: float = 0.2,
    ) -> None:  # fmt: skip
        if pooling not in {"mean", "mean-std"}:
            raise ValueError(f"Patches are pooled by 'mean' or by 'mean-std', not by {pooling!r}.")
        super().__init__()
        self.frontend = frontend
        self.pooling = pooling
        pools = [(2, 2)] * (len(channels) - 2) + [(1, 1)]
        self.blocks = nn.Sequential(
            strided_stem(2, channels[0]),
            *[conv2d_block(a, b, pool=p) for a, b, p in zip(channels, channels[1:], pools, strict=False)],
        )
        self.blocks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.drop = nn.Dropout2d(dropout)
        self.height = nn.Buffer(torch.linspace(-1, 1, frontend.n_bins)[:, None], persistent=False)
        self.head = make_head(head, channels[-1] * (1 if pooling == "mean" else 2))

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the mean over patches as embedding, and the log odds of bona fide."""
        maps = self.drop(self._maps(features))
        if self.pooling == "mean" and isinstance(self.head, LinearHead):
            return mean_of_cells(self.head, maps)
        patches = maps.flatten(2)
        output: Output = self.head(patches.mean(2) if self.pooling == "mean" else mean_and_std(patches))
        return output

    def grid(self) -> Grid | None:
        """Return the grid of the patches: 80 ms by 250 Hz; None where the output is no mean of theirs."""
        if self.pooling != "mean" or not isinstance(self.head, LinearHead):
            return None
        bins_hz, step = self.frontend.bins_hz or [], self._step
        spacing = bins_hz[1] - bins_hz[0]
        bands = range(len(bins_hz) // step + 1)
        return Grid(step * self.frontend.hop_s, tuple(bins_hz[0] + spacing * step * band for band in bands))

    def _maps(self, features: torch.Tensor) -> torch.Tensor:
        image = torch.stack([features, self.height.expand_as(features)], dim=1)
        maps: torch.Tensor = self.blocks(image.contiguous(memory_format=torch.channels_last))
        return maps

    @property
    def _step(self) -> int:
        """Bins and frames from one patch to the next."""
        return int(2 ** (len(self.blocks) - 1))

    def cam(self) -> CamView:
        """The last map: each value is one patch."""
        bins_hz, step = self.frontend.bins_hz or [], self._step
        middles = [sum(bins_hz[i : i + step]) / step for i in range(0, len(bins_hz) - step + 1, step)]
        return CamView(self.blocks, time_axis=3, freq_axis=2, freqs_hz=middles)


@NETWORKS.register("patchcnn-spec")
class PatchCnnSpec(PatchCnn):
    """Patches of a log spectrogram of 257 linear bins, normalised by bin over the clip."""

    def __init__(
        self, *, n_fft: int = 512, hop: int = 160, window: int = 320, normalisation: str = "mean_var",
        channels: tuple[int, ...] = (32, 48, 64, 128), head: str = "linear", pooling: str = "mean",
        dropout: float = 0.2,
    ) -> None:  # fmt: skip
        frontend = LinearSpec(n_fft=n_fft, hop=hop, window=window, normalisation=normalisation)
        super().__init__(frontend, channels=channels, head=head, pooling=pooling, dropout=dropout)


@NETWORKS.register("patchcnn-phase")
class PatchCnnPhase(PatchCnn):
    """Patches of the phase's derivative: phase only, no magnitude, and so unlike the others."""

    def __init__(
        self, *, kind: str = "instantaneous-frequency", n_fft: int = 512, hop: int = 160, window: int = 320,
        channels: tuple[int, ...] = (32, 48, 64, 128), head: str = "linear", pooling: str = "mean",
        dropout: float = 0.2,
    ) -> None:  # fmt: skip
        frontend = PhaseDerivative(kind=kind, n_fft=n_fft, hop=hop, window=window)
        super().__init__(frontend, channels=channels, head=head, pooling=pooling, dropout=dropout)
