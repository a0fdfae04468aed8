"""Where a speech encoder comes from: a folder as Hugging Face publishes it, a bundle of torchaudio, or nowhere."""

import json
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torchaudio import pipelines

from core.detectors.checkpoint import read_foreign_weights
from core.errors import CheckpointError
from core.frontends.speech_encoder import TINY, SpeechEncoder

__all__ = ["speech_encoder"]

State = dict[str, torch.Tensor]

_CONFIG, _PREPROCESSING = "config.json", "preprocessor_config.json"
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")

# Torchaudio's names of the settings, and Hugging Face's.
_SETTINGS = {
    "extractor_conv_bias": "conv_bias",
    "encoder_embed_dim": "hidden_size",
    "encoder_projection_dropout": "feat_proj_dropout",
    "encoder_pos_conv_kernel": "num_conv_pos_embeddings",
    "encoder_pos_conv_groups": "num_conv_pos_embedding_groups",
    "encoder_num_layers": "num_hidden_layers",
    "encoder_num_heads": "num_attention_heads",
    "encoder_attention_dropout": "attention_dropout",
    "encoder_ff_interm_features": "intermediate_size",
    "encoder_ff_interm_dropout": "activation_dropout",
    "encoder_dropout": "hidden_dropout",
    "encoder_layer_norm_first": "do_stable_layer_norm",
}
_WAVLM_SETTINGS = {"encoder_num_buckets": "num_buckets", "encoder_max_distance": "max_bucket_distance"}


def speech_encoder(model: str | Mapping[str, Any] | None, *, frozen: bool) -> SpeechEncoder:
    """Return a speech encoder.

    Parameters
    ----------
    model : str, mapping or None
        A folder with ``config.json`` and ``model.safetensors`` (or ``pytorch_model.bin``, which is not unpickled) of a
        wav2vec 2.0, XLS-R or WavLM; or the name of a bundle in ``torchaudio.pipelines``, which torchaudio fetches; or
        the configuration of an encoder whose weights a checkpoint brings; None for a tiny one with random weights.
    frozen : bool
        Never learn, and stay in evaluation mode.

    Raises
    ------
    CheckpointError
        When there is no such encoder, it cannot be fetched, or its files do not fit each other.
    """
    if model is None or isinstance(model, Mapping):
        return SpeechEncoder(model or TINY, frozen=frozen)
    config, state = _read_folder(Path(model)) if Path(model).is_dir() else _read_bundle(model)
    try:
        encoder = SpeechEncoder(config, frozen=frozen)
        encoder.model.load_state_dict(state)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"The weights of {model} do not fit its configuration: {error}") from error
    return encoder


def _read_folder(folder: Path) -> tuple[dict[str, Any], State]:
    try:
        published = json.loads((folder / _CONFIG).read_text())
        family = published["model_type"]
        names = {**_SETTINGS, **(_WAVLM_SETTINGS if family == "wavlm" else {})}
        config = {ours: published[theirs] for ours, theirs in names.items()}
        convolutions = zip(published["conv_dim"], published["conv_kernel"], published["conv_stride"], strict=True)
        config["extractor_conv_layer_config"] = [list(layer) for layer in convolutions]
        config["extractor_mode"] = f"{published['feat_extract_norm']}_norm"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / _CONFIG} is not the configuration of a speech encoder: {error!r}.") from error
    if family not in ("wav2vec2", "wavlm"):
        raise CheckpointError(f"{folder} holds a model of type {family!r}: only wav2vec2 and wavlm can be used.")
    normalise = _is_normalised(folder, default=published["feat_extract_norm"] == "layer")
    weights = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), folder / _WEIGHTS[0])
    return {"family": family, "normalise": normalise, **config}, _renamed(read_foreign_weights(weights), family)


def _is_normalised(folder: Path, *, default: bool) -> bool:
    path = folder / _PREPROCESSING
    try:
        return bool(json.loads(path.read_text()).get("do_normalize", default)) if path.is_file() else default
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def _renamed(state: State, family: str) -> State:
    """Give Hugging Face's tensors the names of torchaudio's module; what is no part of the encoder is left out."""
    places = {
        "feature_extractor.": "feature_extractor.",
        "feature_projection.": "encoder.feature_projection.",
        "encoder.": "encoder.transformer.",
    }
    renamed = {}
    for name, tensor in state.items():
        # A model with a head keeps its encoder under the family's name.
        bare = name.removeprefix(f"{family}.")
        for theirs, ours in places.items():
            if bare.startswith(theirs):
                renamed[ours + bare.removeprefix(theirs)] = tensor.float()
    return _joined(renamed) if family == "wavlm" else renamed


def _joined(state: State) -> State:
    """Join the projections to queries, keys and values, which are one matrix in torchaudio's WavLM."""
    joined = {}
    for name, tensor in state.items():
        if ".attention.q_proj." in name:
            # A missing one leaves the matrix too small, which loading it then says.
            parts = [state.get(name.replace("q_proj", part), tensor[:0]) for part in ("q_proj", "k_proj", "v_proj")]
            joined[name.replace("attention.q_proj.", "attention.attention.in_proj_")] = torch.cat(parts)
        elif ".attention.out_proj." in name:
            joined[name.replace("attention.out_proj", "attention.attention.out_proj")] = tensor
        elif ".attention.k_proj." not in name and ".attention.v_proj." not in name:
            joined[name] = tensor
    return joined


def _read_bundle(name: str) -> tuple[dict[str, Any], State]:
    bundle = getattr(pipelines, name, None)
    if not isinstance(bundle, pipelines.Wav2Vec2Bundle):
        raise CheckpointError(
            f"{name!r} is neither a folder with {_CONFIG} nor a bundle of torchaudio.pipelines, such as "
            "WAV2VEC2_XLSR_300M or WAVLM_LARGE."
        )
    try:
        made = bundle.get_model(dl_kwargs={"weights_only": True})
    except (OSError, RuntimeError, UnpicklingError) as error:
        raise CheckpointError(f"The bundle {name} could not be fetched or read: {error}") from error
    # A bundle says its settings nowhere in public; what normalises the waveform is wrapped around the model.
    unused = ("aux_num_out", "encoder_layer_drop")
    settings = {key: value for key, value in bundle._params.items() if key not in unused}
    family = "wavlm" if bundle._model_type == "WavLM" else "wav2vec2"
    state = getattr(made, "model", made).state_dict()
    encoder = {key: value for key, value in state.items() if not key.startswith("aux.")}
    return {"family": family, "normalise": bundle._normalize_waveform, **settings}, encoder
