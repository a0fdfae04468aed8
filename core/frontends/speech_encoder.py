"""Pretrained encoders, trained on speech without labels: wav2vec 2.0, XLS-R and WavLM."""

from collections.abc import Mapping
from math import prod
from typing import Any

import torch
import torchaudio
from torch.func import functional_call
from torch.nn import functional

from core.audio.clip import SAMPLE_RATE
from core.frontends.base import FRONTENDS, Frontend

__all__ = ["TINY", "SpeechEncoder"]

_MAKERS = {"wav2vec2": torchaudio.models.wav2vec2_model, "wavlm": torchaudio.models.wavlm_model}

TINY: dict[str, Any] = {
    "family": "wav2vec2",
    "normalise": True,
    "extractor_mode": "layer_norm",
    "extractor_conv_layer_config": [[32, 10, 5], *[[32, 3, 2]] * 4, *[[32, 2, 2]] * 2],
    "extractor_conv_bias": True,
    "encoder_embed_dim": 48,
    "encoder_projection_dropout": 0.0,
    "encoder_pos_conv_kernel": 16,
    "encoder_pos_conv_groups": 4,
    "encoder_num_layers": 2,
    "encoder_num_heads": 4,
    "encoder_attention_dropout": 0.1,
    "encoder_ff_interm_features": 96,
    "encoder_ff_interm_dropout": 0.1,
    "encoder_dropout": 0.1,
    "encoder_layer_norm_first": True,
}


@FRONTENDS.register("speech-encoder")
class SpeechEncoder(Frontend):
    """The last layer of a speech encoder: (batch, n) becomes (batch, width, about n // 320).

    Baevski et al., "wav2vec 2.0", NeurIPS 2020 (arXiv:2006.11477); Babu et al., "XLS-R", Interspeech 2022
    (arXiv:2111.09296); Chen et al., "WavLM", 2022 (arXiv:2110.13900). The architecture is torchaudio's. No layer is
    dropped in training: a WavLM without its first layer has no notion of position.

    Parameters
    ----------
    config : mapping
        Plain JSON values: ``family`` ('wav2vec2' or 'wavlm'); ``normalise``, whether the encoder was trained on
        waveforms of zero mean and unit variance; and what torchaudio's maker of the family takes. By default one
        with few and small layers, for tests.
    frozen : bool
        Never train, and stay in evaluation mode.
    """

    def __init__(self, config: Mapping[str, Any] = TINY, *, frozen: bool = False) -> None:
        super().__init__()
        self.config = dict(config)
        self.frozen = frozen
        settings = dict(config)
        maker, self.normalise = _MAKERS[settings.pop("family")], settings.pop("normalise")
        self.model = maker(**settings, encoder_layer_drop=0.0, aux_num_out=None)
        self.hop_s = prod(stride for _, _, stride in config["extractor_conv_layer_config"]) / SAMPLE_RATE
        self.n_bins = config["encoder_embed_dim"]
        self.train()

    def train(self, mode: bool = True) -> "SpeechEncoder":
        """Switch between training and evaluation, which a frozen encoder never leaves."""
        super().train(mode and not self.frozen)
        return self

    def represent(self, waveform: torch.Tensor) -> torch.Tensor:
        """Return the last layer's output [shape=(batch, width, frames)]."""
        if self.normalise:
            waveform = functional.layer_norm(waveform, waveform.shape[1:], eps=1e-7)
        # Detached at each use and not once for all: a phase of training makes every parameter trainable.
        weights = {name: p.detach() if self.frozen else p for name, p in self.model.named_parameters()}
        frames: torch.Tensor = functional_call(self.model, weights, (waveform,))[0]
        return frames.mT

    def describe(self) -> dict[str, Any]:
        """Return the facts for a card."""
        layers = self.config["encoder_num_layers"]
        facts = {"family": self.config["family"], "layers": layers, "frozen": self.frozen, "axis": "learnt features"}
        return {**super().describe(), **facts}
