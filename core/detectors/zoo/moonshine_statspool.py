"""The first layers of a speech recogniser, and how much their features vary."""

from pathlib import Path

import torch
from torch import nn

from core.detectors.layers.heads import make_head
from core.detectors.layers.pooling import mean_and_std
from core.detectors.layers.recogniser import RecogniserEncoder
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.detectors.published.recogniser_weights import read_recogniser
from core.errors import CheckpointError
from core.frontends.learnt_filters import LearntFilters

__all__ = ["MoonshineStatspool"]


@NETWORKS.register("moonshine-statspool")
class MoonshineStatspool(Network):
    """Mean and deviation over time of each layer of Moonshine's encoder, and a perceptron on them.

    A recogniser has seen far more voices and rooms than any corpus of spoofs holds, and what it responds to before it
    knows the words separates spoofs from speech (Kawa et al., "Whisper features", Interspeech 2023, arXiv:2306.01428).

    Parameters
    ----------
    model : str or None
        ``encoder_model.ort`` of Moonshine Tiny (``read_recogniser``); None for random weights, which a checkpoint
        replaces.
    frozen : bool
        Train the perceptron alone.
    layers : int
        Transformer layers kept, of six; what goes into the first is used too.
    width : int
        Of the perceptron, and of the embedding.
    dropout : float
        Before and after the perceptron.
    head : {'linear', 'cosine', 'one-class'}
        The last layer.
    """

    slow = True
    family = "Moonshine"

    def __init__(
        self, *, model: str | None = None, frozen: bool = True, layers: int = 2, width: int = 128,
        dropout: float = 0.5, head: str = "linear",
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend = LearntFilters()
        self.frozen = frozen
        self.encoder = RecogniserEncoder(layers=layers)
        n_statistics = 2 * self.frontend.n_bins * (layers + 1)
        self.perceptron = nn.Sequential(
            nn.BatchNorm1d(n_statistics, affine=False), nn.Dropout(dropout), nn.Linear(n_statistics, width), nn.ReLU()
        )
        self.drop = nn.Dropout(dropout)
        self.head = make_head(head, width)
        if model is not None:
            self._take_over(read_recogniser(Path(model)), model)

    def _take_over(self, published: dict[str, torch.Tensor], model: str) -> None:
        for part in (self.frontend, self.encoder):
            lacking = sorted(part.state_dict().keys() - published.keys())
            if lacking:
                raise CheckpointError(f"{model} lacks {lacking[0]}: it is not the encoder of Moonshine Tiny.")
            part.load_state_dict({name: published[name] for name in part.state_dict()})

    def classify(self, features: torch.Tensor) -> Output:
        """Return the head's output for the layers' statistics."""
        statistics = torch.cat([mean_and_std(layer.mT) for layer in self._encode(features)], dim=1)
        result: Output = self.head(self.drop(self.perceptron(statistics)))
        return result

    def _encode(self, features: torch.Tensor) -> list[torch.Tensor]:
        # Only where it is trained: an explanation asks a frozen encoder, too, what it answered to.
        if not (self.frozen and self.training):
            return self.encoder(features)
        with torch.no_grad():
            return self.encoder(features)

    def cam(self) -> CamView:
        """The last layer, one step every 24 ms; its values are no frequencies."""
        return CamView(self.encoder.layers[-1], time_axis=1)
