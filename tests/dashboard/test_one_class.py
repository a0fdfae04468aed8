"""Detectors that know bona fide speech alone stand side by side, with what needs no detector beside them."""

import numpy as np
import pandas as pd
import pytest

from core.audio.clip import DecodeRecord
from core.corpus.measure import measure_clip
from core.results.manifest import read_manifest, write_manifest
from core.results.measured import write_measured
from core.results.one_class import controls, one_class
from core.results.parts import clips_digest, read_part, write_part
from core.results.store import read_run
from dashboard.components.one_class import one_class_card
from dashboard.plots.reconstruction import error_over_time
from tests.core.results.test_competent import LABELS, REAL, made


def of_one_class(folder, labels=LABELS, *, strength=1.0):
    made(folder, labels, {"cae-lfcc": strength, "gmm": strength})
    manifest = read_manifest(folder)
    for name, about in manifest["detectors"].items():
        about["architecture"] = name
    write_manifest(folder, manifest)
    run = read_run(folder)
    key = manifest["detectors"]["cae-lfcc"]["part"]
    scores = read_part(folder, key).table("scores.parquet")
    errors = pd.DataFrame({"total": np.where(REAL, 1.0, 0.8), "static": 1.0, "delta": np.where(REAL, 1.0, 0.5)})
    errors["delta-delta"] = 1.0
    note = {"clips": clips_digest(run.clip_part), "embedding": {"dims": 0, "reduced": None}}
    write_part(folder, key, note, {"scores.parquet": scores, "errors.parquet": errors})
    return read_run(folder)


def test_ratios_shift_and_polarity_are_given(tmp_path):
    first, second = one_class(of_one_class(tmp_path / "run"))
    assert (first.name, second.name) == ("cae-lfcc", "gmm")
    assert first.ratios == pytest.approx({"total": 0.8, "static": 1.0, "delta": 0.5, "delta-delta": 1.0})
    assert second.ratios == {} and second.shift > 1 and second.low > 0.5
    assert first.how


def test_a_detector_that_silence_beats_is_said_to_be(tmp_path):
    folder = tmp_path / "run"
    run = of_one_class(folder, strength=0.4)
    assert controls(run) == {} and "is not known" in one_class_card(run)
    rng, rows = np.random.default_rng(0), []
    for real in REAL:
        silence = np.zeros(8_000 if real else 1_000, np.float32)
        wave = np.concatenate([silence, rng.normal(0, 0.1, 6_000).astype(np.float32)])
        rows.append(measure_clip(wave, DecodeRecord("WAV", "PCM", 16_000, 1, 0.5, 0.5)))
    write_measured(folder, run.clip_part, rows)
    page = one_class_card(read_run(folder))
    assert "not surely better than" in page and 'role="alert"' in page


@pytest.mark.parametrize("label", ["bonafide", "-"])
def test_one_class_or_no_label_is_no_error(tmp_path, label):
    run = of_one_class(tmp_path / "run", label)
    assert all(np.isnan(each.auc) and each.ratios == {} for each in one_class(run))
    assert "cae-lfcc" in one_class_card(run)


def test_a_run_without_them_says_which_to_evaluate(tmp_path):
    card = one_class_card(made(tmp_path / "run", LABELS, {"good": 1.0}))
    assert "score the folder again in Models &amp; data with cae-lfcc" in card


def test_the_error_over_time_has_a_line_for_each_band():
    times_s = np.arange(100) / 100
    error = np.repeat([[1.0], [2.0], [3.0]], 2, axis=0) * np.ones(100)
    figure = error_over_time(times_s, error, dark=False)
    assert [trace.name for trace in figure.data] == ["static", "delta", "delta-delta"]
    assert [round(float(trace.y.mean()), 6) for trace in figure.data] == [1.0, 2.0, 3.0]
