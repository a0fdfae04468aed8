"""Resemble's Perth watermark: its decoder, and what it reads in a clip.

The network is that of the package ``resemble-perth`` 1.0.1 (MIT), rebuilt to read marks only; ``perth_weights`` turns
the weights that the package carries into the safetensors that ship.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import nn
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.detectors.checkpoint import SHIPPED
from core.errors import CheckpointError
from core.files import sealed, sha256_bytes

__all__ = [
    "CARD", "FOLDER", "LEVEL_RMS", "MOST_S", "RATE", "SEAL", "WEIGHTS", "Convolution", "MarkDecoder", "levelled",
    "magnitudes", "mark_card", "read_mark", "shipped_decoder",
]  # fmt: skip

FOLDER = SHIPPED / "perth"
WEIGHTS, CARD, SEAL = "model.safetensors", "mark.json", "card_sha256"
RATE = 32_000
LEVEL_RMS = 0.2
"""RMS to which a clip is set before its mark is read: what the decoder answers depends on the level."""

MOST_S = 60.0
"""Seconds from the start in which a mark is looked for."""

_N_FFT, _HOP, _BANDS, _HIDDEN = 2048, 320, 128, 256
_FLOOR_DB, _HEADROOM_DB = -180.0, 15.0
_LOUD = 0.05
_SPEEDS = {"slow": 1.25, "normal": 1.0, "fast": 0.75}


class Convolution(nn.Module):
    """A convolution over time; with ``active``, a leaky ReLU behind it. It keeps the publication's names."""

    def __init__(self, channels: int, out: int, width: int, *, active: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, out, width, padding=width // 2)
        self.active = active

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what a sequence [shape=(batch, channels, frames)] becomes, of the same length."""
        x = self.conv(x)
        return functional.leaky_relu(x) if self.active else x


class MarkDecoder(nn.Module):
    """Three stacks of convolutions that read the mark at three speeds, weighted by how sure each is."""

    def __init__(self) -> None:
        super().__init__()
        for name in _SPEEDS:
            middle = [Convolution(_HIDDEN, _HIDDEN, 7) for _ in range(5)]
            stack = [Convolution(_BANDS, _HIDDEN, 1), *middle, Convolution(_HIDDEN, 2, 1, active=False)]
            self.add_module(f"{name}_layers", nn.Sequential(*stack))

    def forward(self, magnitude: torch.Tensor) -> torch.Tensor:
        """Return how surely there is a mark [shape=(batch,)], 0 to 1 and a little beyond.

        ``magnitude`` [shape=(batch, 1025, frames)] is what ``magnitudes`` returns. Frames as quiet as 5 % of the
        loudest do not count.
        """
        total = magnitude.sum(dim=1)
        loud = (total > _LOUD * total.amax(dim=1, keepdim=True)).float()[:, None]
        bands = magnitude[:, :_BANDS]
        read = torch.stack([self._read(name, bands, loud) for name in _SPEEDS], dim=1)
        return (read[..., 1] * read[..., 0].softmax(dim=1)).sum(dim=1)

    def _read(self, name: str, bands: torch.Tensor, loud: torch.Tensor) -> torch.Tensor:
        """Return certainty and mark at one speed [shape=(batch, 2)], each the mean over the loud frames."""
        if (speed := _SPEEDS[name]) != 1.0:
            size = int(bands.shape[2] * speed)
            bands = functional.interpolate(bands, size=size, mode="linear", align_corners=True)
            loud = functional.interpolate(loud, size=size, mode="nearest")
        out = self.get_submodule(f"{name}_layers")(bands)
        return (out * loud).sum(dim=2) / loud.sum(dim=2)


def magnitudes(waveform: torch.Tensor) -> torch.Tensor:
    """Return the levels of a waveform at 32 kHz [shape=(batch, 1025, frames)], 0 at -180 dB and 1 at 15 dB."""
    window = torch.hann_window(_N_FFT)
    spectrum = torch.stft(waveform, _N_FFT, _HOP, window=window, center=True, return_complex=True)
    level_db = 20 * spectrum.abs().clamp_min(10 ** (_FLOOR_DB / 20)).log10()
    return (level_db - _FLOOR_DB) / (_HEADROOM_DB - _FLOOR_DB)


def levelled(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a waveform at the level at which marks are read."""
    rms = float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
    return np.asarray(waveform * (LEVEL_RMS / max(rms, 1e-9)), np.float32)


@torch.inference_mode()
def read_mark(waveform: NDArray[np.float32], decoder: MarkDecoder) -> float:
    """Return how surely a clip carries the mark, 0 to 1; a figure without a unit, not a probability.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono at 16 kHz: the mark lies below 2 kHz.
    decoder : MarkDecoder
    """
    head = waveform[: round(MOST_S * SAMPLE_RATE)]
    resampled = soxr.resample(levelled(head), SAMPLE_RATE, RATE)
    padded = np.pad(resampled, (0, max(0, _N_FFT - len(resampled))))
    value = float(decoder(magnitudes(torch.from_numpy(padded)[None]))[0])
    return min(1.0, max(0.0, value))


def mark_card(folder: Path | None = None) -> dict[str, Any]:
    """Return what is known of the mark's decoder: where it comes from, its bar and what was measured.

    Parameters
    ----------
    folder : Path, optional
        Where the card lies; where the one that ships does.

    Raises
    ------
    CheckpointError
        When the card is missing or damaged.
    """
    path = (folder or FOLDER) / CARD
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{_named(path)} cannot be read as the card of a mark: restore it.") from error
    if not isinstance(stored, dict) or sealed(stored, SEAL) != stored:
        raise CheckpointError(f"{_named(path)} does not match its own digest: it was damaged or edited; restore it.")
    return stored


def _named(path: Path) -> str:
    """Return a file's name within the checkpoints: these texts are shown, and where they lie is the machine's own."""
    return f"checkpoints/{path.parent.name}/{path.name}"


@cache
def shipped_decoder() -> MarkDecoder:
    """Return the decoder that ships; every byte of its weights is checked against the card.

    Raises
    ------
    CheckpointError
        When a file is missing or damaged.
    """
    path, card = FOLDER / WEIGHTS, mark_card()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{_named(path)} is missing: restore it.") from error
    if sha256_bytes(data) != card["sha256"]:
        raise CheckpointError(f"{_named(path)} does not match the digest on its card: it was damaged; restore it.")
    decoder = MarkDecoder()
    try:
        decoder.load_state_dict({name: tensor.float() for name, tensor in load_tensors(data).items()})
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{_named(path)} does not fit the decoder of the mark: {error}") from error
    return decoder.eval()
