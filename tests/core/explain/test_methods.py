"""Maps are where the toy networks listen, finite for every registered network, and as complete as promised."""

import numpy as np
import pytest
import torch

from core.audio.segment import window_spans
from core.detectors.network import NETWORKS
from core.errors import ExplanationError, UnknownNameError
from core.explain.base import METHODS, default_method, explain, methods_for
from core.explain.inspection import Inspection
from core.explain.methods.integrated_gradients import IntegratedGradients
from tests.core.detectors.untrained import untrained
from tests.core.explain.conftest import Band, BandWithMap, as_clip, as_detector

GRADIENTS = ["gradient-x-input", "integrated-gradients", "occlusion"]
# One of each kind: a map with frequency, an autoencoder, a map of time, no map, fitted and not trained, cells, phase.
EXPLAINED_BY_EVERY_METHOD = {
    "cnn2d-lfcc", "cae-lfcc", "conv1d-statspool", "meanpool-mlp", "lfcc-gmm", "localiser", "patchcnn-phase",
}  # fmt: skip


def attribution(network, waveform, method):
    return explain(as_clip(waveform), as_detector(network), method, faithfulness=False).attribution


def share(positive, *, times=slice(None), bins=slice(None)):
    positive = np.maximum(positive, 0)
    return positive[bins, times].sum() / positive.sum()


@pytest.mark.parametrize("method", GRADIENTS)
def test_a_network_that_hears_one_band_is_explained_by_that_band(noise, method):
    found = attribution(Band(3000, 4000), noise(2), method)
    # 31.25 Hz a bin; the networks' own frames leak 125 Hz either side.
    assert share(found, bins=slice(96 - 6, 128 + 7)) > (0.9 if method == "occlusion" else 0.97)


@pytest.mark.parametrize("method", GRADIENTS)
def test_a_network_that_hears_one_second_is_explained_by_that_second(noise, method):
    found = attribution(Band(start=0.5, stop=1.0), noise(2), method)
    assert share(found, times=slice(95, None)) > 0.97


def test_band_and_second_together_are_the_first_region(noise):
    detector = as_detector(Band(5000, 6000, start=0.25, stop=0.75, gain=100.0))
    explanation = explain(as_clip(noise(2)), detector, "gradient-x-input")
    first = explanation.regions[0]
    assert (first.start_s, first.end_s) == pytest.approx((0.5, 1.5), abs=0.11)
    assert (first.low_hz, first.high_hz) == pytest.approx((5000, 6000), abs=260)
    assert first.share > 0.85
    assert explanation.faithfulness is not None and explanation.faithfulness.faithful


def test_what_speaks_for_bona_fide_is_negative(noise):
    found = attribution(Band(2000, 3000, gain=-1.0), noise(2), "gradient-x-input")
    assert np.maximum(found, 0).sum() < 0.03 * -np.minimum(found, 0).sum()


def test_gradient_x_input_of_a_quadratic_network_adds_up_to_twice_its_output(noise):
    # Euler: the output is homogeneous of degree two in the magnitude.
    detector = as_detector(Band(1000, 7000))
    waveform = noise(2)
    total = METHODS.get("gradient-x-input")().attribute(Inspection(waveform, detector)).sum()
    assert total == pytest.approx(-2 * detector.score(waveform).raw, rel=1e-3)


@pytest.mark.parametrize(("name", "steps", "error"), [("toy", 12, 0.002), ("cnn2d-lfcc", 32, 0.1)])
def test_integrated_gradients_add_up_to_the_way_from_the_noise_floor(speech, name, steps, error):
    torch.manual_seed(0)
    detector = as_detector(Band(0, 6000) if name == "toy" else NETWORKS.get(name)(), name)
    inspection = Inspection(speech[:32000], detector)
    parts = IntegratedGradients(steps=steps).attribute(inspection)
    view = inspection.view(0)
    floor, clip = view.predict(torch.stack([view.floor, view.magnitude]))
    assert abs(floor - clip) > 1e-4
    assert parts.sum() == pytest.approx(floor - clip, rel=error)


@pytest.mark.parametrize("seconds", [0.37, 2.0, 7.3])
def test_the_inspected_score_is_the_score_of_the_clip(noise, seconds):
    detector = as_detector(Band(1000, 5000))
    waveform = noise(seconds)
    inspected = [view.predict(view.magnitude[None])[0] for view in Inspection(waveform, detector).views()]
    assert inspected == pytest.approx([window.raw for window in detector.score(waveform).windows], rel=1e-3)


def test_windows_are_explained_alone_and_averaged(noise):
    """On a long clip, the gradient window by window is the gradient of the mean over all windows at once."""
    from core.audio.edit import istft, stft

    detector = as_detector(Band(1000, 5000))
    waveform = noise(5.3)
    spectrum = stft(torch.from_numpy(waveform))
    magnitude = spectrum.abs().requires_grad_()
    rebuilt = istft(magnitude * spectrum / spectrum.abs(), len(waveform))
    spans = window_spans(len(waveform), window=detector.window, hop=detector.hop)
    raws = [detector.network(rebuilt[None, start:stop]).raw for start, stop in spans]
    torch.cat(raws).mean().backward()
    expected = -(magnitude * magnitude.grad).detach().numpy()
    found = METHODS.get("gradient-x-input")().attribute(Inspection(waveform, detector))
    assert len(raws) == 5
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_a_clip_shorter_than_the_window_is_explained_once(noise):
    found = attribution(Band(3000, 4000), noise(0.5), "gradient-x-input")
    assert found.shape == (257, 51)
    assert share(found, bins=slice(90, 135)) > 0.97
    # The toy hears each repeat alike, so no part of the clip may stand out.
    thirds = np.maximum(found, 0).sum(0)[3:48].reshape(3, 15).sum(1)
    assert thirds.max() / thirds.min() < 2


def test_digital_silence_in_a_long_clip_does_no_harm(noise):
    waveform = np.concatenate([noise(2), np.zeros(60_000, np.float32)])
    torch.manual_seed(0)
    detector = as_detector(NETWORKS.get("cnn2d-lfcc")(channels=[4, 4, 8]), "cnn2d-lfcc")
    for method in methods_for(detector):
        assert np.isfinite(explain(as_clip(waveform), detector, method, faithfulness=False).attribution).all()


def test_cam_occlusion_finds_the_frequency_that_a_map_of_time_lacks(noise):
    detector = as_detector(BandWithMap(3000, 4000, start=0.5, stop=1.0, with_frequency=False))
    explanation = explain(as_clip(noise(2)), detector, "cam-occlusion", faithfulness=False)
    assert explanation.axes == ("time", "frequency")
    assert share(explanation.attribution, times=slice(95, None)) > 0.95
    assert share(explanation.attribution, bins=slice(90, 135)) > 0.9


def test_cam_occlusion_tries_only_where_the_map_looks(noise, monkeypatch):
    from core.explain.methods import occlusion

    tried = []
    real = occlusion._occlude
    monkeypatch.setattr(occlusion, "_occlude", lambda *a: tried.append(len(a[1])) or real(*a))
    detector = as_detector(BandWithMap(start=0.75, stop=1.0, with_frequency=False))
    explain(as_clip(noise(2)), detector, "cam-occlusion", faithfulness=False)
    explain(as_clip(noise(2)), detector, "occlusion", faithfulness=False)
    assert 0 < tried[0] <= tried[1] / 3


@pytest.mark.parametrize("with_frequency", [False, True])
def test_grad_cam_has_the_axes_of_the_feature_map(noise, with_frequency):
    detector = as_detector(BandWithMap(3000, 4000, start=0.5, stop=1.0, with_frequency=with_frequency))
    explanation = explain(as_clip(noise(2)), detector, "grad-cam", faithfulness=False)
    found = explanation.attribution
    assert share(found, times=slice(95, None)) > 0.97
    if with_frequency:
        assert explanation.axes == ("time", "frequency")
        assert share(found, bins=slice(90, 135)) > 0.97
    else:
        assert explanation.axes == ("time",)
        np.testing.assert_allclose(found, np.broadcast_to(found[:1], found.shape), rtol=1e-4, atol=1e-9)
        assert "kHz" not in explanation.sentence


def test_grad_cam_is_refused_where_there_is_no_feature_map(noise):
    with pytest.raises(ExplanationError, match="choose one of"):
        explain(as_clip(noise(1)), as_detector(Band()), "grad-cam")


def test_an_unknown_method_is_refused(noise):
    with pytest.raises(UnknownNameError, match="integrated-gradients"):
        explain(as_clip(noise(1)), as_detector(Band()), "tea-leaves")


@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_network_gets_finite_maps_that_show_something(speech, name):
    waveform = speech[:24000]
    detector = as_detector(untrained(name, len(waveform)), name)
    # Of those that are fitted some parameters never are.
    trainable = [parameter.requires_grad for parameter in detector.network.parameters()]
    methods = methods_for(detector)
    assert methods[0] == default_method(detector)
    assert ("grad-cam" in methods) is (detector.network.cam() is not None)
    # The others ask a network dozens of times; tests/core/detectors/test_contract.py asks every one for Grad-CAM.
    for method in methods if name in EXPLAINED_BY_EVERY_METHOD else ["gradient-x-input"]:
        explanation = explain(as_clip(waveform), detector, method, faithfulness=False)
        assert explanation.attribution.shape == (257, 151) == (len(explanation.freqs_hz), len(explanation.times_s))
        assert explanation.attribution.dtype == np.float32
        assert np.isfinite(explanation.attribution).all()
        assert explanation.attribution.any(), f"{method} shows nothing at all of {name}"
    assert all(parameter.grad is None for parameter in detector.network.parameters())
    assert [parameter.requires_grad for parameter in detector.network.parameters()] == trainable
    assert not detector.network.training


def test_explaining_changes_no_score(speech):
    torch.manual_seed(0)
    detector = as_detector(NETWORKS.get("cnn2d-lfcc")(channels=[4, 4, 8]), "cnn2d-lfcc")
    before = detector.score(speech).raw
    for method in methods_for(detector):
        explain(as_clip(speech), detector, method, faithfulness=False)
    assert detector.score(speech).raw == before
