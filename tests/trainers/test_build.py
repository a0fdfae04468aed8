"""A recipe's network is built and tried before any recording is decoded."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from core.detectors.network import NETWORKS
from core.errors import CheckpointError, SpoofscopeError, UnknownNameError
from trainers import build
from trainers.build import build_network, choose_parameters, trial_step
from trainers.fit import fit
from trainers.losses import LossError
from trainers.recipe import Augmentation, Phase, Recipe, RecipeError


def recipe(**more):
    settings = {"name": "t", "architecture": "tinycnn-mfcc", "summary": "", "crop_s": 0.5, **more}
    return Recipe(**{"phases": [Phase(steps=1, learning_rate=1e-3)], **settings})


@pytest.mark.parametrize(
    ("more", "kind", "stated"),
    [
        ({"hyperparameters": {"hed": "linear"}}, RecipeError, "no hyper-parameter hed; there are: .*head"),
        ({"hyperparameters": {"head": "round"}}, RecipeError, "do not fit 'tinycnn-mfcc'.*round"),
        ({"hyperparameters": {"channels": ["a", "b"]}}, RecipeError, "do not fit 'tinycnn-mfcc'"),
        ({"architecture": "cnn2d-statspool", "hyperparameters": {"lfcc": {"hopp": 80}}}, RecipeError, "hopp"),
        ({"architecture": "cnn9d"}, UnknownNameError, "cnn9d"),
        ({"loss": "oc-softmax"}, LossError, "one-class"),
        ({"initial_weights": "nowhere.pth"}, UnknownNameError, "nowhere.pth"),
        ({"initial_weights": "crnn2"}, RecipeError, "The weights crnn2 do not fit"),
        ({"teachers": ["nobody"]}, UnknownNameError, "nobody"),
        ({"crop_s": 1e-5}, RecipeError, "cannot be trained on crops of 1e-05 s"),
    ],
)
def test_what_cannot_be_built_is_refused_before_the_corpus_is_opened(tmp_path, more, kind, stated):
    assert issubclass(kind, SpoofscopeError)
    nowhere = tmp_path / "nowhere"
    with pytest.raises(kind, match=stated):
        fit(recipe(**more), corpora=[(nowhere / "m.csv", nowhere)], out=tmp_path / "out", work=tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_a_checkpoint_with_a_full_stop_in_its_name_can_be_started_from(monkeypatch):
    network = NETWORKS.get("cnn2d-statspool")()

    class Stored:
        def __init__(self, name):
            assert name == "cnn2d-statspool.light"
            self.network = network

    monkeypatch.setattr(build, "load_detector", Stored)
    started = build_network(recipe(architecture="cnn2d-statspool", initial_weights="cnn2d-statspool.light"))
    assert torch.equal(started.head.linear.weight, network.head.linear.weight)


def test_a_network_of_this_kind_is_trained_further_with_a_part_of_another(monkeypatch):
    kind, local = NETWORKS.get("whisper-frames"), NETWORKS.get("localiser")
    frames, other = kind(), local()
    stored = {"whisper-frames": frames, "localiser": other}
    monkeypatch.setattr(build, "load_detector", lambda name: SimpleNamespace(network=stored[name]))
    together = recipe(
        architecture="whisper-frames", initial_weights="whisper-frames, localiser", splices={"pairs": 0.5}, batch=2,
        kept_crops=2,
    )  # fmt: skip
    started = build_network(together).state_dict()
    for name, weights in started.items():
        part = name.removeprefix("local.")
        theirs = other.state_dict()[part] if name != part else frames.state_dict()[name]
        assert torch.equal(weights, theirs), name


@pytest.mark.parametrize("change", ["silence_trim", "speed"])
def test_crops_whose_cells_have_targets_are_not_moved_in_time(change):
    cell_by_cell = recipe(architecture="localiser", splices={"pairs": 0.5}, augmentation={"noise": 0.5})
    build_network(cell_by_cell)
    with pytest.raises(RecipeError, match=f"set {change} to 0"):
        build_network(cell_by_cell.model_copy(update={"augmentation": Augmentation(**{change: 0.5})}))


def test_a_file_that_is_no_weights_is_refused(tmp_path):
    (tmp_path / "w.pth").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="is no file of weights"):
        build_network(recipe(initial_weights=str(tmp_path / "w.pth")))


def test_a_phase_that_would_train_nothing_is_refused():
    network = NETWORKS.get("tinycnn-mfcc")()
    network.head = nn.Dropout(0.1)
    choose_parameters(network, Phase(steps=1, learning_rate=1e-3), number=0)
    assert all(parameter.requires_grad for parameter in network.parameters())
    with pytest.raises(RecipeError, match=r"Phase 1 .*learns = 'head'.* would train nothing: Dropout has no param"):
        choose_parameters(network, Phase(steps=1, learning_rate=1e-3, learns="head"), number=1)


def test_a_head_phase_needs_a_head():
    network = NETWORKS.get("tinycnn-mfcc")()
    del network.head
    with pytest.raises(RecipeError, match=r"Phase 0 of the recipe trains the last layer alone\. .*has no head"):
        choose_parameters(network, Phase(steps=1, learning_rate=1e-3, learns="head"), number=0)


def test_a_network_of_bona_fide_speech_alone_needs_a_sign_to_set(monkeypatch):
    class Signless(NETWORKS.get("tinycnn-mfcc")):
        supervised = False

    monkeypatch.setattr(NETWORKS, "get", lambda name: Signless)
    with pytest.raises(RecipeError, match="buffer `polarity`"):
        build_network(recipe())


def test_a_trial_leaves_the_network_and_what_is_random_as_they_were():
    network = NETWORKS.get("tinycnn-mfcc")()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    assert trial_step(network, recipe()).step_s > 0
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
