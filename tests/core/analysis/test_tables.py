"""Tables of figures: which clips a slice holds, what is undefined, how it reads."""

import math

import numpy as np
import pandas as pd
import pytest

from core.analysis.metrics import TiedScoresWarning, eer
from core.analysis.tables import evaluation_table, interval_groups, render_table


@pytest.fixture
def frame() -> pd.DataFrame:
    """100 bona fide clips and 40 each of an easy seen and a hard unseen attack; some of both are published."""
    rng = np.random.default_rng(1)
    system = np.repeat(["-", "world", "nsf"], [100, 40, 40])
    label = np.where(system == "-", "bonafide", "spoof")
    score = rng.normal(np.select([system == "-", system == "world"], [2.0, -4.0], 1.0), 1.0)
    number = np.arange(180)
    return pd.DataFrame({
        "path": [f"{i}.flac" for i in number], "label": label, "system": system, "score": score,
        "source": [f"source-{i // 2}" for i in number], "speaker": [f"speaker-{i // 5}" for i in number],
        "split": "eval", "part": np.where(number % 4 == 0, "published", "made"), "kind": "vocoder",
    })  # fmt: skip


def _by_slice(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("slice")


def test_slices_hold_all_bona_fide_and_their_own_attacks(frame: pd.DataFrame) -> None:
    table = _by_slice(evaluation_table(frame, seen_systems=["world"], resamples=20))
    assert list(table.index) == ["all", "seen attacks", "unseen attacks", "published"]
    assert table["n_bonafide"].tolist() == [100, 100, 100, 25]
    assert table["n_spoof"].tolist() == [80, 40, 40, 20]
    real = frame["label"] == "bonafide"
    for name, system in (("seen attacks", "world"), ("unseen attacks", "nsf")):
        alone = eer(frame["score"][real], frame["score"][frame["system"] == system]).rate
        assert table.loc[name, "eer"] == alone
    assert table.loc["seen attacks", "eer"] < 0.05 < table.loc["unseen attacks", "eer"]


def test_intervals_hold_the_figures(frame: pd.DataFrame) -> None:
    table = evaluation_table(frame, seen_systems=["world"], resamples=200)
    for name in ("eer", "auc", "cllr"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    unseen = _by_slice(table).loc["unseen attacks"]
    assert unseen["eer_low"] < unseen["eer_high"]


def test_a_corpus_without_parts_has_no_published_row(frame: pd.DataFrame) -> None:
    for other in (frame.drop(columns="part"), frame.assign(part="-")):
        assert "published" not in set(evaluation_table(other, seen_systems=[], resamples=0)["slice"])


def test_a_slice_without_spoofs_is_shown_with_its_counts_and_no_figures(frame: pd.DataFrame) -> None:
    seen = _by_slice(evaluation_table(frame, seen_systems=[], resamples=20)).loc["seen attacks"]
    assert (seen["n_bonafide"], seen["n_spoof"]) == (100, 0)
    figures = seen.drop(["n_bonafide", "n_spoof"]).astype(float)
    assert figures.isna().all()


def test_a_frame_of_one_class_gives_no_figures_and_no_crash(frame: pd.DataFrame) -> None:
    table = evaluation_table(frame[frame["label"] == "spoof"], seen_systems=["world"])
    assert table["eer"].isna().all()
    assert table["n_bonafide"].eq(0).all()


def test_threshold_moves_the_counts_and_not_the_eer(frame: pd.DataFrame) -> None:
    low, high = (evaluation_table(frame, seen_systems=[], resamples=0, threshold=t).iloc[0] for t in (-3.0, 1.5))
    assert low["eer"] == high["eer"]
    assert low["recall"] < high["recall"]
    assert low["false_alarm_rate"] < high["false_alarm_rate"]


def test_ties_are_warned_of_once_for_the_figure_and_not_for_each_resample(frame: pd.DataFrame) -> None:
    with pytest.warns(TiedScoresWarning) as caught:
        evaluation_table(frame.drop(columns="part").round({"score": 0}), seen_systems=["world", "nsf"], resamples=30)
    assert len(caught) == 2


def test_groups_are_speakers_of_speech_and_sources_of_spoofs() -> None:
    frame = pd.DataFrame({
        "label": ["bonafide", "spoof", "spoof", "bonafide"], "speaker": ["anna", "anna", "tts", "-"],
        "source": ["s1", "s1", "-", "s4"],
    })  # fmt: skip
    assert interval_groups(frame).tolist() == ["speaker:anna", "source:s1", "speaker:tts", "clip:3"]


def test_text_shows_per_cent_intervals_and_dashes() -> None:
    table = pd.DataFrame({
        "slice": ["all", "seen attacks"], "n": [10, 3], "eer": [0.1234, math.nan], "eer_low": [0.1, math.nan],
        "eer_high": [0.2, math.nan], "cllr": [0.5, 1.25],
    })  # fmt: skip
    head, first, second = render_table(table).splitlines()
    assert head.split() == ["slice", "n", "eer", "cllr"]
    assert first.split() == ["all", "10", "12.3", "%", "[10.0,", "20.0]", "0.500"]
    assert second.split() == ["seen", "attacks", "3", "–", "1.250"]
    assert len(head) == len(first) == len(second)


def test_an_empty_table_renders_its_heads() -> None:
    assert render_table(pd.DataFrame(columns=["slice", "eer"])) == "slice  eer"
