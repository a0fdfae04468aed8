"""LFCC-LCNN-LSTM: a light CNN on LFCC, two recurrent layers, and the mean over time.

Wang and Yamagishi, Interspeech 2021 (arXiv:2103.11326). Parameter names follow the published weights.
"""

import torch
from torch import nn

from core.detectors.layers.lcnn import lcnn_trunk
from core.detectors.network import NETWORKS, CamView, Network, Output
from core.frontends.lfcc_energy import LfccEnergy

__all__ = ["LfccLcnnLstm"]


class _Recurrent(nn.Module):
    """A bidirectional LSTM that keeps the width of its input: [batch, steps, d]."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.l_blstm = nn.LSTM(d, d // 2, bidirectional=True, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        steps: torch.Tensor = self.l_blstm(x)[0]
        return steps


@NETWORKS.register("lfcc-lcnn-lstm")
class LfccLcnnLstm(Network):
    """LFCC-LCNN-LSTM, 269,729 parameters; ``raw`` is its one output before the sigmoid, as its authors score.

    As logits that output stands against 0, so that cross-entropy is the authors' binary cross-entropy. Any length can
    be scored. The published weights carry four numbers for scaling input and output, which take no part in them.

    Parameters
    ----------
    dropout : float
        Of the convolutions' last map.
    """

    def __init__(self, *, dropout: float = 0.7) -> None:
        super().__init__()
        self.m_frontend = nn.ModuleList([LfccEnergy()])
        self.m_transform = nn.ModuleList([lcnn_trunk(dropout=dropout)])
        self.m_transform.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        width = 32 * (self.frontend.n_bins // 16)
        self.m_before_pooling = nn.ModuleList([nn.Sequential(_Recurrent(width), _Recurrent(width))])
        self.m_output_act = nn.ModuleList([nn.Linear(width, 1)])
        for name, value in (("input_mean", 0.0), ("input_std", 1.0), ("output_mean", 0.0), ("output_std", 1.0)):
            self.register_buffer(name, torch.tensor([value]))

    @property
    def frontend(self) -> LfccEnergy:  # type: ignore[override]
        """The front-end, which the published weights list among the layers."""
        front = self.m_frontend[0]
        assert isinstance(front, LfccEnergy)
        return front

    def classify(self, features: torch.Tensor) -> Output:
        """Return logits, the time-mean of convolved and recurrent steps, and the output before the sigmoid."""
        maps = self.m_transform[0](features.mT[:, None])
        steps = maps.transpose(1, 2).flatten(2)
        embedding = (self.m_before_pooling[0](steps) + steps).mean(1)
        raw = self.m_output_act[0](embedding).float()[:, 0]
        return Output(raw, embedding, torch.stack([torch.zeros_like(raw), raw], dim=1))

    def last_layer(self) -> nn.Module:
        """Return the layer before the sigmoid."""
        return self.m_output_act

    def cam(self) -> CamView:
        """The convolutions' last map, one step every 0.16 s; its other axis is cepstral, not frequency."""
        return CamView(self.m_transform[0], time_axis=2)
