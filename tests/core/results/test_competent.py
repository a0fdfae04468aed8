"""A detector at chance on a run does not count in the panel's mean, and is named; it can be put back."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.verdict import Decision
from core.audio.clip import DecodeRecord
from core.corpus.measure import measure_clip
from core.results.competent import admitted, at_chance, gate_sentence, threshold_sentence
from core.results.manifest import write_manifest
from core.results.measured import write_measured
from core.results.parts import clips_digest, read_part, write_part
from core.results.queries import members
from core.results.run_shortcuts import run_shortcuts
from core.results.store import CLIP_COLUMNS, read_run

N = 120
REAL = np.arange(N) % 2 == 0
CLIPS = "c" * 64
UNSET = Decision().basis


def made(folder, labels, detectors, *, basis=UNSET):
    """A run of ``N`` clips, each of its own speaker and source."""
    rng = np.random.default_rng(0)
    names = [f"{n}.flac" for n in range(N)]
    clips = pd.DataFrame({name: ["-"] * N for name in CLIP_COLUMNS}).assign(
        path=names, label=labels, speaker=names, source=names, seconds=1.0
    )
    write_part(folder, CLIPS, {"problems": []}, {"clips.parquet": clips})
    digest, about = clips_digest(read_part(folder, CLIPS)), {}
    for n, (name, strength) in enumerate(detectors.items()):
        key = str(n) * 64
        raw = rng.normal(size=N) + strength * np.where(REAL, 1, -1)
        note = {"clips": digest, "embedding": {"dims": 0, "reduced": None}}
        write_part(folder, key, note, {"scores.parquet": pd.DataFrame({"raw": raw})})
        about[name] = {
            "part": key, "calibration": {"slope": 1.0, "intercept": 0.0}, "calibrated": True, "seen_systems": [],
            "decision": Decision(basis=basis).model_dump(mode="json"),
        }  # fmt: skip
    corpus = {"part": CLIPS, "digest": "d", "split": "eval", "rows": N, "audit": None}
    write_manifest(folder, {"corpus": corpus, "detectors": about, "fusion": None, "embedding_dims": None})
    return read_run(folder)


LABELS = np.where(REAL, "bonafide", "spoof")


def test_a_detector_at_chance_does_not_count_in_the_mean(tmp_path):
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "noise": 0.0, "fair": 0.5})
    assert at_chance(run, run.detectors) == ["noise"]
    assert members(run) == ["good", "fair"]
    assert np.allclose(run.llr("panel"), (run.llr("good") + run.llr("fair")) / 2)
    sentence = gate_sentence(run, run.detectors)
    assert "noise (AUC 0." in sentence and "good" not in sentence and "not count" in sentence


def test_the_setting_puts_it_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SPOOFSCOPE_GATE", "off")
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "noise": 0.0})
    assert set(members(run)) == {"good", "noise"}
    assert np.allclose(run.llr("panel"), (run.llr("good") + run.llr("noise")) / 2)


def test_where_all_are_at_chance_all_count_and_it_says_so(tmp_path):
    run = made(tmp_path / "run", LABELS, {"noise": 0.0, "turned": -1.0})
    assert admitted(run, run.detectors) == ["noise", "turned"]
    assert "Nobody else is left" in gate_sentence(run, run.detectors)


@pytest.mark.parametrize("label", ["bonafide", "-"])
def test_without_labels_of_both_classes_nobody_is_barred(tmp_path, label):
    run = made(tmp_path / "run", label, {"good": 1.0, "noise": 0.0})
    assert admitted(run, run.detectors) == ["good", "noise"] and gate_sentence(run, run.detectors) == ""


def test_a_threshold_that_was_set_elsewhere_is_said_to_be(tmp_path):
    run = made(tmp_path / "run", LABELS, {"good": 1.0}, basis="the dev split of a corpus, 9 clips")
    assert "the dev split of a corpus, 9 clips" in threshold_sentence(run, "good", ["another"])
    assert "never measured" in threshold_sentence(run, "panel")
    assert threshold_sentence(run, "good", ["d"]) == ""


@pytest.mark.parametrize("name", ["good", "panel"])
def test_thresholds_that_nobody_set_are_said_to_be_on_no_data(tmp_path, name):
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "fair": 0.5})
    expected = f"The thresholds of {name} were set on no data: they lie at P(spoof) 0.35 and 0.65."
    assert threshold_sentence(run, name) == expected == threshold_sentence(run, name, ["d"])


@pytest.mark.parametrize("planted", [False, True])
def test_planted_silence_is_found_in_a_run_and_without_it_all_is_quiet(tmp_path, planted):
    run = made(tmp_path / "run", LABELS, {"good": 1.0})
    rng, rows = np.random.default_rng(1), []
    for real in REAL:
        speech = rng.normal(0, 0.1, 8_000).astype(np.float32)
        silence = np.zeros(int(rng.uniform(800, 3_000)) + 6_000 * (planted and real), np.float32)
        wave = np.concatenate([silence, speech])
        rows.append(measure_clip(wave, DecodeRecord("WAV", "PCM", 16_000, 1, 1.0, 1.0)))
    assert run_shortcuts(run) == ()
    write_measured(tmp_path / "run", run.clip_part, rows)
    found = {each.name: each.weight for each in run_shortcuts(read_run(tmp_path / "run"))}
    assert found["leading_silence_s"] == found["silence_share"] == ("solved" if planted else "quiet")
    assert found["dc"] == "quiet"
    assert planted or set(found.values()) == {"quiet"}


def test_unlabelled_clips_have_no_shortcuts(tmp_path):
    run = made(tmp_path / "run", "-", {"good": 1.0})
    wave = np.zeros(8_000, np.float32)
    write_measured(tmp_path / "run", run.clip_part, [measure_clip(wave, DecodeRecord("", "", 16_000, 1, 1, 1))] * N)
    assert run_shortcuts(read_run(tmp_path / "run")) == ()


def test_who_asks_for_them_is_answered_that_they_count(tmp_path):
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "noise": 0.0})
    assert "so counted" in gate_sentence(run, run.detectors, counted=True)
