import re

import numpy as np
import pandas as pd
import pytest

from core.results.store import Run
from dashboard.components.confusion import ErrorRow, error_table, percent, wilson
from dashboard.components.reference import PANEL, SLICES
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import Context
from dashboard.plots.frame import llr_of
from dashboard.plots.scores import det, distribution, error_curve, overview
from dashboard.views import scores
from dashboard.views.scores import Desk, cut, eer_rate

REAL, FAKE = np.array([3.0, 2.0, 1.0, -1.0]), np.array([-3.0, -2.0, 0.5])


def test_half_a_probability_is_a_ratio_of_zero() -> None:
    assert llr_of(0.5) == pytest.approx(0.0)
    assert llr_of(0.9) == pytest.approx(-np.log(9))


def test_error_rates_are_counted_at_every_threshold() -> None:
    thresholds, false_alarm, miss = error_curve(REAL, FAKE)
    assert (false_alarm[0], miss[0]) == (0.0, 1.0)
    assert (false_alarm[-1], miss[-1]) == (1.0, 0.0)
    at = int(np.flatnonzero(thresholds == 0.5)[0])
    assert false_alarm[at] == pytest.approx(1 / 4)
    assert miss[at] == pytest.approx(1 / 3)


@pytest.mark.parametrize("dark", [False, True])
def test_the_distribution_holds_every_clip_and_marks_the_threshold(dark: bool) -> None:
    figure = distribution(REAL, FAKE, threshold=0.7, dark=dark)
    assert [int(np.sum(trace.text)) for trace in figure.data] == [4, 3]
    assert [trace.name for trace in figure.data] == ["■ bona fide, n = 4", "● spoof, n = 3"]
    assert any(shape.type == "line" and shape.x0 == pytest.approx(0.7) for shape in figure.layout.shapes)


def test_spoofs_stand_to_the_right() -> None:
    left, right = distribution(REAL, FAKE, threshold=0.0, dark=False).layout.xaxis.range
    assert left > 0 > right, "the axis must run from bona fide (high ratios) to spoof"


def test_a_bar_carries_the_probability_at_its_centre() -> None:
    bar = distribution(REAL, FAKE, threshold=0.0, dark=False).data[0]
    assert np.allclose(bar.customdata, 1 / (1 + np.exp(np.asarray(bar.x))))


def test_an_empty_slice_says_so_in_words() -> None:
    figure = distribution([], [], threshold=0.0, dark=False)
    assert not figure.data
    assert "No clip" in figure.layout.annotations[0].text


def test_the_trade_off_marks_this_threshold() -> None:
    figure = det(REAL, FAKE, threshold=0.0, eer=0.25, dark=False)
    assert figure.data[-1].name == "this threshold: 25.0 % and 33.3 %"
    assert "both classes" in det(REAL, [], threshold=0.0, eer=0.5, dark=False).layout.annotations[0].text


def test_the_overview_draws_each_detector_and_sets_the_chosen_in_bold() -> None:
    figure = overview({"a": (REAL, FAKE), "b": (REAL, FAKE)}, chosen="b", dark=True)
    assert len(figure.data) == 4
    assert list(figure.layout.yaxis.ticktext) == ["a", "<b>b</b>"]


def test_slices_part_the_run(run: Run) -> None:
    sizes = {part: cut(run, "aasist", part) for part in SLICES}
    n_real = int(sizes["all"].real.sum())
    seen, unseen = sizes["seen attacks"], sizes["unseen attacks"]
    assert len(sizes["all"].frame) == len(run.clips)
    assert int(seen.real.sum()) == int(unseen.real.sum()) == n_real
    assert (~seen.real).sum() + (~unseen.real).sum() == len(run.clips) - n_real
    assert set(sizes["published"].frame["part"]) == {"published"}


def test_the_panel_is_one_of_the_choices(run: Run) -> None:
    assert cut(run, PANEL, "all").frame["score"].tolist() == run.panel["score"].tolist()


def test_moving_the_threshold_moves_the_counts(run: Run) -> None:
    desk = Desk(run)
    strict, lax = (desk.draw(False, "aasist", "all", limit) for limit in (0.1, 0.9))
    assert strict[0] != lax[0]
    assert strict[2] != lax[2]
    real = cut(run, "aasist", "all").pair[0]
    assert f"<b>{int((real < llr_of(0.9)).sum())} of {len(real)}</b>" in lax[0]


def test_intervals_are_estimated_once_and_hold_the_rate(run: Run) -> None:
    desk = Desk(run)
    assert "estimating" in desk.draw(False, "aasist", "all", 0.5)[3]
    assert desk.estimate("aasist")
    assert not desk.estimate("aasist")
    low, high = desk._intervals["aasist", "all"]
    assert low <= eer_rate(cut(run, "aasist", "all"))[0] <= high
    assert "estimating" not in desk.draw(False, "aasist", "all", 0.5)[3]


def test_every_attack_has_a_row_with_its_count(run: Run) -> None:
    table = Desk(run).draw(False, "aasist", "all", 0.5)[6]
    for system, n in run.clips.loc[run.clips["label"] == "spoof", "system"].value_counts().items():
        assert f'title="{system}"' in table
        assert f'<td class="n">{n}</td>' in table


def test_what_surely_passes_stands_before_what_may_have_by_chance() -> None:
    table = error_table(
        [ErrorRow("two clips", "tts", 2, 1), ErrorRow("many clips", "tts", 100, 45)],
        columns=("attack", "kind", "n", "missed"), colour="bonafide",
    )  # fmt: skip
    assert table.index("many clips") < table.index("two clips")


def test_the_surest_mistakes_stand_first(run: Run) -> None:
    here = cut(run, "aasist", "all").frame
    rows = wrong_rows(here, 0.0, most=500)
    wrong = here[(here["score"] < 0) == (here["label"] == "bonafide")]
    paths = re.findall(r'<tr data-value="([^"]+)"', rows)
    assert sorted(paths) == sorted(wrong["path"])
    assert paths[0] == wrong.loc[wrong["score"].abs().idxmax(), "path"]
    assert "No clip" in wrong_rows(here[here["label"] == "spoof"], 1e9)


def test_names_are_escaped() -> None:
    row = ErrorRow("<script>", "tts", 2, 1)
    assert "<script>" not in error_table([row], columns=("a", "b", "n", "c"), colour="spoof")


def test_an_interval_widens_with_fewer_clips() -> None:
    few, many = wilson(1, 10), wilson(100, 1000)
    assert few[0] < many[0] < 0.1 < many[1] < few[1]
    assert percent(float("nan")) == "–"


def test_a_click_moves_the_threshold_within_reach() -> None:
    assert scores.picked_threshold(_event([0.7313])) == pytest.approx(0.73)
    assert scores.picked_threshold(_event([0.99999])) == pytest.approx(0.995)


def test_the_equal_error_button_sets_its_threshold(context: Context) -> None:
    p = scores._at_eer(context, "aasist", "all")
    real, fake = cut(context.run, "aasist", "all").pair  # type: ignore[arg-type]
    alarms, misses = np.mean(real < llr_of(p)), np.mean(fake >= llr_of(p))
    assert alarms == pytest.approx(misses, abs=0.03)


def test_a_class_without_clips_gives_words_not_numbers(run: Run) -> None:
    only = run.clips[run.clips["label"] == "spoof"].assign(score=0.0)
    counts, rates = scores.at_threshold(pd.DataFrame(only), 0.0, eer=float("nan"), interval=None)
    assert "both classes" in counts
    assert rates == ""


def _event(ids: list[float]) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(ids=ids)
