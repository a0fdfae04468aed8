"""The contract of an inference engine, which runs a network on windows; and PyTorch, which needs no preparation."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.detectors.network import Network

__all__ = ["Eager", "Engine", "Prediction"]


class Prediction(NamedTuple):
    """What is predicted for some windows.

    Attributes
    ----------
    raws : ndarray [shape=(batch,)]
        The network's own bona fide outputs; higher = more bona fide.
    embeddings : ndarray [shape=(batch, d), float32]
    cells : ndarray [shape=(batch, bands, steps), float32] or None
        The local outputs that each raw output is the mean of; None where it is no such mean.
    """

    raws: NDArray[np.float64]
    embeddings: NDArray[np.float32]
    cells: NDArray[np.float32] | None = None


class Engine(Protocol):
    """Predicts for windows what a network predicts for them.

    Attributes
    ----------
    name : str
        'eager' or 'onnx'.
    """

    name: str

    def predict(self, windows: NDArray[np.float32]) -> Prediction:
        """Return what is predicted for windows [shape=(batch, n)]."""
        ...


class Eager:
    """The network itself, as it stands: what is trained and explained is what is run."""

    name = "eager"

    def __init__(self, network: "Network") -> None:
        self._network = network

    def predict(self, windows: NDArray[np.float32]) -> Prediction:
        """Return the network's outputs; see ``Engine.predict``."""
        with torch.inference_mode():
            output = self._network(torch.from_numpy(windows))
        cells = None if output.cells is None else output.cells.float().numpy()
        return Prediction(output.raw.double().numpy(), output.embedding.float().numpy(), cells)
