"""Densities against scikit-learn's own, and detectors that are fitted rather than trained."""

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.svm import SVC, OneClassSVM

from core.detectors.layers.density import GaussianMixture, OneClassSvm, TwoClassSvm
from core.detectors.network import NETWORKS


@pytest.fixture
def samples():
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(0, 1, (400, 3)), rng.normal(4, 0.5, (400, 3))]).astype(np.float32)


def test_the_mixture_is_scikit_learns(samples):
    ours = GaussianMixture(2, 3)
    ours.fit(samples, seed=0)
    theirs = SklearnMixture(
        2, covariance_type="diag", max_iter=20, init_params="random_from_data", reg_covar=1e-3, random_state=0
    )
    theirs.fit(samples)
    np.testing.assert_allclose(ours(torch.from_numpy(samples)).numpy(), theirs.score_samples(samples), atol=1e-3)


def test_a_small_corpus_gets_fewer_components(samples):
    mixture = GaussianMixture(64, 3, per_component=200)
    mixture.fit(samples)
    assert (mixture.log_weights > -100).sum() == 4
    assert torch.isfinite(mixture(torch.from_numpy(samples))).all()


def test_the_support_vector_machine_is_scikit_learns(samples):
    ours = OneClassSvm(200, 3, nu=0.1)
    ours.fit(samples)
    gamma = 1 / (3 * float(samples.var()))
    theirs = OneClassSVM(kernel="rbf", nu=0.1, gamma=gamma).fit(samples).decision_function(samples)
    np.testing.assert_allclose(ours(torch.from_numpy(samples)).numpy(), theirs, atol=1e-3)


def test_the_boundary_between_two_classes_is_scikit_learns(samples):
    is_positive = np.arange(len(samples)) < 300
    ours = TwoClassSvm(800, 3, penalty=2.0)
    ours.fit(samples, is_positive)
    theirs = SVC(C=2.0, gamma=1 / (3 * float(samples.var())), class_weight="balanced").fit(samples, is_positive)
    np.testing.assert_allclose(ours(torch.from_numpy(samples)).numpy(), theirs.decision_function(samples), atol=1e-3)
    with pytest.raises(ValueError, match="raise n_support"):
        TwoClassSvm(5, 3).fit(samples, is_positive)


def test_more_support_vectors_than_there_is_room_for_are_refused(samples):
    with pytest.raises(ValueError, match="room for 5"):
        OneClassSvm(5, 3, nu=0.5).fit(samples)


@pytest.mark.parametrize("name", ["lfcc-gmm", "gmm", "ocsvm"])
def test_a_fitted_detector_finds_beeps_unusual(name):
    more = {"n_components": 4} if name == "lfcc-gmm" else {"n_directions": 4, "base": "statspool-mlp"}
    torch.manual_seed(0)
    network = NETWORKS.get(name)(**more).eval()
    generator = torch.Generator().manual_seed(1)
    syllables = 1 + torch.sin(torch.arange(network.window) / 16000 * 2 * np.pi * 4)
    hum = torch.cumsum(torch.randn(80, network.window, generator=generator), 1)
    usual = (hum - hum.mean(1, keepdim=True)) / hum.std(1, keepdim=True) * syllables * 0.05
    beeps = torch.sin(torch.arange(network.window) / 16000 * 2 * np.pi * 3000) * (syllables > 1.5)
    odd = (beeps + 0.05 * torch.randn(10, network.window, generator=generator)) * 0.05
    with torch.inference_mode():
        heard = [network.frontend(wave[None]).clone() for wave in usual[:70]]
        spoofs = [network.frontend(wave[None]).clone() for wave in odd[:5]]
        network.prepare(iter(heard), iter(spoofs))
        inside, outside = network(usual[70:]).raw, network(odd[5:]).raw
    assert inside.min() > outside.max()
    wave = usual[:1].clone().requires_grad_(True)
    network(wave).raw.sum().backward()
    assert wave.grad is not None and torch.isfinite(wave.grad).all() and wave.grad.abs().sum() > 0
