"""Published speech encoders are read as their own library reads them."""

import json

import pytest
import torch
from torchaudio import pipelines

from core.detectors.published.pretrained import speech_encoder
from core.errors import CheckpointError
from core.frontends.speech_encoder import TINY, SpeechEncoder
from tests.core.detectors import published_encoder

# What transformers 5.23 hears in these folders: frame 4 of the last hidden state from its start, frame 8 to its end.
EXPECTED = {
    "xlsr": ([-0.26795, 0.51992, -0.4929, 0.19992, 0.07721, -0.00134], [0.33145, 0.48942, 0.09376]),
    "wavlm": ([-0.40581, 0.25218, -0.01811, 0.81454, -0.50517, 0.65297], [-0.58212, -0.531, 0.03448]),
}


def waveform() -> torch.Tensor:
    return torch.randn(1, 3200, generator=torch.Generator().manual_seed(1)) * 0.1


@pytest.fixture(params=EXPECTED)
def folder(request, tmp_path):
    return getattr(published_encoder, request.param)(tmp_path / request.param)


def test_a_folder_gives_the_output_of_transformers(folder):
    heard = speech_encoder(str(folder), frozen=True)(waveform())
    early, late = EXPECTED[folder.name]
    assert heard.shape == (1, 24, 9)
    torch.testing.assert_close(heard[0, :6, 4], torch.tensor(early), atol=2e-5, rtol=0)
    torch.testing.assert_close(heard[0, -3:, 8], torch.tensor(late), atol=2e-5, rtol=0)


def test_a_configuration_builds_the_same_encoder_without_the_folder(folder):
    loaded = speech_encoder(str(folder), frozen=False).eval()
    config = json.loads(json.dumps(loaded.config))
    rebuilt = speech_encoder(config, frozen=False).eval()
    rebuilt.load_state_dict(loaded.state_dict())
    torch.testing.assert_close(rebuilt(waveform()), loaded(waveform()))


def test_weights_in_a_pickle_are_read_but_not_unpickled(folder):
    expected = speech_encoder(str(folder), frozen=True)(waveform())
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    torch.testing.assert_close(speech_encoder(str(folder), frozen=True)(waveform()), expected)


@pytest.mark.parametrize("asked", [True, False])
def test_the_published_preprocessing_says_whether_to_normalise(folder, asked):
    (folder / "preprocessor_config.json").write_text(json.dumps({"do_normalize": asked}))
    encoder = speech_encoder(str(folder), frozen=True)
    assert torch.allclose(encoder(waveform()), encoder(0.1 * waveform()), atol=1e-3) is asked


def test_without_that_word_encoders_with_layer_norm_are_given_normalised_waveforms(tmp_path):
    assert speech_encoder(str(published_encoder.xlsr(tmp_path / "a")), frozen=True).normalise
    assert not speech_encoder(str(published_encoder.wavlm(tmp_path / "b")), frozen=True).normalise


def test_a_missing_tensor_or_file_is_named(folder):
    (folder / "model.safetensors").rename(folder / "elsewhere")
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        speech_encoder(str(folder), frozen=True)
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "elsewhere")
    lost = next(name for name in tensors if name.endswith("layers.1.attention.k_proj.weight"))
    save_file({name: value for name, value in tensors.items() if name != lost}, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="do not fit"):
        speech_encoder(str(folder), frozen=True)


@pytest.mark.parametrize(
    ("change", "message"), [({"model_type": "whisper"}, "whisper"), ({"hidden_size": None}, "fit"), (None, "config")]
)
def test_a_folder_of_something_else_is_refused(folder, change, message):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}) if change else "[]")
    with pytest.raises(CheckpointError, match=message):
        speech_encoder(str(folder), frozen=True)


def test_a_name_that_is_neither_folder_nor_bundle_says_what_there_may_be():
    for name in ("nowhere/at/all", "MFCC", "EMFORMER_RNNT_BASE_LIBRISPEECH"):
        with pytest.raises(CheckpointError, match="WAV2VEC2_XLSR_300M"):
            speech_encoder(name, frozen=True)


@pytest.fixture
def bundle(monkeypatch, tmp_path):
    """A tiny bundle of torchaudio's, its weights where torchaudio keeps what it has fetched."""
    settings = {key: value for key, value in TINY.items() if key not in ("family", "normalise")}
    made = pipelines.Wav2Vec2Bundle(
        _path="tiny-test.pth", _params={**settings, "encoder_layer_drop": 0.1, "aux_num_out": None},
        _sample_rate=16000, _normalize_waveform=True, _model_type="Wav2Vec2",
    )  # fmt: skip
    monkeypatch.setattr(pipelines, "TINY", made, raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints" / "tiny-test.pth"


def test_a_bundle_is_used_by_its_name(bundle):
    torch.manual_seed(0)
    theirs = SpeechEncoder(TINY, frozen=True)
    torch.save(theirs.model.state_dict(), bundle)
    ours = speech_encoder("TINY", frozen=True)
    assert ours.config == TINY
    torch.testing.assert_close(ours(waveform()), theirs(waveform()))


class _Dangerous:
    def __reduce__(self):
        return (open, ("PICKLE_CANARY", "w"))


def test_a_bundle_is_never_unpickled(bundle, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": _Dangerous()}, bundle)
    with pytest.raises(CheckpointError, match="TINY"):
        speech_encoder("TINY", frozen=True)
    assert not (tmp_path / "PICKLE_CANARY").exists()
