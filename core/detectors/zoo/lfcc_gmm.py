"""LFCC-GMM: a mixture of Gaussians for each class, the challenges' baseline."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.detectors.layers.density import GaussianMixture
from core.detectors.network import NETWORKS, Network, Output
from core.frontends.lfcc import Lfcc

__all__ = ["LfccGmm"]

_FRAMES_A_CLIP = 80


@NETWORKS.register("lfcc-gmm")
class LfccGmm(Network):
    """Mean log-likelihood ratio of the frames under a bona fide and a spoof mixture; nothing is trained by gradient.

    Sahidullah, Kinnunen and Hanilci, Interspeech 2015; Todisco et al., Interspeech 2019. 20 LFCC with deltas, 20 ms
    frames every 10 ms, 512 components a class, fewer where the corpus is small.

    Parameters
    ----------
    n_lfcc : int
    normalisation : {'none', 'mean', 'mean_var'}
        Of the LFCC, per clip; the baseline has none, and is sensitive to the recording's channel.
    n_components : int
        Gaussians a class, at most.
    """

    def __init__(self, *, n_lfcc: int = 20, normalisation: str = "none", n_components: int = 512) -> None:
        super().__init__()
        self.frontend = Lfcc(n_lfcc=n_lfcc, n_filter=n_lfcc, window=320, hop=160, normalisation=normalisation)
        d = self.frontend.n_bins
        self.scale = nn.Buffer(torch.ones(d))
        self.bonafide = GaussianMixture(n_components, d)
        self.spoof = GaussianMixture(n_components, d)

    def prepare(self, bonafide: Iterable[torch.Tensor], spoof: Iterable[torch.Tensor]) -> None:
        """Fit both mixtures to frames of the training clips."""
        real, fake = _frames(bonafide, seed=0), _frames(spoof, seed=1)
        deviation = np.concatenate([real, fake]).std(0) + 1e-5
        self.scale.copy_(torch.from_numpy(1 / deviation))
        self.bonafide.fit(real / deviation)
        self.spoof.fit(fake / deviation)

    def last_layer(self) -> nn.Module:
        """Return the whole: there is nothing but the two densities."""
        return self

    def classify(self, features: torch.Tensor) -> Output:
        """Return the ratio, and as embedding the share of each component of either mixture in the clip."""
        frames = features.transpose(1, 2) * self.scale
        ours, theirs = self.bonafide.joint(frames), self.spoof.joint(frames)
        ratio = (ours.logsumexp(-1) - theirs.logsumexp(-1)).mean(1)
        shares = torch.cat([ours.softmax(-1).mean(1), theirs.softmax(-1).mean(1)], dim=1)
        return Output(ratio, shares, None)


def _frames(clips: Iterable[torch.Tensor], *, seed: int) -> NDArray[np.float32]:
    """Return some frames [shape=(n, d)] of each clip's features [shape=(1, d, frames)], as many of long as of short."""
    rng = np.random.default_rng(seed)
    drawn = []
    for clip in clips:
        frames = clip[0].T.numpy()
        drawn.append(frames[rng.permutation(len(frames))[:_FRAMES_A_CLIP]])
    return np.concatenate(drawn).astype(np.float32)
