"""The first blocks of a speech recogniser's encoder, and logistic regression on how their features vary."""

from collections.abc import Sequence
from pathlib import Path

import torch

from core.audio.clip import SAMPLE_RATE
from core.detectors.layers.density import LogisticBoundary
from core.detectors.layers.pooling import mean_and_std
from core.detectors.layers.statistics import FrozenStatistics
from core.detectors.layers.whisper import WhisperEncoder
from core.detectors.network import NETWORKS, CamView
from core.detectors.published.whisper_weights import load_whisper
from core.frontends.whisper_mel import WhisperLogMel

__all__ = ["WhisperStatspool"]

_WIDTH, _BLOCKS, _STEPS_PER_S, _LONGEST_S = 512, 6, 50, 30


@NETWORKS.register("whisper-statspool")
class WhisperStatspool(FrozenStatistics):
    """Mean and deviation over time of early blocks of Whisper base's encoder, rotated, and logistic regression.

    The recogniser was trained on 680,000 hours of speech from all over the web (Radford et al. 2023,
    arXiv:2212.04356): voices, rooms, microphones and codecs tell its early blocks apart little, and what they respond
    to before they know the words separates spoofs from speech (Kawa et al., Interspeech 2023, arXiv:2306.01428). The
    blocks stay as they were published; 257 weights are fitted. A support vector machine in their place was no better on
    pages that were held out (docs/experiments.md).

    Parameters
    ----------
    model : str or None
        Folder or file of Whisper base (``read_whisper``); None for random weights, which a checkpoint replaces.
    states : sequence of int
        The blocks, of six and counted from 1, whose outputs are used; blocks behind the last of them are not kept.
    window_s : float
        Seconds of a window, at most 30.
    n_directions : int
        Main directions of the statistics kept, each of which counts the same.
    penalty : float
        Price of a training clip on the wrong side.
    """

    slow = True
    family = "Whisper"

    def __init__(
        self, *, model: str | None = None, states: Sequence[int] = (1, 2, 3), window_s: float = 4.0,
        n_directions: int = 256, penalty: float = 0.03,
    ) -> None:  # fmt: skip
        if not states or not set(states) <= set(range(1, _BLOCKS + 1)):
            raise ValueError(f"states are blocks from 1 to {_BLOCKS}, such as [1, 2, 3], not {list(states)}.")
        if not 0 < window_s <= _LONGEST_S:
            raise ValueError(f"window_s is between 0 and {_LONGEST_S} seconds, not {window_s:g}.")
        self.states = sorted(set(states))
        super().__init__(
            2 * _WIDTH * len(self.states), LogisticBoundary(n_directions, penalty=penalty), n_directions=n_directions,
            whitened=True,
        )  # fmt: skip
        self.window = round(window_s * SAMPLE_RATE)
        self.frontend = WhisperLogMel()
        positions = -(-self.window * _STEPS_PER_S // SAMPLE_RATE)
        self.encoder = WhisperEncoder(blocks=self.states[-1], positions=positions)
        if model is not None:
            load_whisper(self.encoder, Path(model))

    def statistics(self, features: torch.Tensor) -> torch.Tensor:
        """Return mean and deviation over time of the chosen blocks' outputs [shape=(batch, 1024 * blocks)]."""
        outputs = self.encoder(features)
        return torch.cat([mean_and_std(outputs[number - 1].mT) for number in self.states], dim=1)

    def cam(self) -> CamView:
        """The last block kept, one step every 20 ms; its values are no frequencies."""
        return CamView(self.encoder.blocks[-1], time_axis=1)
