"""``bench`` measures each detector in a process of its own."""

import json
import mmap

import pytest

from core.cli import main
from core.speed.costs import DetectorCost, _detector_cost, _resident_mb
from core.speed.timing import time_in_turns


def test_times_are_taken_in_turns_and_the_cold_round_does_not_count():
    called = []
    taken = time_in_turns({name: lambda name=name: called.append(name) for name in "ab"}, repeats=3)
    assert called == ["a", "b"] * 4
    assert set(taken) == {"a", "b"} and all(timed.wall_s >= 0 and timed.cpu_s >= 0 for timed in taken.values())


def test_the_memory_of_the_process_is_read(monkeypatch):
    now, most = _resident_mb("VmRSS"), _resident_mb("VmHWM")
    assert 30 < now <= most
    # Pages of its own: what the allocator still holds of freed memory is resident already.
    with mmap.mmap(-1, 200 << 20) as held:
        for page in range(0, len(held), mmap.PAGESIZE):
            held[page] = 1
        assert _resident_mb("VmRSS") > now + 150
    assert _resident_mb("VmHWM") > now + 150


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_a_detector_is_measured_with_the_engine_that_scores_it(engine, small_checkpoints, monkeypatch):
    import torch

    monkeypatch.setenv("SPOOFSCOPE_ENGINE", engine)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    cost = _detector_cost(small_checkpoints / "small-cnn", 1.0)
    assert (cost.name, cost.architecture, cost.clip_s) == ("small-cnn", "cnn2d-lfcc", 1.0)
    assert cost.engine == ("onnx" if engine == "auto" else "eager")
    assert cost.clips_per_s == pytest.approx(1000 / cost.latency_ms)
    assert cost.speedup == pytest.approx(cost.eager_cpu_ms / cost.cpu_ms)
    assert 0 <= cost.own_mb < cost.peak_mb
    assert cost.checkpoint_bytes == (small_checkpoints / "small-cnn/model.safetensors").stat().st_size


@pytest.mark.slow
def test_bench_speaks_json(small_checkpoints, capsys, monkeypatch):
    from core.speed import costs

    # The detector in a process of its own, and the panel here: a second process would only import PyTorch again.
    monkeypatch.setattr(costs, "bench_panel", lambda names, seconds: costs._panel_cost(names, seconds))
    folder = small_checkpoints / "small-cnn"
    assert main(["bench", "--json", "--checkpoint", str(folder), "--seconds", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["detectors"]
    assert set(one) == set(DetectorCost.__dataclass_fields__) and one["name"] == "small-cnn"
    assert told["panel"]["detectors"] == 1 and told["panel"]["clip_s"] == 10 and told["panel"]["verdict_ms"] > 0


def test_the_table_goes_between_the_speed_markers(monkeypatch, tmp_path, capsys):
    from core.speed import costs

    made = DetectorCost("a", "x", "onnx", 4.0, 12.5, 80.0, 90.0, 70.0, 84.0, 1.2, 500.0, 60.0, 1.0, 1234, 5_000_000)
    monkeypatch.setattr(costs, "bench_detectors", lambda names, seconds: iter([made]))
    monkeypatch.setattr(costs, "bench_panel", lambda names, seconds: costs.PanelCost(1, 10.0, 2, 1500.0, 2500.0))
    monkeypatch.setattr("core.detectors.checkpoint.shipped", lambda: ["a"])
    page = tmp_path / "speed.md"
    page.write_text("before\n<!-- speed:start -->\nold\n<!-- speed:end -->\nafter\n")
    assert main(["bench", "--write", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["detectors"][0]["clips_per_s"] == 12.5
    text = page.read_text()
    assert "| a | onnx | 12.5 | 80.0 | 70.0 | 84.0 | 1.2 | 500 | 60 | 1,234 | 5.00 |" in text
    assert "takes 1.50 s on 2 threads" in text
    assert text.startswith("before\n") and text.endswith("after\n")
    page.write_text("no markers")
    assert main(["bench", "--write", str(page)]) == 1
    assert "speed:start" in capsys.readouterr().err


def test_a_checkpoint_that_there_is_not_is_named_before_anything_is_measured(shipped_small, capsys):
    assert main(["bench", "--json", "--checkpoint", "nobody"]) == 1
    assert "There is no checkpoint 'nobody'" in capsys.readouterr().err
