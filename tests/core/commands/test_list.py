"""``list``: what ships, what can be trained, and what it achieved."""

import json

from core.cli import main


def test_list_names_what_ships_and_what_can_be_trained(shipped_small, monkeypatch, capsys):
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "auto")
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for told in ("small-cae  (cae-lfcc,", "resnet18-mel", "trained on made up: 1 bona fide, 1 spoofs by 1 systems"):
        assert told in out
    assert main(["list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"aasist", "cae-lfcc", "cnn2d-lfcc"} <= set(told["registered"])
    assert [about["name"] for about in told["shipped"]] == ["small-cae", "small-cnn"]
    small = told["shipped"][1]
    assert small["training"] | {"corpus": "made up", "n_systems": 1, "steps": 0} == small["training"]
    assert small["size_bytes"] == (shipped_small / "small-cnn/model.safetensors").stat().st_size
    assert len(small["sha256"]) == 64 and small["dev"] is None
    assert small["engine"].startswith("onnx")


def test_list_has_the_development_figures(capsys):
    from core.detectors import checkpoint

    assert main(["list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["shipped"]
    assert [about["name"] for about in told] == checkpoint.shipped() != []
    assert all(0 < about["dev"]["eer"] < 0.5 < about["dev"]["auc"] <= 1 for about in told)
