"""The contract of an inference engine, which runs a network on windows; and PyTorch, which needs no preparation."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.detectors.network import Network

__all__ = ["Eager", "Engine"]


class Engine(Protocol):
    """Predicts for windows what a network predicts for them.

    Attributes
    ----------
    name : str
        'eager' or 'onnx'.
    """

    name: str

    def predict(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return the raw outputs [shape=(batch,)] and embeddings [shape=(batch, d)] of windows [shape=(batch, n)]."""
        ...


class Eager:
    """The network itself, as it stands: what is trained and explained is what is run."""

    name = "eager"

    def __init__(self, network: "Network") -> None:
        self._network = network

    def predict(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return the network's outputs; see ``Engine.predict``."""
        with torch.inference_mode():
            output = self._network(torch.from_numpy(windows))
        return output.raw.double().numpy(), output.embedding.float().numpy()
