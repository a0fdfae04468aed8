"""Self-supervised encoders have the published sizes; a frozen one stays as it is."""

import pytest
import torch

from core.frontends.speech_encoder import TINY, SpeechEncoder

BASE = {
    "extractor_conv_layer_config": [[512, 10, 5], *[[512, 3, 2]] * 4, *[[512, 2, 2]] * 2],
    "encoder_projection_dropout": 0.1, "encoder_pos_conv_kernel": 128, "encoder_pos_conv_groups": 16,
    "encoder_attention_dropout": 0.1, "encoder_ff_interm_dropout": 0.0, "encoder_dropout": 0.1, "normalise": False,
    "extractor_mode": "group_norm", "extractor_conv_bias": False, "encoder_layer_norm_first": False,
    "encoder_embed_dim": 768, "encoder_num_layers": 12, "encoder_num_heads": 12, "encoder_ff_interm_features": 3072,
}  # fmt: skip
LARGE = {
    **BASE, "encoder_embed_dim": 1024, "encoder_num_layers": 24, "encoder_num_heads": 16,
    "encoder_ff_interm_features": 4096, "extractor_mode": "layer_norm", "encoder_layer_norm_first": True,
}  # fmt: skip
BUCKETS = {"encoder_num_buckets": 320, "encoder_max_distance": 800}


@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({**BASE, "family": "wav2vec2"}, 94_370_944),
        ({**LARGE, "family": "wav2vec2", "extractor_conv_bias": True}, 315_437_696),
        ({**BASE, **BUCKETS, "family": "wavlm"}, 94_381_168),
        ({**LARGE, **BUCKETS, "family": "wavlm"}, 315_452_096),
    ],
    ids=["wav2vec2-base", "xls-r-300m", "wavlm-base", "wavlm-large"],
)
def test_published_encoders_have_their_published_sizes(config, count):
    with torch.device("meta"):
        encoder = SpeechEncoder(config, frozen=True)
    assert sum(p.numel() for p in encoder.parameters()) == count
    assert encoder.hop_s == 0.02 and encoder.n_bins == config["encoder_embed_dim"]


@pytest.mark.parametrize("frozen", [True, False])
def test_only_a_frozen_encoder_neither_learns_nor_leaves_evaluation_mode(frozen):
    torch.manual_seed(0)
    encoder = SpeechEncoder(TINY, frozen=frozen).train()
    for parameter in encoder.parameters():
        parameter.requires_grad_(True)
    waveform = torch.randn(2, 4000, requires_grad=True)
    output = encoder(waveform)
    output.square().mean().backward()
    assert waveform.grad is not None and waveform.grad.abs().sum() > 0
    assert all((p.grad is None) is frozen for p in encoder.parameters())
    assert {m.training for m in encoder.model.modules()} == {not frozen}
    assert torch.equal(encoder(waveform), output) is frozen


def test_a_frozen_encoder_keeps_nothing_for_the_way_back():
    encoder = SpeechEncoder(TINY, frozen=True).train()
    assert encoder(torch.randn(1, 4000)).grad_fn is None


def test_a_normalised_waveform_is_heard_alike_at_any_level():
    torch.manual_seed(0)
    encoder = SpeechEncoder(TINY, frozen=True)
    waveform = torch.randn(1, 8000) * 0.1
    torch.testing.assert_close(encoder(waveform), encoder(0.1 * waveform + 0.02), atol=1e-2, rtol=0)
