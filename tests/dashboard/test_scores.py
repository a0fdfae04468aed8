import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.analysis.format import rate
from core.results.groups import wrongly_called
from core.results.queries import PANEL, SLICES, Curve, cut, det_of, detector_rates, names
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from dashboard.components.confusion import error_table
from dashboard.components.pager import PAGE_ROWS
from dashboard.components.score_tables import counts_and_rates, detectors_frame
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import Context
from dashboard.plots.frame import llr_of
from dashboard.plots.scores import det, distribution, overview
from dashboard.views import scores

REAL, FAKE = np.array([3.0, 2.0, 1.0, -1.0]), np.array([-3.0, -2.0, 0.5])


def test_half_a_probability_is_a_ratio_of_zero() -> None:
    assert llr_of(0.5) == pytest.approx(0.0)
    assert llr_of(0.9) == pytest.approx(-np.log(9))


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
    curve = Curve(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.25, 1.0]), np.array([1.0, 1 / 3, 0.0]))
    figure = det(curve, at=(0.25, 1 / 3), eer=0.25, dark=False)
    assert figure.data[-1].name == "this threshold: 25.0 % and 33.3 %"
    assert "both classes" in det(None, at=(0, 0), eer=0.5, dark=False).layout.annotations[0].text


def test_the_overview_draws_each_detector_and_sets_the_chosen_in_bold() -> None:
    figure = overview({"a": (REAL, FAKE), "b": (REAL, FAKE)}, chosen="b", dark=True)
    assert len([trace for trace in figure.data if trace.type == "violin"]) == 4
    assert list(figure.layout.yaxis.ticktext) == ["a", "<b>b</b>"]


def test_the_means_are_lines_that_can_be_seen() -> None:
    lines = overview({"a": (REAL, FAKE)}, chosen="a", dark=False).data[-1]
    assert (lines.mode, lines.line.width) == ("lines", 2.5)
    assert [x for x in lines.x if x is not None] == pytest.approx([REAL.mean()] * 2 + [FAKE.mean()] * 2)
    assert [y for y in lines.y if y is not None][1] > 0 > [y for y in lines.y if y is not None][3]


def test_moving_the_threshold_moves_the_counts(run: Run) -> None:
    strict, lax = (scores.draw(run, False, "aasist", "all", limit) for limit in (0.1, 0.9))
    assert strict[0] != lax[0]
    assert strict[2] != lax[2]
    real = cut(run, "aasist").pair[0]
    assert f"<b>{int((real < llr_of(0.9)).sum())}</b>" in lax[0]
    assert f"in {len(real)}" in lax[0]


def test_what_is_shown_names_the_filter_that_it_answers(run: Run) -> None:
    lead, *_, mistakes, _ = scores.draw(run, False, "aasist", "unseen attacks", 0.3)
    n = cut(run, "aasist", "unseen attacks").n
    assert f"shown: unseen attacks, n = {n}" in lead
    assert f"aasist, unseen attacks ({n} clips), spoof from P(spoof) 0.30" in mistakes


def test_a_rate_reads_alike_in_counts_rates_and_tables(run: Run) -> None:
    here = cut(run, "aasist")
    stated = rate(here.eer, here.eer_interval)
    assert re.fullmatch(r"\d+\.\d % \[\d+\.\d, \d+\.\d\]", stated)
    _, _, _, rates, _, slices, *_ = scores.draw(run, False, "aasist", "all", 0.5)
    assert stated in rates
    assert stated in slices
    assert stated in detectors_frame(detector_rates(run, "all", 0.0), chosen="aasist", part="all", missing=[])


def test_the_table_of_detectors_holds_the_panel_and_says_who_is_not_scored_yet(run: Run) -> None:
    table = detectors_frame(detector_rates(run, "all", 0.0), chosen="aasist", part="all", missing=["mine"])
    heads = [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<tr><td>(.*?)</td>", table)]
    assert heads == [*names(run), "mine"]
    assert heads[0] == PANEL
    assert "not scored yet" in table
    assert "<b>aasist</b>" in table


def test_every_attack_has_a_row_with_its_count(run: Run) -> None:
    table = scores.draw(run, False, "aasist", "all", 0.5)[6]
    for system, n in run.clips.loc[run.clips["label"] == "spoof", "system"].value_counts().items():
        assert re.search(rf'title="{system}">{system}</td><td class="n">{n}</td>', table)


def test_bars_of_errors_have_no_class_colour(run: Run) -> None:
    table = scores.draw(run, False, "aasist", "all", 0.5)[6]
    assert "ss-bg-error" in table
    assert "ss-bg-bonafide" not in table
    assert "ss-bg-spoof" not in table


class ManyMistakes:
    def __init__(self, n: int) -> None:
        self.paths = [f"{i}.wav" for i in range(n)]

    def __len__(self) -> int:
        return len(self.paths)

    def rows(self, first: int = 0, last: int | None = None) -> pd.DataFrame:
        return pd.DataFrame({
            "path": self.paths[first:last], "label": "spoof", "called": "bonafide", "system": "lpc", "source": "s",
            "kind": "vocoder", "part": "made", "p_spoof": 0.1,
        })  # fmt: skip


def test_every_mistake_can_be_reached_page_by_page() -> None:
    wrong = ManyMistakes(2 * PAGE_ROWS + 21)
    found = [re.findall(r'<tr data-value="([^"]+)"', wrong_rows(wrong, page=page)) for page in (1, 2, 3)]
    assert [path for page in found for path in page] == wrong.paths
    last = wrong_rows(wrong, page=3)
    assert f"{2 * PAGE_ROWS + 1}–{len(wrong)} of {len(wrong)} clips called wrongly" in last
    assert 'data-page="3" aria-current="page"' in last
    assert wrong_rows(wrong, page=99) == last
    assert "data-page" not in wrong_rows(ManyMistakes(3))


def test_no_mistake_is_said_in_words_with_the_filter(run: Run) -> None:
    nothing = replace(wrongly_called(cut(run, "aasist"), 0), index=np.empty(0, int))
    assert "No clip is called wrongly: x, all." in wrong_rows(nothing, about="x, all")


def test_a_pressed_page_turns_the_mistakes_and_leaves_the_clip(context: Context) -> None:
    rows, *dock = scores.picked(context)("", "", "aasist", "all", 0.5, _event(page=1))
    assert "clips called wrongly" in rows
    assert len(dock) == 4


def test_names_are_escaped() -> None:
    row = {"name": "<script>", "n": 2, "wrong": 1, "rate": 0.5, "low": 0.1, "high": 0.9}
    assert "<script>" not in error_table(pd.DataFrame([row]), columns=[("name", "a")], share="b")


def test_a_click_moves_the_threshold_within_reach() -> None:
    assert scores.picked_threshold(_event(ids=[0.7313])) == pytest.approx(0.73)
    assert scores.picked_threshold(_event(ids=[0.99999])) == pytest.approx(0.995)


def test_the_equal_error_button_sets_its_threshold(context: Context) -> None:
    p = scores.equal_error(context, "", "", "aasist", "all")
    assert context.run() is not None
    alarms, misses = cut(context.run(), "aasist").rates_at(float(llr_of(p)))
    assert alarms == pytest.approx(misses, abs=0.03)


def test_a_class_without_clips_gives_words_not_numbers(run: Run) -> None:
    here = cut(selected(run, Selection((Is("label", ("spoof",)),)).text), "aasist")
    counts, rates = counts_and_rates(here, 0.0)
    assert "both classes" in counts
    assert rates == ""
    assert det_of(here) is None


@pytest.mark.parametrize("part", SLICES)
def test_every_slice_of_every_detector_is_drawn(run: Run, part: str) -> None:
    for name in names(run):
        *_, figure = drawn = scores.draw(run, True, name, part, 0.5)
        assert len(drawn) == 9
        assert figure.data


def test_the_table_of_all_names_what_ships_and_is_not_scored_yet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "shipped", lambda: ["aasist", "mine"])
    table = scores.table_of_all(run, "aasist", "all", 0.5)
    assert table.count("not scored yet") == 1
    assert "<td>mine</td>" in table


def _event(**data: object) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(**data)
