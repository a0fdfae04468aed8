"""What the page, the command line and the documents' tables ask of a run."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from core.analysis.det import deviate, equal_error_point
from core.analysis.sorted_scores import SortedScores
from core.errors import ResultsError
from core.results import groups, one_clip, queries, rates
from core.results.queries import PANEL, SLICES, cut
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import CROWD, synthetic_run
from tests.dashboard.synthetic_run import PANEL as MEMBERS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("crowd") / "reference", detectors=CROWD, members=MEMBERS)


def eer_of(run: Run, name: str) -> float:
    rows = run.scores[run.scores["detector"] == name]
    real = rows["label"] == "bonafide"
    return equal_error_point(rows.loc[real, "score"], rows.loc[~real, "score"])[0]


def test_members_stand_first_and_each_group_from_the_lowest_error_rate(crowd: Run) -> None:
    order = queries.detectors(crowd)
    assert set(order[: len(MEMBERS)]) == set(MEMBERS) == set(queries.members(crowd))
    assert sorted(order) == sorted(CROWD)
    for group in (order[: len(MEMBERS)], order[len(MEMBERS) :]):
        rates = [eer_of(crowd, name) for name in group]
        assert rates == sorted(rates)
    assert queries.names(crowd) == [PANEL, *order]


def test_the_best_detector_has_the_lowest_error_rate_not_the_first_letter(crowd: Run) -> None:
    assert eer_of(crowd, queries.best(crowd)) == min(eer_of(crowd, name) for name in CROWD)


def test_without_a_fusion_all_are_in_the_panel(run: Run) -> None:
    assert sorted(queries.members(run)) == sorted(run.detectors) == sorted(queries.detectors(run))


def test_rows_are_a_detectors_answers_in_the_order_of_the_clips(run: Run) -> None:
    for name in (PANEL, "aasist"):
        rows = queries.rows(run, name)
        assert rows["path"].tolist() == run.clips["path"].tolist()
        assert set(rows["detector"]) == {name}
    expected = run.scores[run.scores["detector"] == "aasist"].set_index("path").loc[run.clips["path"], "score"]
    assert queries.rows(run, "aasist")["score"].tolist() == expected.tolist()


def test_a_detector_that_the_run_lacks_is_not_scored_yet(run: Run) -> None:
    assert queries.unscored(run, [PANEL, "aasist", "mine"]) == ["mine"]
    with pytest.raises(ResultsError, match="mine is not scored yet"):
        queries.rows(run, "mine")


def test_slices_part_the_run(run: Run) -> None:
    sizes = {part: cut(run, "aasist", part) for part in SLICES}
    n_real = int(sizes["all"].real.sum())
    n_fake = int(run.fake.sum())
    seen, unseen = sizes["seen attacks"], sizes["unseen attacks"]
    assert sizes["all"].n == len(run)
    assert int(seen.real.sum()) == int(unseen.real.sum()) == n_real
    assert seen.fake.sum() + unseen.fake.sum() == n_fake
    assert set(run.column("part")[sizes["published"].mask]) == {"published"}


def test_an_interval_holds_its_rate_and_is_the_tables_own(run: Run) -> None:
    from core.results.evaluation import evaluate_run

    here = cut(run, "aasist", "unseen attacks")
    low, high = here.eer_interval
    assert low <= here.eer <= high
    stated = evaluate_run(run)["aasist"].set_index("slice").loc["unseen attacks"]
    assert (stated["eer"], stated["eer_low"], stated["eer_high"]) == pytest.approx((here.eer, low, high))


def test_a_slice_of_one_class_has_no_error_rate(run: Run) -> None:
    here = cut(selected(run, Selection((Is("label", ("spoof",)),)).text), "aasist")
    assert np.isnan(here.eer)
    assert np.isnan(here.eer_interval).all()
    assert np.isnan(here.rates_at(0.0)[0])
    assert np.isnan(here.error_intervals(0.0)[0]).all()
    assert rates.at_threshold(here, 0.0) is None
    assert not here.whole


def test_the_trade_off_runs_from_no_false_alarm_to_no_miss(run: Run) -> None:
    here = cut(run, "aasist")
    curve = here.scores.curve()
    assert (curve.false_alarm[0], curve.miss[0]) == (0.0, 1.0)
    assert (curve.false_alarm[-1], curve.miss[-1]) == (1.0, 0.0)
    at = here.rates_at(0.0)
    assert any(np.allclose(point, at) for point in zip(curve.false_alarm, curve.miss, strict=True)), (
        "a threshold is a point of the curve"
    )


def test_deviates_of_a_trade_off_are_symmetric_about_one_half() -> None:
    assert deviate([0.5, 0.1, 0.9]) == pytest.approx([0, -1.2816, 1.2816], abs=1e-4)
    assert np.isfinite(deviate([0, 1])).all()


def test_rates_of_all_detectors_begin_with_the_panel(crowd: Run) -> None:
    figures = rates.detector_rates(crowd, "all", 0.0)
    assert figures["name"].tolist() == queries.names(crowd)
    assert set(figures.loc[figures["member"], "name"]) == set(MEMBERS)
    row = figures.set_index("name").loc["crnn"]
    assert row["eer"] == pytest.approx(eer_of(crowd, "crnn"))
    assert row["eer_low"] <= row["eer"] <= row["eer_high"]
    assert (row["false_alarm_rate"], row["miss_rate"]) == cut(crowd, "crnn").rates_at(0.0)


def test_attacks_are_counted_at_the_threshold_the_surely_most_missed_first(run: Run) -> None:
    table = groups.attacks(run, "aasist", "all", 0.5).set_index("system")
    frame = queries.rows(run, "aasist")
    for system, spoofs in frame[frame["label"] == "spoof"].groupby("system"):
        assert table.loc[system, "n"] == len(spoofs)
        assert table.loc[system, "wrong"] == (spoofs["score"] >= 0.5).sum()
    assert table["low"].is_monotonic_decreasing
    assert table.loc["griffinlim", "seen"]
    assert not table.loc["lpc", "seen"]


def test_kinds_of_real_speech_are_counted_as_false_alarms(run: Run) -> None:
    here = cut(run, "aasist")
    kinds = groups.speech_kinds(here, 0.5)
    assert kinds["n"].sum() == here.real.sum()
    assert kinds["wrong"].sum() == (here.pair[0] < 0.5).sum()


def test_mistakes_are_all_there_the_surest_first(run: Run) -> None:
    here = cut(run, "aasist")
    wrong = groups.wrongly_called(here, 0.0)
    frame, found = queries.rows(run, "aasist"), wrong.rows()
    expected = frame[(frame["score"] < 0) == (frame["label"] == "bonafide")]
    assert sorted(found["path"]) == sorted(expected["path"])
    assert found["score"].abs().is_monotonic_decreasing
    assert (found["called"] != found["label"]).all()
    pd.testing.assert_frame_equal(wrong.rows(2, 5), found.iloc[2:5].reset_index(drop=True))


def test_a_clips_scores_come_with_the_thresholds_of_each(run: Run) -> None:
    path = run.clips["path"].iloc[3]
    table = one_clip.scores_of_clip(run, path, [PANEL, "aasist"])
    assert table["detector"].tolist() == [PANEL, "aasist"]
    rule = queries.decision_of(run, "aasist")
    assert table.loc[1, "spoof_below"] == rule.spoof_below
    expected = run.scores[(run.scores["path"] == path) & (run.scores["detector"] == "aasist")]["score"].iloc[0]
    assert table.loc[1, "score"] == pytest.approx(expected)
    found = one_clip.clip(run, path)
    assert found is not None and found["path"] == path
    assert one_clip.clip(run, "elsewhere.wav") is None


def test_an_interval_widens_with_fewer_clips() -> None:
    few, many = groups.wilson(1, 10), groups.wilson(100, 1000)
    assert few[0] < many[0] < 0.1 < many[1] < few[1]
    assert groups.wilson(0, 0) == (0.0, 1.0)


def test_a_slice_is_the_same_whether_it_is_named_or_left_out(run: Run) -> None:
    name = run.detectors[0]
    assert cut(run, name) is cut(run, name, "all") is cut(run, name=name, part="all")
    assert cut(run, name).scores is cut(run, name, "all").scores


def test_detectors_are_sorted_at_the_same_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=20)

    def together(real: object, fake: object) -> str:
        # Whoever comes alone waits in vain.
        both.wait()
        return "sorted"

    monkeypatch.setattr(SortedScores, "of", together)
    slices = [queries.Slice(run, name, "all", frozenset()) for name in run.detectors[:2]]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda here: here.scores, slices)) == ["sorted", "sorted"]
