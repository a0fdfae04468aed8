import html
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import gradio as gr
import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import Calibration
from core.analysis.combination import Combination
from core.analysis.format import rate
from core.analysis.sorted_scores import SortedScores
from core.analysis.verdict import Decision
from core.fusion import Fusion
from core.results.groups import listed, wrongly_called
from core.results.prosodic import prosody_columns
from core.results.queries import PANEL, SLICES, cut, names
from core.results.rates import detector_rates
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from dashboard.components.closer_look import KINDS, _to_selection, closer
from dashboard.components.confusion import error_table
from dashboard.components.cost_controls import cost_text, costs_of, preset
from dashboard.components.pager import PAGE_ROWS
from dashboard.components.score_tables import counts_and_rates, detectors_frame, lead_text
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import Context
from dashboard.plots.curves import CURVES, curve
from dashboard.plots.frame import llr_of
from dashboard.plots.scores import DENSITY, ECDF, distribution, overview
from dashboard.thresholds import by_cost, equal_error, picked_threshold
from dashboard.views import scores
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

REAL, FAKE = np.array([-1.0, 1.0, 2.0, 3.0]), np.array([-3.0, -2.0, 0.5])
BOTH = SortedScores(REAL, FAKE)


def test_half_a_probability_is_a_ratio_of_zero() -> None:
    assert llr_of(0.5) == pytest.approx(0.0)
    assert llr_of(0.9) == pytest.approx(-np.log(9))


@pytest.mark.parametrize("dark", [False, True])
def test_the_distribution_holds_every_clip_and_marks_the_threshold(dark: bool) -> None:
    figure = distribution(BOTH, threshold=0.7, dark=dark)
    assert [int(np.sum(trace.text)) for trace in figure.data] == [4, 3]
    assert [trace.name for trace in figure.data] == ["■ bona fide, n = 4", "● spoof, n = 3"]
    assert any(shape.type == "line" and shape.x0 == pytest.approx(0.7) for shape in figure.layout.shapes)


def test_spoofs_stand_to_the_right() -> None:
    left, right = distribution(BOTH, threshold=0.0, dark=False).layout.xaxis.range
    assert left > 0 > right, "the axis must run from bona fide (high ratios) to spoof"


def test_a_bar_carries_the_probability_at_its_centre() -> None:
    bar = distribution(BOTH, threshold=0.0, dark=False).data[0]
    assert np.allclose(bar.customdata, 1 / (1 + np.exp(np.asarray(bar.x))))


def test_an_empty_slice_says_so_in_words() -> None:
    figure = distribution(SortedScores.of([], []), threshold=0.0, dark=False)
    assert not figure.data
    assert "No clip" in figure.layout.annotations[0].text


@pytest.mark.parametrize("which", CURVES)
def test_every_curve_marks_this_threshold_and_names_its_figures(run: Run, which: str) -> None:
    here = cut(run, "aasist")
    figure = curve(here, which, llr=0.3, band=(-0.6, 0.6), dark=True)
    names_of = " | ".join(str(trace.name) for trace in figure.data)
    alarms, misses = here.rates_at(0.3)
    report = here.scores.report(0.3)
    expected = {
        "DET": f"this threshold: {rate(alarms)} and {rate(misses)}",
        "ROC": f"this threshold: {rate(alarms)}, {rate(1 - misses)}",
        "precision": f"this threshold: {rate(report.recall)}, {rate(report.precision)}",
        "reliability": "bins of 0.1", "not sure": "the verdict's band: ",
    }  # fmt: skip
    assert expected[which] in names_of
    assert max(len(trace.x) for trace in figure.data) <= 2_100


def test_a_curve_without_a_class_says_so_in_words(run: Run) -> None:
    only = cut(selected(run, Selection((Is("label", ("spoof",)),)).text), "aasist")
    for which in CURVES:
        figure = curve(only, which, llr=0.0, band=(-1, 1), dark=False)
        assert "both classes" in figure.layout.annotations[0].text


def test_a_density_and_a_cumulative_curve_carry_what_a_click_needs() -> None:
    for shape in (DENSITY, ECDF):
        figure = distribution(BOTH, threshold=0.0, dark=False, shape=shape)
        for trace in figure.data:
            assert np.allclose(trace.customdata, 1 / (1 + np.exp(np.asarray(trace.x, float))))
    steps = distribution(BOTH, threshold=0.0, dark=False, shape=ECDF).data[0]
    assert list(steps.y) == [100.0, 75.0, 50.0, 25.0], "the share with at most this P(spoof)"


def test_clips_without_a_label_are_drawn_as_such(run: Run) -> None:
    figure = distribution(SortedScores.of([], []), threshold=0.0, dark=False, unlabelled=np.array([-1.0, 2.0]))
    assert [trace.name for trace in figure.data][-1] == "◇ no label, n = 2"


def test_the_overview_draws_each_detector_and_sets_the_chosen_in_bold() -> None:
    figure = overview({"a": (REAL, FAKE), "b": (REAL, FAKE)}, chosen="b", dark=True)
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 4
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
    assert heads == names(run)
    assert "Not scored yet: 1 more" in table and "mine. Score the same folder" in table
    assert heads[0] == PANEL
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
    labelled = True

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
    rows, *dock = scores.picked(context, gr.HTML())("", "", "aasist", "all", 0.5, _event(page=1))
    assert "clips called wrongly" in rows
    assert len(dock) == 4


def test_a_table_in_pages_is_saved_with_all_its_rows(context: Context) -> None:
    rows, *_ = scores.picked(context, gr.HTML())("", "", PANEL, "all", 0.005, _event(page=1, save="csv"))
    run = context.run()
    assert run is not None
    wrong = listed(cut(run, PANEL), float(llr_of(0.005)))
    link = re.search(r'href="gradio_api/file=([^"]+)" download="([^"]+)" data-fresh', rows)
    assert link is not None and link[2].endswith(f"-{len(wrong)}-clips.csv")
    saved = pd.read_csv(unquote(link[1]))
    assert list(saved["path"]) == list(wrong.rows()["path"])
    assert {"score", "p_spoof", "called"} <= set(saved)


def test_names_are_escaped() -> None:
    row = {"name": "<script>", "n": 2, "wrong": 1, "rate": 0.5, "low": 0.1, "high": 0.9}
    assert "<script>" not in error_table(pd.DataFrame([row]), columns=[("name", "a")], share="b")


def test_a_click_moves_the_threshold_within_reach() -> None:
    assert picked_threshold(_event(ids=[0.7313])) == pytest.approx(0.73)
    assert picked_threshold(_event(ids=[0.99999])) == pytest.approx(0.995)


def test_the_equal_error_button_sets_its_threshold(context: Context) -> None:
    p = equal_error(context, "", "", "aasist", "all")
    assert context.run() is not None
    alarms, misses = cut(context.run(), "aasist").rates_at(float(llr_of(p)))
    assert alarms == pytest.approx(misses, abs=0.03)


def test_a_class_without_clips_gives_words_not_numbers(run: Run) -> None:
    here = cut(selected(run, Selection((Is("label", ("spoof",)),)).text), "aasist")
    counts, rates = counts_and_rates(here, 0.0)
    assert "both classes" in counts
    assert rates == ""


@pytest.mark.parametrize("part", SLICES)
def test_every_slice_of_every_detector_is_drawn(run: Run, part: str) -> None:
    for name in names(run):
        *_, figure = drawn = scores.draw(run, True, name, part, 0.5)
        assert len(drawn) == 9
        assert figure.data


def test_the_table_of_all_names_what_ships_and_is_not_scored_yet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "shipped", lambda: ["aasist", "mine"])
    table = scores.table_of_all(run, "aasist", "all", 0.5)
    assert "Not scored yet: 1 more" in table
    assert "mine. Score the same folder again" in table


def _event(**data: object) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(**data)


def look(run: Run, kind: str, **more: Any) -> tuple[Any, ...]:
    given = {"column": None, "small": False, "against": None, "other": None, "prosody": None} | more
    return closer(run, run, [("this run", "")], False, "aasist", "all", 0.5, kind, **given)


def test_a_closer_look_shows_one_thing_at_a_time(run: Run) -> None:
    shown = {kind: look(run, kind) for kind in KINDS}
    for kind, (column, small, against, other, along, text, figure) in shown.items():
        assert column.visible is small.visible is (kind == KINDS[0])
        assert against.visible is (kind == KINDS[2])
        assert not other.visible, "there is no other run"
        assert along.visible is (kind == KINDS[3])
        assert figure.visible is (kind == KINDS[3] and bool(prosody_columns(run)))
        assert text
    assert "looked at" in shown[KINDS[1]][5]
    assert "by speaker and system" in shown[KINDS[2]][5]


def test_where_all_parts_are_small_the_closer_look_names_the_box_that_shows_them(run: Run) -> None:
    few = selected(run, Selection((Is("speaker", (str(run.column("speaker")[0]),)),)).text)
    assert "Tick “parts of fewer than 20 clips too” above" in str(look(few, KINDS[0])[5])
    assert "<tr data-value" in str(look(few, KINDS[0], small=True)[5])


def test_one_error_is_one_false_alarm_and_one_miss(run: Run) -> None:
    here = cut(run, "aasist")
    text = str(lead_text(run, here, limit=0.5, llr=float(here.scores.real[1])))
    assert "false alarm<" in text and "misses<" in text
    text = str(lead_text(run, here, limit=0.5, llr=float(here.scores.fake[-1])))
    assert "false alarms<" in text and "miss<" in text


def test_large_numbers_of_clips_are_grouped_by_thousands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cut(run, "aasist")
    # What was counted before stands in the slice itself.
    monkeypatch.setitem(here.__dict__, "n", 71237)
    assert "n = 71,237." in str(lead_text(run, here, limit=0.5, llr=0.0))


def test_a_class_without_clips_has_no_rate_in_the_lead(run: Run) -> None:
    here = cut(selected(run, Selection((Is("label", ("bonafide",)),)).text), "aasist")
    text = str(lead_text(here.run, here, limit=0.5, llr=0.0))
    assert "; no clip here is labelled spoof.</p>" in text and ">misses<" not in text


def test_a_pressed_slice_selects_its_clips_on_top_of_what_is_selected(run: Run) -> None:
    text = str(look(run, KINDS[0], column="part")[5])
    value = html.unescape(re.findall(r'<tr data-value="([^"]+)"', text)[0])
    before = Selection((Is("label", ("spoof",)),))
    chosen = _to_selection(_event(value=value), run, before.text)
    assert chosen is not None
    part = re.findall(r'class="ss-clip" title="([^"]+)"', text)[0]
    assert chosen.mask(run).sum() == ((run.column("part") == part).to_numpy() & run.fake).sum()
    assert _to_selection(_event(value=""), run, "") is None


def test_a_pressed_count_selects_the_clips_that_are_called_so(run: Run) -> None:
    condition = scores.called(_event(value="miss"), run, "aasist", 0.3)
    assert condition is not None
    assert condition.mask(run).sum() == cut(run, "aasist").scores.report(float(llr_of(0.3))).fn


def test_costs_set_the_threshold_and_a_preset_states_them(context: Context) -> None:
    bank = preset("bank call")
    assert bank == [5.0, 10, 1]
    assert by_cost(context, False, "", "", "aasist", "all", *bank) == pytest.approx(0.655)
    lowest = by_cost(context, True, "", "", "aasist", "all", *bank)
    run = context.run()
    assert run is not None
    here, costs = cut(run, "aasist"), costs_of(tuple(bank))
    by_hand = min(costs.of(*here.rates_at(at)) for at in np.linspace(-6, 6, 500))
    assert costs.of(*here.rates_at(float(llr_of(lowest)))) == pytest.approx(by_hand, abs=0.05)
    text = cost_text(here, "bank call", tuple(bank), 0.0)
    assert "prior and costs of ASVspoof 5" in text
    assert "Fill in" in cost_text(here, "your own", (None, 1.0, 1.0), 0.0)
    assert by_cost(context, False, "", "", "aasist", "all", 0.0, 1.0, 1.0) == _skip()


def test_costs_count_with_the_prior_that_is_in_the_panels_score(run: Run) -> None:
    combination = Combination(dict.fromkeys(run.detectors, 1.0))
    fusion = Fusion(combination, Calibration(1.0, 0.0), Decision(), prior=0.3).to_json()
    fused = Run(run.folder, {**run.manifest, "fusion": fusion}, run.clip_part, run.parts, run.measured)
    context: Any = SimpleNamespace(selected=lambda *_: fused)
    asked = [by_cost(context, False, "", "", name, "all", 30.0, 1.0, 1.0) for name in ("aasist", "panel")]
    # Errors cost the same and spoofs are as likely as the panel takes them to be: whichever class is likelier wins.
    assert asked == [pytest.approx(0.7, abs=0.003), 0.5]


def _skip() -> object:
    import gradio as gr

    return gr.skip()


def test_an_unlabelled_run_and_a_single_clip_are_shown_without_figures_of_merit(tmp_path: Path) -> None:
    clips = synthetic_clips(30).assign(label="-", system="-")
    unlabelled = synthetic_run(tmp_path / "unlabelled", clips)
    one = selected(unlabelled, Selection((Is("path", (str(clips["path"].iloc[0]),)),)).text)
    assert len(one) == 1
    for run in (unlabelled, one):
        for name in names(run):
            lead, *_ = scores.draw(run, False, name, "all", 0.5)
            assert "no clip has a label" in lead
        assert "called spoof here" in scores.table_of_all(run, PANEL, "all", 0.5)
        for kind in KINDS:
            assert "No clip shown has a label" in look(run, kind)[5]


def test_clips_without_labels_are_listed_from_the_likeliest_spoof_and_none_is_called_wrong(tmp_path: Path) -> None:
    clips = synthetic_clips(30).assign(label="-", system="-", source="-", kind="-")
    run = synthetic_run(tmp_path / "unlabelled", clips)
    _, _, counts, _, _, slices, attacks, rows, overview = scores.draw(run, False, PANEL, "all", 0.5)
    called = int((run.llr(PANEL) < 0).sum())
    assert f"Called spoof: {called}. Called bona fide: {30 - called}." in counts
    assert slices == attacks == ""
    assert "The clips, the likeliest spoofs first" in rows
    order = [clips["path"].iloc[place] for place in np.argsort(run.llr(PANEL), kind="stable")]
    assert re.findall(r'<tr data-value="([^"]+)"', rows) == order
    assert f'title="{order[0]}">{order[0].rsplit("/", 1)[-1]}<' in rows
    assert rows.count("◇</i> no label") == 30 and "not sure" not in rows
    assert {trace.name for trace in overview.data} == {"◇ no label", "mean"}
    assert listed(cut(run, PANEL), 0.0).labelled is False


def test_what_comes_later_and_what_a_moved_threshold_leaves_is_not_drawn(run: Run) -> None:
    whole = scores.draw(run, False, "aasist", "all", 0.3)
    first = scores.draw(run, False, "aasist", "all", 0.3, at_once=True)
    moved = scores.draw(run, False, "aasist", "all", 0.3, moved=True)
    texts = [[str(part) for part in drawn] for drawn in (whole, first, moved)]
    later, fixed = (5, 6), len(whole) - 1
    assert [place for place, text in enumerate(texts[1]) if text != texts[0][place]] == list(later)
    assert all("Resampling" in texts[1][place] for place in later)
    assert [place for place, text in enumerate(texts[2]) if text != texts[0][place]] == [fixed]
    assert moved[fixed] == gr.skip()
