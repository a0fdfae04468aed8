"""Noise suppression."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.frontends.denoise import make_denoise
from core.robustness.processing import processing


@processing(
    "noise-suppression", label="Noise suppression", probe="background",
    summary="Stationary noise attenuated by a Wiener gain, by up to 20 dB.",
)  # fmt: skip
def noise_suppression(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the waveform with its steady background attenuated."""
    with torch.inference_mode():
        cleaned = make_denoise("wiener")(torch.from_numpy(np.ascontiguousarray(waveform))[None])
    return np.asarray(cleaned[0].numpy())
