"""The encoder of a model that tells speakers apart: what it hears before it names a voice.

Resemblyzer's, taught by the generalised end-to-end loss (Wan et al., ICASSP 2018, arXiv:1710.10467) on thousands of
speakers of LibriSpeech and VoxCeleb.
"""

from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn

from core.errors import CheckpointError

__all__ = ["VoiceEncoder", "read_voice"]

_WIDTH = 256


class VoiceEncoder(nn.Module):
    """Three recurrent layers on 40 mel bands; parameters are named as in the publication.

    Parameters
    ----------
    n_mels : int
    """

    def __init__(self, n_mels: int = 40) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_mels, _WIDTH, num_layers=3, batch_first=True)

    def forward(self, bands: torch.Tensor) -> torch.Tensor:
        """Return the last layer's outputs [shape=(batch, 256, frames)] of bands [shape=(batch, n_mels, frames)]."""
        steps: torch.Tensor = self.lstm(bands.mT)[0]
        return steps.mT


def read_voice(path: Path) -> dict[str, torch.Tensor]:
    """Read the encoder from ``pretrained.pt``, as the package ``resemblyzer`` 0.1.4 carries it.

    Raises
    ------
    CheckpointError
        When the file is missing, holds more than weights, or others.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}: it is part of the package resemblyzer 0.1.4.")
    expected = VoiceEncoder().state_dict()
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        found = {name: stored[name] for name in expected}
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not Resemblyzer's encoder: {error}") from error
    wrong = next((name for name in expected if found[name].shape != expected[name].shape), None)
    if wrong is not None:
        raise CheckpointError(f"{path} is not Resemblyzer's encoder: {wrong} has another shape.")
    return found
