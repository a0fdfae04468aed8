"""A page that has been warmed scores by the engines that are meant for it, and never kept anybody waiting for them."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from core.audio.examples import Example
from core.detectors import checkpoint
from core.detectors.card import Card, Polarity
from core.detectors.network import NETWORKS
from core.panel import Panel
from core.runtime import choose
from dashboard.resources import Resources
from dashboard.warm import warm_up


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = {"channels": [2, 2, 2]}
    card = Card(name="small", architecture="cnn2d-lfcc", hyperparameters=settings, polarity=Polarity(how="made up"))
    return checkpoint.save_checkpoint(tmp_path / "small", NETWORKS.get("cnn2d-lfcc")(**settings), card)


def test_what_is_exported_already_is_not_loaded_again_outside_of_the_panel(
    tmp_path: Path, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"channels": [2, 2, 2]}
    for name in ("member", "other"):
        card = Card(name=name, architecture="cnn2d-lfcc", hyperparameters=settings, polarity=Polarity(how="made up"))
        checkpoint.save_checkpoint(tmp_path / "all" / name, NETWORKS.get("cnn2d-lfcc")(**settings), card)
    fusion = {"members": {"member": 1.0}, "calibration": {"slope": 1.0, "intercept": 0.0}, "decision": {}}
    (tmp_path / "all" / "panel.json").write_text(json.dumps(fusion))
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path / "all")
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(choose, "_later", threading.Event())
    monkeypatch.setattr(Resources, "examples", [Example("a man", "bonafide", "", recordings["heath_ledger.mp3"])])
    monkeypatch.setattr(Resources, "measure_elsewhere", lambda self: None)
    for loaded in (["member", "other"], ["member"]):
        resources = Resources()
        warm_up(resources)
        assert sorted(resources.panel.detectors.loaded) == loaded
    assert resources.detector("other").engine.name == "onnx"


def test_examples_are_scored_by_pytorch_while_the_page_warms_up_and_by_onnx_runtime_from_then_on(
    folder: Path, tmp_path: Path, recordings: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    scores = Panel.score

    def spied(panel: Panel, *arguments: Any) -> Any:
        used.extend(panel.detectors[name].engine.name for name in panel.members)
        return scores(panel, *arguments)

    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(choose, "_later", threading.Event())
    monkeypatch.setattr(Panel, "score", spied)
    monkeypatch.setattr(Resources, "examples", [Example("a man", "bonafide", "", recordings["heath_ledger.mp3"])])
    for expected in ("eager", "onnx"):
        used.clear()
        resources = Resources([folder])
        warm_up(resources)
        assert used == [expected]
        assert resources.featured.wait()
        assert resources.panel.detectors["small"].engine.name == "onnx"
