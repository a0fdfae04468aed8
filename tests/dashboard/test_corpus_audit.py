"""What is wrong with a run's corpus stands on the page in words and in red; without labels and figures it says so."""

import numpy as np
import pytest

from core.audio.clip import DecodeRecord
from core.audio.fingerprint import Match
from core.corpus.measure import measure_clip
from core.overlap import Overlap
from core.results.measured import write_measured
from core.results.store import read_run
from dashboard.components.corpus_audit import competence_card, shortcuts_card, training_line
from dashboard.components.nearest import training_line as nearest_line
from dashboard.views.disagreements import CHANCE_TOO, EVERYONE, PANEL_ONLY, electorate, electorates
from tests.core.results.test_competent import LABELS, REAL, made


def measured_run(folder, labels=LABELS, *, planted=False):
    run = made(folder, labels, {"good": 1.0, "noise": 0.0}, basis="another corpus")
    rng, rows = np.random.default_rng(0), []
    for real in REAL:
        silence = np.zeros(8_000 if planted and real else 2_000, np.float32)
        wave = np.concatenate([silence, rng.normal(0, 0.1, 6_000).astype(np.float32)])
        rows.append(measure_clip(wave, DecodeRecord("WAV", "PCM", 16_000, 1, 0.5, 0.5)))
    write_measured(folder, run.clip_part, rows)
    return read_run(folder)


@pytest.mark.parametrize("planted", [False, True])
def test_a_corpus_that_silence_solves_says_so_in_red(tmp_path, planted):
    page = shortcuts_card(measured_run(tmp_path / "run", planted=planted))
    assert ("solved by silence at the start alone" in page) is planted
    assert ('class="ss-alarm" role="alert"' in page) is planted
    assert ("No measured figure alone" in page) is not planted


def test_without_labels_or_figures_the_page_says_what_is_missing(tmp_path):
    assert "python -m core evaluate measures them" in shortcuts_card(made(tmp_path / "a", LABELS, {"good": 1.0}))
    unlabelled = measured_run(tmp_path / "b", "-")
    assert "0 of 120 clips are labelled" in shortcuts_card(unlabelled)
    assert "not known" in competence_card(unlabelled, [])
    assert "not known" in competence_card(measured_run(tmp_path / "c", "spoof"), [])


def test_who_is_at_chance_is_named_with_the_way_back(tmp_path):
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "noise": 0.0}, basis="another corpus")
    page = competence_card(run, [])
    assert "noise (AUC" in page and "not count" in page and "SPOOFSCOPE_GATE=off" in page
    assert "were set on another corpus" in page and "never measured" in page


def test_votes_at_chance_count_only_where_they_are_asked_for(tmp_path):
    run = made(tmp_path / "run", LABELS, {"good": 1.0, "noise": 0.0, "fair": 0.6})
    assert electorates(run) == [PANEL_ONLY, EVERYONE, CHANCE_TOO]
    assert set(electorate(run, EVERYONE)) == {"good", "fair"}
    assert set(electorate(run, CHANCE_TOO)) == {"good", "fair", "noise"}
    assert len(electorates(made(tmp_path / "two", LABELS, {"good": 1.0, "fair": 0.6}))) == 2
    # One member alone contradicts nobody.
    assert electorates(made(tmp_path / "one", LABELS, {"good": 1.0})) == [EVERYONE]


def test_clips_from_training_are_counted():
    assert "was not looked for" in training_line(None)
    assert "None of 40 clips" in training_line({"searched": 40, "trained": 0})
    found = training_line({"searched": 40, "trained": 2, "trained_paths": ["<a>.wav"]})
    assert "2 of 40 clips, 5.0 % [" in found and "&lt;a&gt;.wav" in found and 'role="alert"' in found


def test_a_recording_from_training_is_no_evidence():
    match = Match(row=3, distance=0.04, limit=0.25)
    shown = nearest_line(Overlap(match, ("one", "two"), ()))
    assert "one and two" in shown and "no evidence" in shown and "4 %" in shown and 'role="alert"' in shown
    assert "not in training" in nearest_line(Overlap(Match(3, 0.4, 0.25), (), ()))
    short = nearest_line(Overlap(None, (), ("three",)))
    assert "too short" in short and "three" in short
    assert nearest_line(None) == ""
