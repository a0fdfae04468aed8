"""The layers of a speaker encoder are taken from its file as they are, and from no other file."""

import pytest
import torch

from core.detectors.base import NETWORKS
from core.detectors.layers.voice import VoiceEncoder, read_voice
from core.errors import CheckpointError
from core.frontends.powermel import PowerMel


@pytest.fixture
def published(tmp_path):
    """The weights of three layers under the names of the published file, and one that is not ours."""
    torch.manual_seed(0)
    encoder = VoiceEncoder()
    state = {**encoder.state_dict(), "linear.weight": torch.zeros(256, 256)}
    torch.save({"model_state": state, "step": 7}, tmp_path / "model.pt")
    return tmp_path / "model.pt", encoder


def test_the_detector_hears_through_the_published_layers(published):
    path, encoder = published
    ours = NETWORKS.get("ge2e-svm")(model=str(path)).encoder.state_dict()
    assert ours.keys() == encoder.state_dict().keys()
    assert all(torch.equal(ours[name], value) for name, value in encoder.state_dict().items())


def test_bands_are_librosas_at_minus_30_dbfs():
    import librosa

    wave = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(0))
    levelled = (wave * 10 ** (-30 / 20) / wave.square().mean().sqrt())[0].numpy()
    expected = librosa.feature.melspectrogram(y=levelled, sr=16_000, n_fft=400, hop_length=160, n_mels=40)
    torch.testing.assert_close(PowerMel()(wave)[0], torch.from_numpy(expected), rtol=1e-3, atol=1e-6)


def test_other_files_are_refused_in_words(published, tmp_path):
    path, _ = published
    with pytest.raises(CheckpointError, match="resemblyzer"):
        read_voice(tmp_path / "absent.pt")
    stored = torch.load(path, weights_only=True)
    stored["model_state"]["lstm.weight_hh_l1"] = torch.zeros(1)
    torch.save(stored, path)
    with pytest.raises(CheckpointError, match="weight_hh_l1 has another shape"):
        read_voice(path)
    path.write_text("Dear reader")
    with pytest.raises(CheckpointError, match="is not Resemblyzer"):
        read_voice(path)
