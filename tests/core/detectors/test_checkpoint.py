"""A checkpoint is read whole and intact, or not at all."""

import json
import pickle

import numpy as np
import pytest
import torch

from core.analysis.calibration import Calibration
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import (
    import_weights,
    load_detector,
    read_foreign_weights,
    save_checkpoint,
)
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.errors import CheckpointError, PolarityError, UnknownNameError


def card(**more) -> Card:
    return Card(name="small", architecture="cnn2d-lfcc", polarity=Polarity(how="made up"), **more)


@pytest.fixture
def network():
    torch.manual_seed(1)
    return NETWORKS.get("cnn2d-lfcc")().eval()


@pytest.fixture
def folder(network, tmp_path):
    return save_checkpoint(tmp_path / "small", network, card(calibration=Calibration(slope=2.0, intercept=-1.0)))


def test_a_loaded_detector_scores_as_the_saved_one(network, folder, speech):
    before = Detector(network, card(calibration=Calibration(slope=2.0, intercept=-1.0))).score(speech)
    after = load_detector(folder).score(speech)
    assert after.raw == before.raw
    assert after.score == pytest.approx(2 * before.raw - 1)
    np.testing.assert_array_equal(after.embedding, before.embedding)


def test_half_precision_halves_the_file(network, tmp_path):
    whole = save_checkpoint(tmp_path / "whole", network, card())
    half = save_checkpoint(tmp_path / "half", network, card(precision="float16"))
    sizes = [(path / "model.safetensors").stat().st_size for path in (whole, half)]
    assert sizes[1] < 0.55 * sizes[0]
    assert load_detector(half).network.head.weight.dtype == torch.float32


@pytest.mark.parametrize("name", ["model.safetensors", "card.json"])
@pytest.mark.parametrize("place", [0.0, 0.1, 0.33, 0.5, 0.77, 0.99])
def test_a_flipped_bit_is_detected(folder, name, place):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[int(place * (len(data) - 3))] ^= 0x10
    path.write_bytes(bytes(data))
    with pytest.raises(CheckpointError):
        load_detector(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "card.json"])
def test_a_cut_file_is_detected(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(CheckpointError):
        load_detector(folder)


def test_an_edited_card_is_detected(folder):
    path = folder / "card.json"
    stored = json.loads(path.read_text())
    stored["summary"] = "the best of all"
    path.write_text(json.dumps(stored))
    with pytest.raises(CheckpointError, match="digest"):
        load_detector(folder)


def test_missing_weights_are_named(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load_detector(folder)


def test_an_unknown_checkpoint_lists_what_there_is():
    with pytest.raises(UnknownNameError, match="no checkpoint 'nobody'"):
        load_detector("nobody")


def test_reversed_polarity_is_refused_and_leaves_nothing(network, tmp_path):
    real = np.array([True] * 5 + [False] * 5)
    raw = np.where(real, -1.0, 1.0)
    with pytest.raises(PolarityError, match="reversed"):
        save_checkpoint(tmp_path / "bad", network, card(), dev_raw=raw, dev_is_bonafide=real)
    assert list(tmp_path.iterdir()) == []
    saved = save_checkpoint(tmp_path / "good", network, card(), dev_raw=-raw, dev_is_bonafide=real)
    assert load_detector(saved).card.polarity.dev_auc == 1.0


def test_an_existing_checkpoint_is_not_overwritten_unasked(network, folder):
    with pytest.raises(FileExistsError):
        save_checkpoint(folder, network, card())
    assert load_detector(folder).card.calibration == Calibration(slope=2.0, intercept=-1.0)


def test_import_turns_foreign_weights_into_a_checkpoint(network, tmp_path, speech):
    torch.save(network.state_dict(), tmp_path / "theirs.pth")
    folder = import_weights("cnn2d-lfcc", tmp_path / "theirs.pth", tmp_path / "ours")
    detector = load_detector(folder)
    assert detector.name == "ours" and detector.card.calibration is None
    assert detector.score(speech).raw == Detector(network, card()).score(speech).raw


def test_import_names_what_does_not_fit(network, tmp_path):
    torch.save(network.state_dict(), tmp_path / "theirs.pth")
    with pytest.raises(CheckpointError, match="missing"):
        import_weights("aasist", tmp_path / "theirs.pth", tmp_path / "ours")
    assert not (tmp_path / "ours").exists()


class Canary:
    def __reduce__(self):
        return (open, ("PICKLE_CANARY", "w"))


def test_a_pickle_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.pt"
    path.write_bytes(pickle.dumps(Canary(), 2))
    with pytest.raises(CheckpointError):
        read_foreign_weights(path)
    assert not (tmp_path / "PICKLE_CANARY").exists()
