"""Tiny speech encoders as Hugging Face publishes them: ``config.json`` and ``model.safetensors``."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

WIDTH, LAYERS, FEED_FORWARD, CONV = 24, 2, 32, 16
CONFIG = {
    "activation_dropout": 0.1, "attention_dropout": 0.1, "conv_dim": [CONV] * 7, "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2], "feat_proj_dropout": 0.1, "hidden_dropout": 0.1, "hidden_size": WIDTH,
    "intermediate_size": FEED_FORWARD, "layerdrop": 0.1, "num_attention_heads": 4, "num_conv_pos_embedding_groups": 2,
    "num_conv_pos_embeddings": 8, "num_hidden_layers": LAYERS, "max_bucket_distance": 64, "num_buckets": 32,
}  # fmt: skip

Shapes = dict[str, tuple[int, ...]]


def xlsr(folder: Path) -> Path:
    """Write a tiny XLS-R as pre-training left it: beside a quantiser, with weight normalisation's old names."""
    config = {"model_type": "wav2vec2", "feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True}
    shapes = _norm("encoder.layer_norm", WIDTH) | _stack(_linears("attention", ("k", "q", "v", "out")))
    for layer in range(7):
        name = f"feature_extractor.conv_layers.{layer}"
        shapes |= {f"{name}.conv.bias": (CONV,), **_norm(f"{name}.layer_norm", CONV)}
    shapes |= {"encoder.pos_conv_embed.conv.weight_g": (1, 1, 8), "encoder.pos_conv_embed.conv.weight_v": (24, 12, 8)}
    inside = {f"wav2vec2.{name}": shape for name, shape in shapes.items()}
    return _write(folder, config, {**inside, "quantizer.codevectors": (1, 8, 4), "project_q.weight": (4, 4)})


def wavlm(folder: Path) -> Path:
    """Write a tiny WavLM Base."""
    config = {"model_type": "wavlm", "feat_extract_norm": "group", "conv_bias": False, "do_stable_layer_norm": False}
    layer = _linears("attention", ("k", "q", "v", "out")) | {
        "attention.gru_rel_pos_const": (1, 4, 1, 1),
        "attention.gru_rel_pos_linear.weight": (8, WIDTH // 4),
        "attention.gru_rel_pos_linear.bias": (8,),
    }
    position = "encoder.pos_conv_embed.conv.parametrizations.weight.original"
    return _write(folder, config, _norm("encoder.layer_norm", WIDTH) | _stack(layer) | {
        "encoder.layers.0.attention.rel_attn_embed.weight": (32, 4),
        "feature_extractor.conv_layers.0.layer_norm.weight": (CONV,),
        "feature_extractor.conv_layers.0.layer_norm.bias": (CONV,),
        f"{position}0": (1, 1, 8), f"{position}1": (24, 12, 8), "masked_spec_embed": (WIDTH,),
    })  # fmt: skip


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _linears(place: str, names: tuple[str, ...]) -> Shapes:
    shapes: Shapes = {}
    for name in names:
        shapes |= {f"{place}.{name}_proj.weight": (WIDTH, WIDTH), f"{place}.{name}_proj.bias": (WIDTH,)}
    return shapes


def _stack(attention: Shapes) -> Shapes:
    """Return what every encoder has, its layers with ``attention``."""
    layer = attention | _norm("layer_norm", WIDTH) | _norm("final_layer_norm", WIDTH) | {
        "feed_forward.intermediate_dense.weight": (FEED_FORWARD, WIDTH),
        "feed_forward.intermediate_dense.bias": (FEED_FORWARD,),
        "feed_forward.output_dense.weight": (WIDTH, FEED_FORWARD),
        "feed_forward.output_dense.bias": (WIDTH,),
    }  # fmt: skip
    layers = {f"encoder.layers.{i}.{name}": shape for i in range(LAYERS) for name, shape in layer.items()}
    kernels = enumerate(CONFIG["conv_kernel"])
    convolutions = {
        f"feature_extractor.conv_layers.{i}.conv.weight": (CONV, CONV if i else 1, kernel) for i, kernel in kernels
    }
    return layers | convolutions | _norm("feature_projection.layer_norm", CONV) | {
        "feature_projection.projection.weight": (WIDTH, CONV), "feature_projection.projection.bias": (WIDTH,),
        "encoder.pos_conv_embed.conv.bias": (WIDTH,),
    }  # fmt: skip


def _write(folder: Path, config: dict[str, object], shapes: Shapes) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**CONFIG, **config}))
    generator = torch.Generator().manual_seed(0)
    tensors = {name: 0.4 * torch.randn(shape, generator=generator) for name, shape in sorted(shapes.items())}
    save_file(tensors, folder / "model.safetensors")
    return folder
