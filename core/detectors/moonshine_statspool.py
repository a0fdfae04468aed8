"""The first layers of a speech recogniser, and how much what they hear varies."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.detectors.base import NETWORKS, CamView, Network, Output
from core.detectors.layers.blocks import conv1d_block
from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.layers.recogniser import RecogniserEncoder
from core.detectors.layers.recogniser_weights import read_recogniser
from core.errors import CheckpointError
from core.frontends.learnt_filters import LearntFilters

__all__ = ["MoonshineStatspool"]


@NETWORKS.register("moonshine-statspool")
class MoonshineStatspool(Network):
    """Layers of Moonshine's encoder, mixed by learnt weights; mean and deviation over time of a projection.

    A recogniser has heard far more voices and rooms than any corpus of spoofs holds, and what it hears before it
    knows the words tells spoofs from speech (Kawa et al., "Whisper features", Interspeech 2023, arXiv:2306.01428).

    Parameters
    ----------
    model : str or None
        ``encoder_model.ort`` of Moonshine Tiny (``read_recogniser``); None for random weights, which a checkpoint
        replaces.
    layers : int
        Transformer layers kept, of six.
    projection : int
        Values a frame, of which mean and deviation are taken.
    dropout : float
        Before the last layer.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    def __init__(
        self, *, model: str | None = None, layers: int = 3, projection: int = 128, dropout: float = 0.2,
        head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = LearntFilters()
        self.encoder = RecogniserEncoder(layers=layers)
        self.mixture = nn.Parameter(torch.zeros(layers + 1))
        self.norms = nn.ModuleList(nn.LayerNorm(self.frontend.n_bins) for _ in range(layers + 1))
        self.project = conv1d_block(self.frontend.n_bins, projection, kernel=1)
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, 2 * projection)
        if model is not None:
            self._take_over(read_recogniser(Path(model)), model)

    def _take_over(self, published: dict[str, torch.Tensor], model: str) -> None:
        for part in (self.frontend, self.encoder):
            lacking = sorted(part.state_dict().keys() - published.keys())
            if lacking:
                raise CheckpointError(f"{model} lacks {lacking[0]}: it is not the encoder of Moonshine Tiny.")
            part.load_state_dict({name: published[name] for name in part.state_dict()})

    def classify(self, features: torch.Tensor) -> Output:
        """Return what the head says of mean and deviation of the mixed, projected layers."""
        heard = zip(self.mixture.softmax(0), self.norms, self.encoder(features), strict=True)
        mixed = torch.stack([weight * norm(x) for weight, norm, x in heard]).sum(0)
        result: Output = self.head(self.drop(mean_and_std(self.project(mixed.mT))))
        return result

    def rebuilt_by(self, hyperparameters: dict[str, Any]) -> dict[str, Any]:
        """Return the hyper-parameters without the file that the encoder came from."""
        return {name: value for name, value in hyperparameters.items() if name != "model"}

    def cam(self) -> CamView:
        """The projection, one step every 24 ms; its values are no frequencies."""
        return CamView(self.project, time_axis=2)
