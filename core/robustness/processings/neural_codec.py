"""A neural codec."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import fit_length
from core.robustness.encodec import RATE_HZ, load_encodec, without_encodec
from core.robustness.processing import processing

_KBPS = 6.0


@processing(
    "neural-codec", label="Neural codec, 6 kbit/s", probe="codec", needs=without_encodec,
    summary="Encoded by EnCodec at 24 kHz and 6 kbit/s, and back; what is decoded was made by a network.",
)  # fmt: skip
def neural_codec(waveform: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the decoded waveform."""
    import soxr
    import torch

    network = _network()
    network.set_target_bandwidth(_KBPS)
    sent = torch.from_numpy(soxr.resample(waveform, SAMPLE_RATE, RATE_HZ))[None, None]
    with torch.inference_mode():
        coded = network(sent)[0, 0].numpy()
    return fit_length(soxr.resample(coded, RATE_HZ, SAMPLE_RATE), len(waveform))


@functools.cache
def _network() -> Any:
    return load_encodec()
