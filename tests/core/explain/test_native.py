"""The contributions of cells add up to the raw score, whatever the clip, and lie where the cells lie."""

import numpy as np
import pytest
import torch

from core.detectors.network import NETWORKS, Grid, Network, Output
from core.errors import ExplanationError
from core.explain.base import METHODS, default_method, explain, smooth
from core.explain.inspection import Inspection
from core.explain.methods.native import mean_of_cells, on_view
from tests.core.detectors.untrained import untrained
from tests.core.explain.conftest import RATE, Band, Cells, as_clip, as_detector

ADDITIVE = [name for name in NETWORKS.names() if NETWORKS.get(name).grid is not Network.grid]


def silent_in_the_middle(speech: np.ndarray) -> np.ndarray:
    # Of odd lengths: no frame of what is left lies exactly on one of the clip.
    return np.concatenate([speech[:17003], np.zeros(20077, np.float32), speech[17003:52777]])


@pytest.fixture
def clips(speech: np.ndarray) -> dict[str, np.ndarray]:
    long = np.concatenate([speech, speech[::-1], speech])
    clicks = speech.copy()
    # Too short to be taken out: the windows hold samples that are exactly zero.
    clicks[20000:26000] = 0
    return {
        "two windows": long[: 5 * RATE], "long": long[:163_333], "one window": speech[: 4 * RATE],
        "short": speech[:20001], "very short": speech[9000:9900], "silence within": clicks,
        "long silence": silent_in_the_middle(speech), "silence at the end": np.append(speech, np.zeros(30_101)),
        "silent": np.zeros(16_000),
    }  # fmt: skip


def test_there_are_networks_whose_raw_output_is_a_mean() -> None:
    assert {"patchcnn-spec", "patchcnn-phase"} <= set(ADDITIVE)


@pytest.mark.parametrize("name", ADDITIVE)
def test_the_mean_of_the_cells_is_the_raw_output(name: str, speech: np.ndarray) -> None:
    network = untrained(name)
    windows = torch.from_numpy(np.stack([speech, 0.01 * speech[::-1]])).float()[:, : network.window]
    with torch.inference_mode():
        cells, raw = network.cells(windows), network(windows).raw
    grid = network.grid()
    assert grid is not None and cells.shape[1] == len(grid.edges_hz) - 1
    assert abs(cells.shape[2] * grid.hop_s - network.window / RATE) < grid.hop_s
    torch.testing.assert_close(cells.mean((1, 2)), raw, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", ["toy", *ADDITIVE])
def test_the_attribution_adds_up_to_minus_the_raw_score(name: str, clips: dict[str, np.ndarray]) -> None:
    detector = as_detector(Cells(gain=50.0) if name == "toy" else untrained(name), name)
    for kind, waveform in clips.items():
        explanation = explain(as_clip(waveform), detector, "native", faithfulness=False)
        raw = detector.score(waveform.astype(np.float32)).raw
        assert float(explanation.attribution.sum(dtype=np.float64)) == pytest.approx(-raw, abs=1e-4), kind


def test_the_cells_of_a_known_score_are_not_computed_again(clips: dict[str, np.ndarray], monkeypatch) -> None:
    detector, clip = as_detector(Cells(gain=50.0)), as_clip(clips["long silence"])
    computed = explain(clip, detector, "native", faithfulness=False)
    score = detector.score(clip.waveform)
    monkeypatch.setattr(detector, "engine", None)
    known = explain(clip, detector, "native", score=score, faithfulness=False)
    np.testing.assert_array_equal(known.attribution, computed.attribution)


@pytest.mark.parametrize("seconds", [2.0, 5.3])
def test_cells_of_one_band_say_only_when(noise, seconds: float) -> None:
    class OneBand(Cells):
        def grid(self) -> Grid:
            return Grid(0.128, (0.0, 8000.0))

        def classify(self, features: torch.Tensor) -> Output:
            output = super().classify(features)
            return output._replace(cells=output.cells.mean(1, keepdim=True))

    found = explain(as_clip(noise(seconds)), as_detector(OneBand(gain=50.0)), "native", faithfulness=False)
    assert found.axes == ("time",)
    assert all((region.low_hz, region.high_hz) == (0, 8000) for region in found.regions)
    assert explain(as_clip(noise(seconds)), as_detector(Cells()), "native", faithfulness=False).axes != found.axes


@pytest.mark.parametrize("seconds", [2.0, 5.3])
def test_a_cell_is_spread_over_the_bins_and_frames_that_it_covers(noise, seconds: float) -> None:
    view = Inspection(noise(seconds), as_detector(Cells())).view(0)
    cells = np.zeros((8, 16))
    cells[2, 3] = 1
    found = on_view(cells, Cells().grid(), view)
    # 2 to 3 kHz are bins 64 to 96, 0.384 to 0.512 s frames 38.4 to 51.2: the last of each are covered in part.
    np.testing.assert_allclose(found[65:96, 39:51], 1 / 32 / 12.8)
    assert found[:64].sum() == found[97:].sum() == found[:, :38].sum() == found[:, 52:].sum() == 0
    assert found.sum() == pytest.approx(1)


def test_a_clip_that_was_repeated_gets_what_all_its_repeats_contributed(noise) -> None:
    view = Inspection(noise(0.5), as_detector(Cells())).view(0)
    cells = np.zeros((8, 16))
    cells[0, 1] = cells[0, 9] = 1
    found = on_view(cells, Cells().grid(), view).sum(0)
    # 0.128 to 0.256 s, and 1.152 to 1.28 s, which are 0.152 to 0.28 s of the clip.
    assert found[16:25] == pytest.approx(2 / 12.8)
    assert found[:12].sum() == found[29:].sum() == 0


def test_one_second_of_a_band_is_found_where_it_is(noise) -> None:
    waveform = 0.01 * noise(6)
    waveform[3 * RATE : 4 * RATE] = noise(1)
    found = np.maximum(explain(as_clip(waveform), as_detector(Cells(3000, 4000)), "native").attribution, 0)
    assert found[94:130, 295:405].sum() > 0.9 * found.sum()


def test_presentation_keeps_the_sum(noise) -> None:
    found = METHODS.get("native")().attribute(Inspection(noise(3), as_detector(Cells(gain=50.0))))
    assert float(smooth(found).sum(dtype=np.float64)) == pytest.approx(float(found.sum(dtype=np.float64)), abs=1e-5)


def test_a_network_without_cells_is_refused_and_one_with_cells_is_explained_by_them(noise) -> None:
    assert default_method(as_detector(Cells())) == "native"
    with pytest.raises(ExplanationError, match="cannot explain"):
        explain(as_clip(noise(1)), as_detector(Band()), "native")


@pytest.mark.parametrize("change", [{"pooling": "mean-std"}, {"head": "cosine"}])
def test_patches_whose_output_is_no_mean_have_no_grid(change: dict[str, str]) -> None:
    network = NETWORKS.get("patchcnn-spec")(**change)
    assert network.grid() is None
    with pytest.raises(TypeError, match="no mean"):
        network.cells(torch.zeros(1, network.window))


def test_peaks_are_the_strongest_twentieth_of_the_native_map_on_its_own_side(speech: np.ndarray) -> None:
    detector = as_detector(untrained("localiser"), "localiser")
    inspection = Inspection(speech, detector)
    peaks, cells = METHODS.get("native-peaks")().attribute(inspection), -mean_of_cells(inspection)
    assert 0 < (peaks > 0).mean() <= 0.06
    assert cells[peaks > np.quantile(peaks, 0.98)].mean() > np.quantile(cells, 0.75)
    always_real = as_detector(Cells(gain=-50.0), "bona fide everywhere")
    assert explain(as_clip(speech), always_real, "native-peaks", faithfulness=False).attribution.max() <= 0


@pytest.mark.parametrize("seconds", [1.3, 3.0, 5.2])
def test_what_windows_share_or_repeat_counts_once_in_the_mean_of_cells(noise, seconds: float) -> None:
    # Windows of 2 s, one each second: a shorter clip is repeated to fill one, a longer one lies under up to three.
    inspection = Inspection(noise(seconds), as_detector(Cells(gain=50.0)))
    native = METHODS.get("native")().attribute(inspection).sum(0)[10:-10]
    assert np.quantile(native, 0.9) > 1.8 * np.quantile(native, 0.1)
    mean = -mean_of_cells(inspection).mean(0)[10:-10]
    assert np.quantile(mean, 0.9) < 1.25 * np.quantile(mean, 0.1)
    assert mean.mean() == pytest.approx(-as_detector(Cells(gain=50.0)).score(noise(seconds)).raw, rel=0.05)
