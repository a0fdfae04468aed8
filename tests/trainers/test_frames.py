"""Frames of frozen layers are computed once, found again, and trained on."""

import itertools

import numpy as np
import pytest
import torch

from core.detectors import checkpoint
from core.detectors.checkpoint import load_detector, read_card, save_card
from core.detectors.layers.frames import FrameConvolutions, FrozenFrames
from core.detectors.layers.heads import LinearHead
from core.detectors.network import NETWORKS, Grid
from core.errors import CheckpointError
from core.frontends.linear_spectrogram import LinearSpec
from trainers.build import build_network, trial_step
from trainers.fit import fit
from trainers.frames import ShuffledRows, frames_bytes
from trainers.recipe import Phase, Recipe, RecipeError, Splices


class Frozen(FrozenFrames):
    """A spectrogram through frozen layers."""

    frozen_modules = ("norm", "first")

    def __init__(self, *, lender: str | None = None) -> None:
        super().__init__()
        self.window = 16000
        self.frontend = LinearSpec(n_fft=512, window=320, hop=320)
        self.norm = torch.nn.BatchNorm1d(self.frontend.n_bins)
        self.first = torch.nn.Linear(self.frontend.n_bins, 12)
        if lender is not None:
            self.borrowed = {"first": lender}
        self.convolutions = FrameConvolutions(12, width=8, dilations=(1,), dropout=0.1)
        self.head = LinearHead(8)

    def grid(self) -> Grid:
        return Grid(0.02, (0.0, 8000.0))

    def frames(self, features: torch.Tensor) -> torch.Tensor:
        return self.first(self.norm(features).mT).mT[..., :50]


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The network above, under a name."""
    found = NETWORKS.get
    monkeypatch.setattr(type(NETWORKS), "get", lambda self, name: Frozen if name == "frozen" else found(name))


def recipe(**more) -> Recipe:
    settings = {
        "name": "frozen", "architecture": "frozen", "summary": "For a test.", "crop_s": 1.0, "batch": 4,
        "kept_crops": 16, "validate_every": 4, "precision": "32-true", "masks": {"time": 0, "frequency": 0},
        "splices": Splices(invented=1.0), "phases": [Phase(steps=8, learning_rate=3e-2)],
    }  # fmt: skip
    return Recipe(**{**settings, **more})


def trained(corpus, tmp_path, settings):
    corpora = [(corpus / "manifest.csv", corpus)]
    return fit(settings, corpora=corpora, out=tmp_path / "out", work=tmp_path / "work")


@pytest.mark.slow
def test_a_network_on_frozen_frames_is_trained_from_kept_frames_and_its_frozen_layers_stay(corpus, tmp_path, recwarn):
    torch.manual_seed(0)
    first = trained(corpus, tmp_path, recipe())
    kept = sorted((tmp_path / "work" / "cache").glob("frames-*/frames.npy"))
    assert len(kept) == 2 and {np.load(file).shape for file in kept} == {(16, 12, 50)}
    before = [file.stat().st_mtime_ns for file in kept]
    network = load_detector(first).network
    assert float(network.convolutions.standardise.running_mean.abs().max()) > 0
    assert not [warning for warning in recwarn if "eval mode" in str(warning.message)]
    # The seed is the same, so frozen layers, frames and weights are.
    again = trained(corpus, tmp_path, recipe())
    assert read_card(again).sha256 == read_card(first).sha256
    assert [file.stat().st_mtime_ns for file in kept] == before
    assert float(network.norm.running_mean.abs().max()) == 0
    output = network(torch.randn(2, 16000))
    torch.testing.assert_close(output.cells.mean((1, 2)), output.raw)


@pytest.mark.slow
def test_a_training_that_is_killed_among_its_crops_goes_on_with_the_next_ones_and_ends_the_same(
    corpus, tmp_path, monkeypatch
):
    whole = read_card(trained(corpus, tmp_path / "whole", recipe()))
    plain, batches = Frozen.frames, []

    def frames(self, features):
        # Four are a batch of crops; the trial before, and the development clips after, are of other sizes.
        batches.extend([1] if len(features) == 4 else [])
        if len(batches) == 3:
            raise KeyboardInterrupt
        return plain(self, features)

    monkeypatch.setattr(Frozen, "frames", frames)
    with pytest.raises(KeyboardInterrupt):
        trained(corpus, tmp_path / "killed", recipe())
    batches.extend([1])
    assert read_card(trained(corpus, tmp_path / "killed", recipe())).sha256 == whole.sha256
    assert len(batches) == 3 + 1 + 2, "the two batches that were kept are not computed again"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kept_crops": 0}, "needs `splices`, a `batch`, and `kept_crops`"),
        ({"splices": Splices()}, "needs `splices`, a `batch`, and `kept_crops`"),
        ({"masks": {"time": 3}}, "set the `masks`"),
        ({"architecture": "tinycnn-mfcc", "splices": Splices()}, "leave out `kept_crops`"),
    ],
)
def test_a_recipe_that_does_not_fit_frozen_frames_is_refused(more, why):
    with pytest.raises(RecipeError, match=why):
        build_network(recipe(**more))


def test_frozen_layers_learn_nothing():
    learning = [name for name, p in build_network(recipe()).named_parameters() if p.requires_grad]
    assert learning and not any(name.startswith("first") for name in learning)


def test_all_rows_are_drawn_before_one_is_drawn_again_and_a_later_epoch_goes_on():
    rows = ShuffledRows(10, batch=5, batches=2, seed=0)
    first, second = list(rows), list(rows)
    assert sorted(itertools.chain(*first)) == sorted(itertools.chain(*second)) == list(range(10)) and first != second
    rows.set_epoch(1)
    assert list(rows) == second


def test_rows_are_put_in_order_once_a_pass(monkeypatch):
    drawn = []
    generator = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: drawn.append(seed) or generator(seed))
    assert len(list(ShuffledRows(10, batch=2, batches=12, seed=3))) == 12
    assert drawn == [(3, 0, 0), (3, 0, 1), (3, 0, 2)]


def test_a_network_of_this_kind_brings_what_its_training_takes_and_only_what_follows_learns():
    network, crops = build_network(recipe()).train(), torch.randn(2, 16000)
    inputs = network.training_input(crops)
    assert inputs.shape == (2, 12, 50) and not inputs.requires_grad
    assert network.target_grid().edges_hz == (0.0, 8000.0)
    network.eval()
    torch.testing.assert_close(network.from_training_input(inputs).raw, network(crops).raw)
    plain = NETWORKS.get("tinycnn-mfcc")().eval()
    assert plain.training_input(crops) is crops and not plain.learns_from_frames
    torch.testing.assert_close(plain.from_training_input(crops).raw, plain(crops).raw)


def test_a_trial_knows_what_frozen_layers_take_apart_from_a_step():
    trial = trial_step(build_network(recipe()), recipe())
    assert trial.step_s > 0 and trial.input_s > 0


def test_what_frames_take_is_known_before_and_asking_moves_no_batch_statistics():
    network = Frozen()
    assert frames_bytes(network, recipe(), n_windows=3) == 2 * (16 + 3) * 12 * 50
    assert float(network.norm.running_mean.abs().max()) == 0
    assert frames_bytes(NETWORKS.get("tinycnn-mfcc")(), recipe(), n_windows=3) == 0


@pytest.mark.slow
def test_borrowed_weights_are_stored_once_and_only_the_very_same_are_taken(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path / "out")
    lender = trained(corpus, tmp_path, recipe(name="lender"))
    borrower = trained(corpus, tmp_path, recipe(name="borrower", hyperparameters={"lender": "lender"}))
    network, card = load_detector(borrower).network, read_card(borrower)
    assert card.borrowed == {"lender": read_card(lender).sha256}
    assert torch.equal(network.first.weight, load_detector(lender).network.first.weight)
    assert card.size_bytes < read_card(lender).size_bytes - 12 * 256
    save_card(borrower, card.model_copy(update={"borrowed": {"lender": "0" * 64}}))
    with pytest.raises(CheckpointError, match="the weights of another lender"):
        load_detector(borrower)
