"""The convolutions of a model of speech quality: what it responds to before it decides.

Distill-MOS (Stahl and Gamper 2025, arXiv:2502.05356) was trained by a quality model on XLS-R's features.
"""

from itertools import pairwise
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import nn
from torch.nn import functional

from core.errors import CheckpointError

__all__ = ["QualityConvolutions", "read_quality"]

_CHANNELS = (2, 64, 64, 128, 256, 256, 256)
_PREFIX = "cnn.cnn."


class QualityConvolutions(nn.Module):
    """Six convolutions over frequency and time; all but the first halve frequency, the last one time as well.

    Names of parameters follow the publication, which counts the activations between them.
    """

    def __init__(self) -> None:
        super().__init__()
        last = len(_CHANNELS) - 2
        self.cnn = nn.ModuleDict(
            {
                str(2 * number): nn.Conv2d(
                    c_in, c_out, 3, (1 if number == 0 else 2, 2 if number == last else 1), (0, 1)
                )
                for number, (c_in, c_out) in enumerate(pairwise(_CHANNELS))
            }
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """Return the last map [shape=(batch, 256, 4, frames / 2)] of planes [shape=(batch, 2, 161, frames)]."""
        x = planes.contiguous(memory_format=torch.channels_last)
        for convolution in self.cnn.values():
            x = functional.leaky_relu(convolution(x), 0.1)
        return x


def read_quality(path: Path) -> dict[str, torch.Tensor]:
    """Read the convolutions from ``distill_mos_v7.pt``, as the package ``distillmos`` 0.9.1 carries it.

    Raises
    ------
    CheckpointError
        When the file is missing, holds more than weights, or others.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}: it is part of the package distillmos 0.9.1.")
    expected = QualityConvolutions().state_dict()
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)["model"]
        found = {name: stored[_PREFIX + name.removeprefix("cnn.")] for name in expected}
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not Distill-MOS: {error}") from error
    wrong = next((name for name in expected if found[name].shape != expected[name].shape), None)
    if wrong is not None:
        raise CheckpointError(f"{path} is not Distill-MOS: {wrong} has another shape.")
    return found
