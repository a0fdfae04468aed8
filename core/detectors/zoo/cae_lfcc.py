"""A convolutional autoencoder of LFCC that knows bona fide speech only."""

import itertools
from collections.abc import Iterable
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from core.detectors.network import NETWORKS, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["CaeLfcc"]

_WIDTHS = (1, 32, 64, 128, 256)


@NETWORKS.register("cae-lfcc")
class CaeLfcc(Network):
    """Fully convolutional autoencoder; 4 s become a bottleneck of 256 x 20 x 11 (channels, time, cepstra).

    Trained on bona fide speech with the squared error of z-scored features. Whether speech or spoof is rebuilt
    better is not assumed: ``polarity`` is learnt on development data and stored with the weights.

    Parameters
    ----------
    n_lfcc : int
        Static coefficients; the input has three times as many rows (static, delta, delta-delta).
    scored : {'all', 'deltas'}
        Rows whose error counts: all, or only those of the delta and delta-delta coefficients.
    """

    supervised: ClassVar[bool] = False
    rebuilds: ClassVar[bool] = True

    def __init__(self, *, n_lfcc: int = 60, scored: str = "all") -> None:
        if scored not in {"all", "deltas"}:
            raise ValueError(f"An autoencoder is scored on 'all' rows or on 'deltas', not on {scored!r}.")
        super().__init__()
        self.first_scored = 0 if scored == "all" else n_lfcc
        self.frontend = Lfcc(n_lfcc=n_lfcc, normalisation="none")
        bins = self.frontend.n_bins
        self.feature_mean = nn.Buffer(torch.zeros(bins))
        self.feature_std = nn.Buffer(torch.ones(bins))
        self.polarity = nn.Buffer(torch.tensor(1.0))
        pairs = list(itertools.pairwise(_WIDTHS))
        self.encoder = nn.ModuleList([
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))
            for a, b in pairs
        ])  # fmt: skip
        self.decoder = nn.ModuleList([nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in reversed(pairs)])

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Set the mean and deviation of each feature of bona fide speech, by which it is standardised."""
        seen = torch.cat(list(itertools.islice(bonafide, 0, None, 3)))
        self.feature_mean.copy_(seen.mean((0, 2)))
        self.feature_std.copy_(seen.std((0, 2)).clamp_min(1e-3))

    def standardise(self, features: torch.Tensor) -> torch.Tensor:
        """Return the z-scored features [shape=(batch, frames, bins)] of those of the front-end."""
        return (features.transpose(1, 2) - self.feature_mean) / self.feature_std

    def loss(self, features: torch.Tensor) -> torch.Tensor:
        """Return the mean squared error of the rebuilt features."""
        features = self.standardise(features)
        return functional.mse_loss(self.reconstruct(features)[0].float(), features)

    def reconstruct(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the rebuilt features [shape=(batch, frames, bins)] and the bottleneck [batch, 256, time, cepstra]."""
        bottleneck, sizes = self.encode(features)
        return self.decode(bottleneck, sizes), bottleneck

    def encode(self, features: torch.Tensor) -> tuple[torch.Tensor, list[torch.Size]]:
        """Return the bottleneck and the size before each stage, which the way back needs."""
        x, sizes = features[:, None], []
        for stage in self.encoder:
            sizes.append(x.shape[-2:])
            x = stage(x)
        return x, sizes

    def decode(self, x: torch.Tensor, sizes: list[torch.Size]) -> torch.Tensor:
        """Return the features [shape=(batch, frames, bins)] that a bottleneck stands for."""
        for stage, size in zip(self.decoder, reversed(sizes), strict=True):
            # Odd lengths lost a row or column when halved; the transposed convolution gives it back.
            x = stage(x, output_size=list(size))
            if stage is not self.decoder[-1]:
                x = torch.relu(x)
        return x[:, 0]

    def classify(self, features: torch.Tensor) -> Output:
        """Return the signed logarithm of the reconstruction error and the time-mean bottleneck as embedding."""
        features = self.standardise(features)
        rebuilt, bottleneck = self.reconstruct(features)
        error = (rebuilt.float() - features)[..., self.first_scored :].square().mean((1, 2))
        raw = -self.polarity * (error + 1e-6).log()
        return Output(raw, bottleneck.mean(2).flatten(1).float(), None)

    def error_map(self, waveforms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return input, output and squared error, each [shape=(batch, bins, frames)], z-scored."""
        features = self.standardise(self.frontend(waveforms))
        rebuilt, _ = self.reconstruct(features)
        return features.mT, rebuilt.mT, (rebuilt - features).square().mT
