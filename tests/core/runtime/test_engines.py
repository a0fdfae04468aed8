"""Engines say what networks say; a detector hears by its engine alone."""

import numpy as np
import pytest
import torch

from core.detectors import checkpoint
from core.detectors.detector import Detector
from core.errors import ExportError
from core.runtime.engine import Eager, Prediction
from core.runtime.export import inlets, to_onnx
from core.runtime.onnx import OnnxEngine, open_session
from core.runtime.parity import TOLERANCE, Parity, compare
from core.runtime.probes import probe_windows
from tests.core.runtime.conftest import Tiny, card_of


class Says:
    """An engine that says what it is told to."""

    name = "says"
    cells = None

    def __init__(self, raw, embedding=(1.0, 2.0)) -> None:
        self.raw, self.embedding = raw, embedding

    def predict(self, windows):
        batch = len(windows)
        return Prediction(np.full(batch, float(self.raw)), np.tile(np.array(self.embedding, np.float32), (batch, 1)),
                          self.cells)  # fmt: skip


@pytest.mark.parametrize("hop", [1, 16])
def test_an_export_begins_where_it_is_fastest(hop):
    network = Tiny(hop=hop)
    assert inlets(network)[0] == ("waveform" if hop == 1 else "features")
    for inlet in ("waveform", "features"):
        engine = OnnxEngine(network, to_onnx(network, inlet), inlet=inlet)
        assert compare(engine, Eager(network), probe_windows(network.window)).holds


def test_a_session_has_one_thread():
    network = Tiny()
    options = open_session(to_onnx(network, "features")).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_what_is_no_model_is_told_in_a_sentence():
    with pytest.raises(ExportError, match="ONNX Runtime cannot run"):
        open_session(b"no model at all")


def test_windows_heard_together_are_heard_alike():
    network = Tiny()
    windows = probe_windows(network.window)
    for engine in (Eager(network), OnnxEngine(network, to_onnx(network, "features"), inlet="features")):
        raws, embeddings, cells = engine.predict(windows)
        assert cells is None
        assert raws.dtype == np.float64 and embeddings.dtype == np.float32
        for window, raw, embedding in zip(windows, raws, embeddings, strict=True):
            alone = engine.predict(window[None])
            assert alone[0][0] == pytest.approx(raw, abs=1e-6)
            np.testing.assert_allclose(alone[1][0], embedding, atol=1e-6)


def test_a_detector_hears_by_its_engine_alone():
    detector = Detector(Tiny(), card_of(Tiny()), engine=Says(3.5))
    said = detector.score(np.ones(4000, np.float32))
    assert {window.raw for window in said.windows} == {3.5} and said.raw == 3.5
    assert detector.embed(np.ones(4000, np.float32)).tolist() == [1.0, 2.0]


def test_a_detector_without_an_engine_hears_by_its_network_as_it_stands():
    detector = Detector(Tiny(), card_of(Tiny()))
    before = detector.score(np.ones(4000, np.float32)).raw
    with torch.no_grad():
        detector.network.head.bias.add_(1.0)
    assert detector.score(np.ones(4000, np.float32)).raw == pytest.approx(before + 4, abs=1e-4)


@pytest.mark.parametrize(
    ("ours", "theirs", "holds"),
    [
        (1.0, 1.00005, True),
        (1.0, 1.0002, False),
        (1000.0, 1000.05, True),
        (1000.0, 1000.2, False),
        (0.0, 0.00005, True),
        (np.nan, 1.0, False),
        (np.inf, 1.0, False),
        (np.nan, np.nan, True),
    ],
)
def test_scores_agree_to_a_ten_thousandth_absolutely_or_of_large_ones(ours, theirs, holds):
    windows = np.zeros((2, 10), np.float32)
    assert compare(Says(ours), Says(theirs), windows).holds is holds


def test_embeddings_must_agree_too():
    windows = np.zeros((1, 10), np.float32)
    found = compare(Says(0, (1.0, 2.0)), Says(0, (1.0, 2.1)), windows)
    assert found == Parity(raw=0.0, embedding=pytest.approx(0.1 / 2.1, rel=1e-5))
    assert not found.holds and "0.048" in found.words
    assert not compare(Says(0, (1.0,)), Says(0, (1.0, 2.0)), windows).holds


def test_cells_must_agree_too():
    ours, theirs = Says(0), Says(0)
    ours.cells, theirs.cells = (np.array([[[value]]], np.float32) for value in (1.0, 1.1))
    found = compare(ours, theirs, np.zeros((1, 10), np.float32))
    assert not found.holds and "0.091 in cells" in found.words
    theirs.cells = None
    assert not compare(ours, theirs, np.zeros((1, 10), np.float32)).holds


def one_of_each_architecture() -> list[str]:
    """Return shipped detectors, one of each architecture: whether an export holds is no matter of the weights."""
    names = reversed(checkpoint.shipped())
    return list({checkpoint.read_card(checkpoint.SHIPPED / name).architecture: name for name in names}.values())


@pytest.mark.parametrize("name", one_of_each_architecture())
def test_a_shipped_detector_is_run_by_onnx_runtime_and_scores_as_by_pytorch(name, speech):
    detector = checkpoint.load_detector(name)
    assert detector.engine.name == "onnx"
    eager = Detector(detector.network, detector.card)
    waveforms = (speech[: detector.window], 0.01 * speech[-20_000:])
    for waveform in waveforms[1:] if detector.network.is_slow else waveforms:
        ours, theirs = detector.score(waveform), eager.score(waveform)
        assert ours.raw == pytest.approx(theirs.raw, abs=TOLERANCE, rel=TOLERANCE)
        assert len(ours.cells) == len(theirs.cells) == (len(ours.windows) if detector.network.grid() else 0)
        windows = ours.windows if detector.network.grid() else ()
        for cells, window, expected in zip(ours.cells, windows, theirs.cells, strict=True):
            np.testing.assert_allclose(cells, expected, atol=1e-3)
            assert cells.mean() == pytest.approx(window.raw, abs=TOLERANCE)
        np.testing.assert_allclose(
            ours.embedding, theirs.embedding, atol=1e-3 * max(1e-3, np.abs(theirs.embedding).max())
        )
