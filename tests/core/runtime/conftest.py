"""Networks of a few weights that can be exported, cannot be, or are exported wrongly; and a cache of the test's own."""

import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from core.detectors.card import Card, Polarity
from core.detectors.network import Network, Output
from core.frontends.base import Frontend
from core.runtime import choose as choice


class Blocks(Frontend):
    """The waveform in rows of 16 samples: frames, as a Fourier transform would give them."""

    def __init__(self, *, hop: int = 16) -> None:
        super().__init__()
        self.hop_s, self.n_bins, self.hop = hop / 16_000, hop, hop

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        return waveform.unflatten(1, (-1, self.hop)).mT


class Tiny(Network):
    """A linear layer on the mean of the frames' absolute values."""

    window = 1600

    def __init__(self, *, hop: int = 16, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.frontend = Blocks(hop=hop)
        self.head = nn.Linear(hop, 4)
        self.eval()

    def classify(self, features: torch.Tensor) -> Output:
        embedding = self.head(features.abs().mean(-1))
        return Output(embedding.sum(1), embedding, None)


class Unexportable(Tiny):
    """One that uses an operation that ONNX has no word for."""

    def classify(self, features: torch.Tensor) -> Output:
        return super().classify(torch.linalg.qr(features)[1])


class Unfaithful(Tiny):
    """One whose export says something else than itself."""

    def classify(self, features: torch.Tensor) -> Output:
        output = super().classify(features)
        return output._replace(raw=output.raw + 0.01 * torch.jit.is_tracing())


def card_of(network: Network, *, weights: str = "0" * 64) -> Card:
    """Return the card of a network as if it had been loaded from a checkpoint with weights of that digest."""
    name = type(network).__name__.lower()
    return Card(name=name, architecture=name, polarity=Polarity(how="made up"), sha256=weights)


@pytest.fixture(autouse=True)
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of exports, empty; engines are chosen as for a person, and no page has been warmed."""
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    monkeypatch.setattr(choice, "_later", threading.Event())
    return tmp_path / "cache" / "onnx"
