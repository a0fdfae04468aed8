"""The convolutions of a quality model are taken from its file as they are, and from no other file."""

import pytest
import torch

from core.detectors.network import NETWORKS
from core.detectors.published.quality import QualityConvolutions, read_quality
from core.errors import CheckpointError


@pytest.fixture
def published(tmp_path):
    """The weights of six convolutions under the names of the published file, and one that is not ours."""
    torch.manual_seed(0)
    convolutions = QualityConvolutions()
    state = {f"cnn.{name}": value for name, value in convolutions.state_dict().items()}
    torch.save({"model": {**state, "pool.weight": torch.zeros(3)}, "step": 7}, tmp_path / "model.pt")
    return tmp_path / "model.pt", convolutions


def test_the_detector_reads_the_published_convolutions(published):
    path, convolutions = published
    ours = NETWORKS.get("distillmos-svm")(model=str(path)).convolutions.state_dict()
    assert ours.keys() == convolutions.state_dict().keys()
    assert all(torch.equal(ours[name], value) for name, value in convolutions.state_dict().items())


def test_four_seconds_become_four_bands_of_two_hundred_steps():
    network = NETWORKS.get("distillmos-svm")().eval()
    with torch.inference_mode():
        planes = network.frontend(torch.randn(1, 64_000)).unflatten(1, (2, -1))
        assert planes.shape == (1, 2, 161, 400)
        assert network.convolutions(planes).shape == (1, 256, 4, 200)


def test_other_files_are_refused_in_words(published, tmp_path):
    path, _ = published
    with pytest.raises(CheckpointError, match="distillmos"):
        read_quality(tmp_path / "absent.pt")
    stored = torch.load(path, weights_only=True)
    stored["model"]["cnn.cnn.4.weight"] = torch.zeros(1)
    torch.save(stored, path)
    with pytest.raises(CheckpointError, match=r"cnn\.4\.weight has another shape"):
        read_quality(path)
    path.write_text("Dear reader")
    with pytest.raises(CheckpointError, match="is not Distill-MOS"):
        read_quality(path)
