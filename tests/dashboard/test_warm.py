"""A page that has been warmed hears by the engines that are meant for it, and never kept anybody waiting for them."""

import threading

import pytest

from core.detectors import checkpoint
from core.detectors.card import Card, Polarity
from core.detectors.network import NETWORKS
from core.runtime import choose as choice
from dashboard import warm
from dashboard.context import Resources


@pytest.fixture
def folder(tmp_path):
    settings = {"channels": [2, 2, 2]}
    card = Card(name="small", architecture="cnn2d-lfcc", hyperparameters=settings, polarity=Polarity(how="made up"))
    return checkpoint.save_checkpoint(tmp_path / "small", NETWORKS.get("cnn2d-lfcc")(**settings), card)


def test_detectors_hear_by_pytorch_while_the_page_warms_up_and_by_onnx_runtime_afterwards(
    folder, tmp_path, monkeypatch
):
    heard = []
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(choice, "_later", threading.Event())
    monkeypatch.setattr(warm, "_decoder", lambda: None)
    monkeypatch.setattr(
        warm, "_detectors", lambda resources: heard.extend(d.engine.name for d in resources.panel.detectors.values())
    )
    monkeypatch.setattr(Resources, "examples", [])
    for expected in ("eager", "onnx"):
        heard.clear()
        resources = Resources([folder])
        warm.warm_up(resources)
        assert heard == [expected]
        assert resources.panel.detectors["small"].engine.name == "onnx"
