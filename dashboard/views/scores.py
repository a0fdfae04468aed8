"""Scores: where each class lies, what a threshold makes of it, and which attacks are missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from core.analysis.calibration import p_spoof
from core.detectors.checkpoint import shipped
from core.results.conditions import Called
from core.results.groups import attacks, wrongly_called
from core.results.queries import (
    PANEL,
    SLICES,
    Slice,
    cut,
    decision_of,
    detector_rates,
    members,
    names,
    overview,
    slice_rates,
    unscored,
)
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_html, clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.closer_look import closer_look
from dashboard.components.cost_controls import CostControls, cost_controls, cost_text, costs_of
from dashboard.components.markup import Markup, card, empty, loading, note
from dashboard.components.pager import turned
from dashboard.components.panes import figure_terms, heading, remark, tips
from dashboard.components.reference import chosen_or_first, waiting
from dashboard.components.score_tables import (
    answers_to,
    attack_frames,
    counts_and_rates,
    detectors_frame,
    lead_text,
    slices_frame,
)
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import QUIET, Context
from dashboard.plots import scores as plots
from dashboard.plots.curves import CURVES, TERMS, curve
from dashboard.plots.frame import llr_of

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Scores"
ORDER = 10
NEEDS = frozenset({"run"})

_HALF, _LEAST, _MOST = 0.5, 0.005, 0.995
_VIEW, _CURVE_PX = "scores-view", 380
_AT_WORK = card("Error rates with intervals", loading("Resampling speakers and sources …"))


def draw(
    run: "Run", dark: bool, name: str, part: str, limit: float, shape: str = plots.SHAPES[0],
    which: str = CURVES[0], *, at_once: bool = False,
) -> tuple[Any, ...]:  # fmt: skip
    """Return what answers to a detector, a slice and a threshold, as in ``_Parts``.

    ``at_once`` leaves out the error rates of all slices, each of which needs an interval.
    """
    here, llr = cut(run, name, part), float(llr_of(limit))
    shown = [PANEL, *members(run)]
    shown += [] if name in shown else [name]
    return (
        lead_text(run, here, limit=limit, llr=llr), spread_of(here, llr, shape, dark), *counts_and_rates(here, llr),
        curve_of(run, here, llr, which, dark),
        _AT_WORK if at_once else slices_frame(slice_rates(run, name, llr), name=name),
        attack_frames(attacks(run, name, part, llr), here, llr),
        wrong_rows(wrongly_called(here, llr), about=f"{answers_to(here, limit)}."),
        plots.overview(overview(run, part, shown), chosen=name, dark=dark),
    )  # fmt: skip


def spread_of(here: Slice, llr: float, shape: str, dark: bool) -> Any:
    """Return how the scores of a slice are spread, in one of ``SHAPES``."""
    return plots.distribution(here.scores, threshold=llr, dark=dark, shape=shape, unlabelled=here.unlabelled)


def curve_of(run: "Run", here: Slice, llr: float, which: str, dark: bool) -> Any:
    """Return one of ``CURVES`` of a slice."""
    rule, height = decision_of(run, here.name), max(_CURVE_PX, plots.overview_height(1 + len(members(run))))
    return curve(here, which, llr=llr, band=(rule.spoof_below, rule.bonafide_above), dark=dark, height=height)


def table_of_all(run: "Run", name: str, part: str, limit: float) -> Markup:
    """Return the table of all detectors on one slice: each with an interval, so that it takes longer than the rest."""
    figures = detector_rates(run, part, float(llr_of(limit)))
    return detectors_frame(figures, chosen=name, part=part, missing=unscored(run, shipped()))


@dataclass(frozen=True)
class _Parts:
    """The tab's components that are filled from a run: ``all`` in the order of ``draw``, then the table of all."""

    lead: gr.HTML
    spread: gr.Plot
    counts: gr.HTML
    rates: gr.HTML
    trade: gr.Plot
    slices: gr.HTML
    attacks: gr.HTML
    mistakes: gr.HTML
    overview: gr.Plot
    detectors: gr.HTML

    @property
    def all(self) -> list[Any]:
        one = [self.lead, self.spread, self.counts, self.rates, self.trade]
        return [*one, self.slices, self.attacks, self.mistakes, self.overview, self.detectors]


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view", elem_id=_VIEW):
        lead = gr.HTML(waiting("Reading the run."), elem_id="scores-lead", padding=False)
        controls, at_eer = _controls()
        costs = cost_controls()
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=7, elem_classes="ss-pane", min_width=420):
                heading("Where each class lies")
                shape = gr.Radio(
                    list(plots.SHAPES), value=plots.SHAPES[0], label="Drawn as", show_label=False,
                    elem_id="scores-shape",
                )  # fmt: skip
                container, spread = clickable_plot("scores-spread")
                remark("Click in the figure to move the threshold. Real speech belongs left of it.")
                figure_terms("P(spoof)", "threshold", "bona fide", "spoof")
            with gr.Column(scale=5, elem_classes="ss-pane", min_width=340):
                heading("At this threshold")
                counts = clickable_html("scores-counts", empty("Counts appear here."))
                rates = gr.HTML(padding=False, elem_id="scores-rates")
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=7, elem_classes="ss-pane", min_width=420):
                heading("The panel and its members")
                everyone = gr.Plot(show_label=False, container=False, elem_id="scores-overview")
                remark("Above each line bona fide speech, below it spoofs; the short strokes are the means.")
            with gr.Column(scale=5, elem_classes="ss-pane", min_width=340):
                heading("Over all thresholds")
                which = gr.Radio(
                    list(CURVES), value=CURVES[0], label="Curve", show_label=False, elem_id="scores-curve"
                )
                trade = gr.Plot(show_label=False, container=False, elem_id="scores-det")
                about = remark(TERMS[CURVES[0]])
                figure_terms("miss rate", "false alarm rate", "EER", "threshold")
        table = gr.HTML(padding=False, elem_id="scores-detectors")
        closer_look(context, controls, [controls[0].input, controls[1].input, controls[2].change])
        slices = gr.HTML(padding=False, elem_id="scores-slices")
        attack_tables = gr.HTML(padding=False, elem_id="scores-attacks")
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=460):
                heading("Called wrongly at this threshold")
                mistakes = clickable_html("scores-mistakes", empty("Mistakes appear here."))
            with gr.Column(scale=4, elem_classes="ss-pane", min_width=310):
                heading("The clip")
                dock = clip_dock(context, "scores", invitation="Choose a mistake to play it.")
    parts = _Parts(lead, spread, counts, rates, trade, slices, attack_tables, mistakes, everyone, table)
    _wire(context, parts, [*controls, shape, which])
    _wire_figures(context, parts, [*controls, shape, which], about)
    _wire_thresholds(context, controls, at_eer, costs)
    container.select(picked_threshold, None, controls[2], **QUIET)
    chosen = [context.run_choice, context.selection]
    mistakes.select(picked(context), [*chosen, *controls], [mistakes, *dock.outputs], **QUIET)
    context.select(counts.select, called, [controls[0], controls[2]])


def _controls() -> tuple[list[Any], gr.Button]:
    with gr.Row(elem_classes="ss-bar-of-controls"):
        name = gr.Dropdown([PANEL], value=PANEL, label="Detector", elem_id="scores-detector", scale=2)
        part = gr.Radio(list(SLICES), value="all", label="Clips", elem_id="scores-slice", scale=5, min_width=440)
        limit = gr.Slider(
            _LEAST, _MOST, value=_HALF, step=0.005, label="Threshold: spoof from P(spoof)", elem_id="scores-threshold",
            scale=4, min_width=260,
        )  # fmt: skip
        at_eer = gr.Button("At EER", size="sm", elem_id="scores-at-eer", scale=0, min_width=80)
    tips({
        "scores-detector": "detector", "scores-slice": "slice", "scores-threshold": "threshold",
        "scores-at-eer": "at EER",
    })  # fmt: skip
    return [name, part, limit], at_eer


def _wire(context: Context, parts: _Parts, controls: list[Any]) -> None:
    name, part, limit, *_ = controls
    def show(
        dark: bool, choice: str, chosen: str, who: str | None, which: str, at: float, *drawn: str
    ) -> Iterator[tuple[Any, ...]]:
        run = context.selected(choice, chosen)
        assert run is not None
        who = chosen_or_first(who, names(run))
        picker = gr.Dropdown(choices=names(run), value=who)
        yield (*draw(run, dark, who, which, at, *drawn, at_once=True), _AT_WORK, picker)
        later: list[Any] = [gr.skip() for _ in parts.all]
        later[parts.all.index(parts.slices)] = slices_frame(slice_rates(run, who, float(llr_of(at))), name=who)
        later[-1] = table_of_all(run, who, which, at)
        yield (*later, gr.skip())

    def move(
        dark: bool, choice: str, chosen: str, who: str | None, which: str, at: float, *drawn: str
    ) -> tuple[Any, ...]:
        run = context.selected(choice, chosen)
        assert run is not None
        who = chosen_or_first(who, names(run))
        return (*draw(run, dark, who, which, at, *drawn), table_of_all(run, who, which, at))

    context.on_show(show, inputs=controls, outputs=[*parts.all, name])
    given = [context.dark, context.run_choice, context.selection, *controls]
    answering([name.input, part.input], show, given, [*parts.all, name], view=_VIEW, **QUIET)
    answering([limit.change], move, given, parts.all, view=_VIEW, **QUIET)


def _wire_figures(context: Context, parts: _Parts, controls: list[Any], about: gr.HTML) -> None:
    """Wire the two switches: each draws its own figure anew, and nothing else."""
    *_, shape, which = controls

    def at(choice: str, chosen: str, who: str | None, part: str) -> tuple["Run", Slice]:
        run = context.selected(choice, chosen)
        assert run is not None
        return run, cut(run, chosen_or_first(who, names(run)), part)

    def spread(dark: bool, choice: str, chosen: str, who: str, part: str, limit: float, shape: str, _: str) -> Any:
        return spread_of(at(choice, chosen, who, part)[1], float(llr_of(limit)), shape, dark)

    def trade(dark: bool, choice: str, chosen: str, who: str, part: str, limit: float, _: str, which: str) -> Any:
        return curve_of(*at(choice, chosen, who, part), float(llr_of(limit)), which, dark), note(TERMS[which])

    given = [context.dark, context.run_choice, context.selection, *controls]
    shape.input(spread, given, parts.spread, **QUIET)
    which.input(trade, given, [parts.trade, about], **QUIET)


def _wire_thresholds(context: Context, controls: list[Any], at_eer: gr.Button, costs: CostControls) -> None:
    name, part, limit = controls
    where = [context.run_choice, context.selection, name, part]

    def priced(
        dark: bool, choice: str, chosen: str, who: str | None, part: str, limit: float, use: str, *given: float | None
    ) -> Markup:
        run = context.selected(choice, chosen)
        assert run is not None
        return cost_text(cut(run, chosen_or_first(who, names(run)), part), use, given, float(llr_of(limit)))

    def set_by(lowest: bool) -> Any:
        return lambda *given: by_cost(context, lowest, *given)

    priced_by = [*controls, costs.use, *costs.values]
    context.on_show(priced, inputs=priced_by, outputs=[costs.text])
    changed = [limit.change, name.input, part.input, *(value.change for value in costs.values)]
    gr.on(changed, priced, [context.dark, *where[:2], *priced_by], costs.text, **QUIET)
    at_eer.click(lambda *given: equal_error(context, *given), where, limit, **QUIET)
    costs.bayes.click(set_by(False), [*where, *costs.values], limit, **QUIET)
    costs.lowest.click(set_by(True), [*where, *costs.values], limit, **QUIET)


def by_cost(context: Context, lowest: bool, choice: str, chosen: str, who: str | None, part: str, *given: Any) -> Any:
    """Return the P(spoof) that costs least: by the prior and prices alone, or ``lowest`` on the clips shown."""
    run = context.selected(choice, chosen)
    assert run is not None
    try:
        costs = costs_of(given)
    except ValueError:
        return gr.skip()
    if not lowest:
        return _on_slider(float(p_spoof(costs.threshold)))
    here = cut(run, chosen_or_first(who, names(run)), part)
    _, llr = here.scores.minimum_cost(
        prior_spoof=costs.prior_spoof, cost_miss=costs.miss, cost_false_alarm=costs.false_alarm
    )  # fmt: skip
    return gr.skip() if np.isnan(llr) else _on_slider(float(p_spoof(llr)))


def called(event: gr.EventData, run: "Run", who: str | None, limit: float) -> Called | None:
    """Return the condition of a pressed count: the clips that the threshold calls so."""
    return Called(chosen_or_first(who, names(run)), float(llr_of(limit)), str(event.value)) if event.value else None


def picked_threshold(event: gr.EventData) -> float:
    """Return the P(spoof) that was clicked, within the slider's reach."""
    return _on_slider(float(event.ids[0]))


def picked(context: Context) -> Any:
    """Return the handler of the mistakes: another page of them, or the clip whose row was clicked."""

    def clicked(
        choice: str, chosen: str, who: str | None, which: str, at: float, event: gr.EventData
    ) -> tuple[Any, ...]:
        run, page = context.selected(choice, chosen), turned(event)
        assert run is not None
        if page is None:
            return gr.skip(), *show_clip(context, str(event.value), choice)
        here = cut(run, chosen_or_first(who, names(run)), which)
        rows = wrong_rows(wrongly_called(here, float(llr_of(at))), page=page, about=f"{answers_to(here, at)}.")
        return rows, *(gr.skip() for _ in range(4))

    return clicked


def _on_slider(p: float) -> float:
    return float(np.clip(round(p / _LEAST) * _LEAST, _LEAST, _MOST).round(3))


def equal_error(context: Context, choice: str, chosen: str, who: str | None, which: str) -> Any:
    """Return the P(spoof) at which both error rates are equal on the clips shown."""
    run = context.selected(choice, chosen)
    assert run is not None
    _, llr = cut(run, chosen_or_first(who, names(run)), which).equal_error
    return gr.skip() if np.isnan(llr) else _on_slider(float(p_spoof(llr)))
