"""Densities against scikit-learn's own, and detectors that are fitted rather than trained."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.svm import SVC, OneClassSVM

from core.detectors.layers.density import GaussianMixture, LogisticBoundary, OneClassSvm, TwoClassSvm
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


def test_the_logistic_boundary_is_scikit_learns(samples):
    is_positive = np.arange(len(samples)) < 300
    ours = LogisticBoundary(3, penalty=0.1)
    ours.fit(samples, is_positive)
    theirs = LogisticRegression(C=0.1, class_weight="balanced").fit(samples, is_positive)
    np.testing.assert_allclose(ours(torch.from_numpy(samples)).numpy(), theirs.decision_function(samples), atol=1e-2)


def test_weights_that_cancel_leave_no_rounding():
    generator = torch.Generator().manual_seed(0)
    machine = TwoClassSvm(4096, 64)
    machine.support.copy_(torch.randn(4096, 64, generator=generator))
    machine.weights.copy_(3 * torch.randn(4096, generator=generator).sign())
    machine.gamma.fill_(1 / 64)
    sample, support = torch.randn(20, 64, generator=generator), machine.support.double()
    bells = np.exp(-(sample[:, None].double() - support).square().sum(2).numpy() / 64)
    np.testing.assert_allclose(machine(sample).numpy(), bells @ machine.weights.double().numpy(), atol=3e-6)


def test_where_room_is_short_few_support_vectors_stand_for_all():
    """In as many dimensions as detectors have: there vectors are far apart, and none stands for another by itself."""
    rng = np.random.default_rng(2)
    samples = rng.normal(size=(600, 64)).astype(np.float32)
    is_positive = samples[:, :8].sum(1) + rng.normal(size=600) > 0
    ample, short = TwoClassSvm(600, 64), TwoClassSvm(200, 64)
    for machine in (ample, short):
        machine.fit(samples[:400], is_positive[:400])
    assert (ample.weights != 0).sum() > 250 and 150 < (short.weights != 0).sum() <= 200
    wanted, found = (machine(torch.from_numpy(samples[400:])).numpy() for machine in (ample, short))
    assert np.corrcoef(wanted, found)[0, 1] > 0.97
    right = [((scores > 0) == is_positive[400:]).mean() for scores in (wanted, found)]
    assert right[1] > right[0] - 0.03


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


def test_a_density_over_a_network_with_a_learnt_front_end_takes_its_weights_over_too():
    """The front-end stands beside the network that embeds: with first weights of its own it would feed it noise."""
    base = NETWORKS.get("ssl-mean")()
    network = NETWORKS.get("gmm")(base="ssl-mean")
    network.start_from(base.state_dict())
    ours, theirs = network.frontend.state_dict(), base.frontend.state_dict()
    assert len(ours) and all(torch.equal(ours[name], theirs[name]) for name in theirs)
