"""Frames of a speech recogniser's first blocks beside those of the localiser, and small convolutions over both."""

from collections.abc import Sequence

import torch
from torch.nn import functional

from core.detectors.layers.frames import FrameConvolutions, FrozenFrames
from core.detectors.layers.heads import LinearHead
from core.detectors.layers.whisper import WhisperEncoder
from core.detectors.network import NETWORKS, Grid, Output
from core.detectors.zoo.localiser import Localiser
from core.frontends.base import Frontend
from core.frontends.magnitude_and_phase import MagnitudeAndPhase
from core.frontends.whisper_mel import WhisperLogMel

__all__ = ["WhisperFrames"]

_WIDTH, _BLOCKS = 512, 3
_POSITIONS = 200


@NETWORKS.register("whisper-frames")
class WhisperFrames(FrozenFrames):
    """A raw output every 20 ms, from what Whisper's first blocks and the localiser's last map make of that place.

    The blocks know what speech is like, and see the whole window; the localiser knows what a vocoder leaves behind,
    and sees half a second. Neither learns here: some 170,000 weights of convolutions over their frames are trained
    frame by frame, on recordings in which a copy stands in the place of some seconds (``trainers/splices.py``). The
    mean of the frames' outputs is the clip's.

    Over frequency a frame's output is divided as the localiser divides its own: a cell is the frame's output plus
    ``over_bands`` times what the localiser's cell there has beyond the mean of its bands. So the cells' mean is still
    the clip's raw output.

    Parameters
    ----------
    encoder : str or None
        The checkpoint whose ``encoder`` this is; its weights are not stored a second time. None for random weights.
    width : int
        Values of a hidden state.
    dilations : sequence of int
        Of the convolutions along time.
    dropout : float
        Of a frame's values.
    over_bands : float
        Any factor keeps the mean; by 1 the outputs, which vary more over time than the localiser's cells do over
        frequency, would all but hide which band it was. No score depends on it.
    """

    slow = True
    family = "Whisper"
    frozen_modules = ("encoder", "local")

    def __init__(
        self, *, encoder: str | None = None, width: int = 64, dilations: Sequence[int] = (1, 2, 4),
        dropout: float = 0.4, over_bands: float = 4.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.frontend: _MelAndPhase = _MelAndPhase()
        self.encoder = WhisperEncoder(width=_WIDTH, blocks=_BLOCKS, positions=_POSITIONS)
        self.local = Localiser()
        if encoder is not None:
            self.borrowed = {"encoder": encoder}
        self.n_bands = len(self.local.grid().edges_hz) - 1
        channels = _BLOCKS * _WIDTH + self.n_bands + self.local.head.linear.in_features
        self.convolutions = FrameConvolutions(channels, width=width, dilations=dilations, dropout=dropout)
        self.head = LinearHead(width)
        self.over_bands = over_bands

    def grid(self) -> Grid:
        """Cells of 20 ms by 500 Hz, those of the localiser."""
        return self.local.grid()

    def frames(self, features: torch.Tensor) -> torch.Tensor:
        """Return the blocks' outputs, the localiser's cells, and its last map's mean over the bands."""
        mels, planes = features.split((self.frontend.mel.n_bins, self.frontend.planes.n_bins), dim=1)
        states = self.encoder(mels[..., :-1])
        maps = self.local.last_map(planes)
        cells = self.local.cells_of(maps)
        steps = states[0].shape[1]
        return torch.cat([*(state.mT for state in states), cells[..., :steps], maps.mean(2)[..., :steps]], dim=1)

    def judge(self, frames: torch.Tensor) -> Output:
        """Return the output for frames; each frame's is divided over the bands."""
        output = super().judge(frames)
        assert output.cells is not None
        local = frames[:, _BLOCKS * _WIDTH : _BLOCKS * _WIDTH + self.n_bands]
        return output._replace(cells=output.cells + self.over_bands * (local - local.mean(1, keepdim=True)))

    def start_from(self, state: dict[str, torch.Tensor]) -> None:
        """Take over the weights of a localiser, or those of a network of this kind, which then is trained further."""
        of_this_kind = any(name.startswith("local.") for name in state)
        (self if of_this_kind else self.local).load_state_dict(state)


class _MelAndPhase(Frontend):
    """Whisper's mel bands, and below them the planes of magnitude and phase: (batch, n) to (batch, 848, 1 + n // 160).

    The mel bands are one frame shorter, so their last one stands there twice.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mel, self.planes = WhisperLogMel(), MagnitudeAndPhase()
        self.hop_s = self.mel.hop_s
        self.n_bins = self.mel.n_bins + self.planes.n_bins

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return both, one below the other."""
        planes = self.planes(waveform)
        mel = functional.pad(self.mel(waveform), (0, 1), mode="replicate")
        return torch.cat([mel, planes], dim=1)

    def describe(self) -> dict[str, object]:
        """Return the facts for a card."""
        return {**super().describe(), "name": "WhisperLogMel and MagnitudeAndPhase", "axis": "mel (Slaney), and linear"}
