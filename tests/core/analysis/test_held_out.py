"""Out-of-fold scores: calibrated by the other folds, with intervals over pages."""

import numpy as np
import pandas as pd
import pytest

from core.analysis import resampled
from core.analysis.bootstrap import difference_interval, interval, mean_interval
from core.analysis.calibration import fit_calibration
from core.analysis.held_out import (
    AS_IS,
    TELEPHONE,
    cross_fitted,
    cross_fitted_verdicts,
    held_out_rows,
    held_out_table,
)
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED

PAGES, CLIPS = 20, 30


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Twenty pages of thirty clips in five folds; every second clip is real, and pages differ in how hard they are."""
    rng = np.random.default_rng(0)
    page = np.repeat(np.arange(PAGES), CLIPS)
    real = np.arange(PAGES * CLIPS) % 2 == 0
    raw = np.where(real, 1.0, -1.0) + rng.normal(0, 0.8, PAGES)[page] + rng.normal(0, 0.7, len(page))
    table = pd.DataFrame({
        "path": [f"{i}.wav" for i in range(len(page))], "page": [f"page/{p}" for p in page], "fold": page % 5,
        "label": np.where(real, "bonafide", "spoof"), "system": np.where(real, "-", "vocoder-x"),
        "kind": np.where(real, np.where(page % 2 == 0, "calm-read", "vivid"), np.where(page < 10, "tts", "vc")),
        "language": np.where(page == 0, "de", np.where(page == 1, "-", "en")), "version": AS_IS, "raw": raw,
    })  # fmt: skip
    return judged(table)


def judged(table: pd.DataFrame) -> pd.DataFrame:
    real, folds, usable = (table["label"] == "bonafide").to_numpy(), table["fold"].to_numpy(), np.ones(len(table), bool)
    llr = cross_fitted(table["raw"].to_numpy(), real, folds, usable)
    return table.assign(llr=llr, called=cross_fitted_verdicts(llr, real, folds, usable))


def row(rows: list[dict], group: str, name: str) -> dict:
    return next(row for row in rows if (row["group"], row["name"]) == (group, name))


def test_a_fold_is_calibrated_on_the_others_alone(frame) -> None:
    real, folds, raw = (frame["label"] == "bonafide").to_numpy(), frame["fold"].to_numpy(), frame["raw"].to_numpy()
    others = folds != 2
    expected = fit_calibration(raw[others], real[others]).llr(raw[~others])
    assert frame.loc[~others, "llr"].to_numpy() == pytest.approx(expected)
    turned = np.where(others, raw, -raw)
    again = cross_fitted(turned, real, folds, np.ones(len(raw), bool))
    assert again[~others] == pytest.approx(fit_calibration(raw[others], real[others]).llr(-raw[~others]))


def test_rows_that_may_not_be_used_move_no_calibration(frame) -> None:
    usable = frame["fold"].to_numpy() != 4
    raw, real = frame["raw"].to_numpy(), (frame["label"] == "bonafide").to_numpy()
    first, second = (
        cross_fitted(np.where(usable, raw, raw * factor), real, frame["fold"].to_numpy(), usable)[usable]
        for factor in (1.0, 9.0)
    )
    assert first == pytest.approx(second)


def test_thresholds_keep_their_limits_on_what_they_were_set_on_and_nearly_on_what_they_were_not(frame) -> None:
    everything = row(held_out_rows(frame, resamples=50), "all", "all")
    assert everything["called_spoofed"] <= 0.05 + 0.05 and everything["called_bonafide"] <= 0.15 + 0.07
    for label, spoofed, sure in (("bonafide", "called_spoofed", BONAFIDE), ("spoof", "called_bonafide", SPOOFED)):
        words = frame[frame["label"] == label]["called"]
        shares = everything[spoofed], everything[f"not_sure_{label}"], (words == sure).mean()
        assert shares[1] == pytest.approx((words == NOT_SURE).mean(), abs=1e-6)
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_intervals_are_over_pages_and_wider_than_over_clips(frame) -> None:
    found = row(held_out_rows(frame, resamples=300), "all", "all")
    real = frame["label"] == "bonafide"
    by_page = interval(resampled.eer, frame["llr"], real, frame["page"], resamples=300)
    by_clip = interval(resampled.eer, frame["llr"], real, frame["path"], resamples=300)
    assert (found["eer_low"], found["eer_high"]) == pytest.approx(by_page, abs=1e-6)
    assert by_page[1] - by_page[0] > 1.5 * (by_clip[1] - by_clip[0])


def test_rows_by_kind_and_language_count_their_own_class_and_say_what_is_not_known(frame) -> None:
    rows = held_out_rows(frame, resamples=50)
    acted, tts, german = row(rows, "real speech", "vivid"), row(rows, "spoofs", "tts"), row(rows, "language", "de")
    assert (acted["n_bonafide"], acted["n_spoof"], acted["n_pages"]) == (150, 300, 10)
    assert acted["miss_rate"] is None and acted["false_alarm_rate"] is not None
    assert (tts["n_bonafide"], tts["n_spoof"], tts["false_alarm_rate"]) == (300, 150, None)
    assert german["n_pages"] == 1 and german["eer"] is not None and german["eer_low"] is None
    assert {r["name"] for r in rows if r["group"] == "language"} == {"de", "en"}
    shown = held_out_table(rows)
    assert "real speech: acted" in set(shown["clips"])
    assert shown.loc[shown["clips"] == "spoofs: tts", "false alarms at P 0.5"].item() == "–"


def test_a_telephone_has_a_row_of_its_own_and_is_in_no_other(frame) -> None:
    calls = frame.assign(version=TELEPHONE, llr=-5.0, called=SPOOFED)
    rows = held_out_rows(pd.concat([frame, calls]), resamples=20)
    assert row(rows, "version", TELEPHONE)["false_alarm_rate"] == 1.0
    assert row(rows, "all", "all") == row(held_out_rows(frame, resamples=20), "all", "all")


def test_a_difference_on_the_same_resamples_is_exact_for_copies_and_narrow_for_near_copies(frame) -> None:
    llr, real, page = frame["llr"].to_numpy(), frame["label"] == "bonafide", frame["page"]
    assert difference_interval(resampled.eer, llr, 2 * llr, real, page, resamples=100) == (0.0, 0.0)
    near = llr + np.random.default_rng(1).normal(0, 0.05, len(llr))
    low, high = difference_interval(resampled.cllr, near, llr, real, page, resamples=200)
    alone = interval(resampled.cllr, llr, real, page, resamples=200)
    assert high - low < 0.2 * (alone[1] - alone[0])


def test_a_share_of_one_class_has_an_interval_over_its_groups() -> None:
    values = np.repeat([0.0, 1.0], 500)
    assert np.isnan(mean_interval(values, np.zeros(1000))).all()
    low, high = mean_interval(values, np.arange(1000) // 100, resamples=500)
    assert low < 0.25 and high > 0.75
