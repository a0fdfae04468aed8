"""Scores: where each class lies, what a threshold makes of it, and which attacks are missed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.detectors.checkpoint import shipped
from core.results.conditions.called import Called
from core.results.groups import attacks, listed
from core.results.queries import PANEL, Slice, cut, decision_of, members, names, unscored
from core.results.rates import detector_rates, overview, slice_rates
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_html, clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.closer_look import closer_look
from dashboard.components.cost_controls import cost_controls
from dashboard.components.markup import Markup, card, empty, loading, note
from dashboard.components.menus import menu
from dashboard.components.pager import saved_as, turned
from dashboard.components.panes import figure_terms, heading, remark
from dashboard.components.reference import chosen_or_first, waiting
from dashboard.components.score_tables import (
    answers_frame,
    answers_to,
    attack_frames,
    counts_and_rates,
    detectors_frame,
    lead_text,
    slices_frame,
)
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import QUIET, Context
from dashboard.exporting import DOWNLOAD, all_rows
from dashboard.plots import scores as plots
from dashboard.plots.curves import CURVES, TERMS, curve
from dashboard.plots.frame import llr_of
from dashboard.thresholds import lay_out_controls, picked_threshold, wire_thresholds

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Scores"
ORDER = 10
NEEDS = frozenset({"run"})

_VIEW, _CURVE_PX = "scores-view", 380
_AT_WORK = card("Error rates with intervals", loading("Resampling speakers and sources …"))


def draw(
    run: "Run", dark: bool, name: str, part: str, limit: float, shape: str = plots.SHAPES[0],
    which: str = CURVES[0], *, at_once: bool = False, moved: bool = False,
) -> tuple[Any, ...]:  # fmt: skip
    """Return what answers to a detector, a slice and a threshold, as in ``_Parts``.

    ``at_once`` leaves out what has an interval for each row: all slices, all attacks. ``moved`` leaves as it is what
    does not change with the threshold.
    """
    here, llr = cut(run, name, part), float(llr_of(limit))
    shown = [PANEL, *members(run)]
    shown += [] if name in shown else [name]
    with ThreadPoolExecutor(1) as beside:
        # Of many clips, what is counted and resampled takes as long as what is drawn: neither waits for the other.
        counted = beside.submit(counts_and_rates, here, llr)
        by_attack = None if at_once else beside.submit(attacks_of, here, llr)
        lead, spread = lead_text(run, here, limit=limit, llr=llr), spread_of(here, llr, shape, dark)
        trade = curve_of(run, here, llr, which, dark)
        everyone = gr.skip() if moved else plots.overview(
            overview(run, part, shown), chosen=name, dark=dark, unlabelled=_unlabelled(run, here, shown)
        )  # fmt: skip
        mistakes = wrong_rows(listed(here, llr), about=f"{answers_to(here, limit)}.")
        slices = _AT_WORK if at_once and here.labelled else slices_of(run, here, llr)
        attacked = _AT_WORK if by_attack is None else by_attack.result()
        return (lead, spread, *counted.result(), trade, slices, attacked, mistakes, everyone)


def attacks_of(here: Slice, llr: float) -> Markup:
    """Return how often each attack and each kind of real speech of a slice is called wrongly."""
    return attack_frames(attacks(here.run, here.name, here.part, llr), here, llr)


def slices_of(run: "Run", here: Slice, llr: float) -> Markup:
    """Return a detector's error rates on every slice; nothing where no clip has a label."""
    return slices_frame(slice_rates(run, here.name, llr), name=here.name) if here.labelled else Markup("")


def _unlabelled(run: "Run", here: Slice, shown: list[str]) -> dict[str, Any] | None:
    return None if here.labelled else {name: cut(run, name, here.part).unlabelled for name in shown}


def spread_of(here: Slice, llr: float, shape: str, dark: bool) -> Any:
    """Return how the scores of a slice are spread, in one of ``SHAPES``."""
    return plots.distribution(here.scores, threshold=llr, dark=dark, shape=shape, unlabelled=here.unlabelled)


def curve_of(run: "Run", here: Slice, llr: float, which: str, dark: bool) -> Any:
    """Return one of ``CURVES`` of a slice."""
    rule, height = decision_of(run, here.name), max(_CURVE_PX, plots.overview_height(1 + len(members(run))))
    return curve(here, which, llr=llr, band=(rule.spoof_below, rule.bonafide_above), dark=dark, height=height)


def table_of_all(run: "Run", name: str, part: str, limit: float) -> Markup:
    """Return the table of all detectors on one slice: each with an interval, so that it takes longer than the rest."""
    llr, missing = float(llr_of(limit)), unscored(run, shipped())
    if not cut(run, name, part).labelled:
        return answers_frame(run, chosen=name, part=part, llr=llr, missing=missing)
    return detectors_frame(detector_rates(run, part, llr), chosen=name, part=part, missing=missing)


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
        controls, at_eer = lay_out_controls()
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
                mistakes = clickable_html("scores-mistakes", empty("Clips called wrongly appear here."))
            with gr.Column(scale=4, elem_classes="ss-pane", min_width=310):
                heading("The clip")
                dock = clip_dock(context, "scores", invitation="Choose a clip of the table to play it.")
    parts = _Parts(lead, spread, counts, rates, trade, slices, attack_tables, mistakes, everyone, table)
    _wire(context, parts, [*controls, shape, which])
    _wire_figures(context, parts, [*controls, shape, which], about)
    wire_thresholds(context, controls, at_eer, costs)
    container.select(picked_threshold, None, controls[2], **QUIET)
    chosen = [context.run_choice, context.selection]
    mistakes.select(
        picked(context, mistakes), [*chosen, *controls], [mistakes, *dock.outputs], **QUIET
    ).then(None, None, None, js=DOWNLOAD % "scores-mistakes", api_visibility="private")  # fmt: skip
    context.select(counts.select, called, [controls[0], controls[2]])


def _wire(context: Context, parts: _Parts, controls: list[Any]) -> None:
    name, part, limit, *_ = controls
    def show(
        dark: bool, choice: str, chosen: str, who: str | None, which: str, at: float, *drawn: str
    ) -> Iterator[tuple[Any, ...]]:
        run = context.selected(choice, chosen)
        assert run is not None
        asked, who = who, chosen_or_first(who, names(run))
        picker = menu(names(run), who, asked)
        yield (*draw(run, dark, who, which, at, *drawn, at_once=True), _AT_WORK, picker)
        later: list[Any] = [gr.skip() for _ in parts.all]
        here, llr = cut(run, who, which), float(llr_of(at))
        later[parts.all.index(parts.slices)] = slices_of(run, here, llr)
        later[parts.all.index(parts.attacks)] = attacks_of(here, llr)
        later[-1] = table_of_all(run, who, which, at)
        yield (*later, gr.skip())

    def move(
        dark: bool, choice: str, chosen: str, who: str | None, which: str, at: float, *drawn: str
    ) -> tuple[Any, ...]:
        run = context.selected(choice, chosen)
        assert run is not None
        who = chosen_or_first(who, names(run))
        return (*draw(run, dark, who, which, at, *drawn, moved=True), table_of_all(run, who, which, at))

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


def called(event: gr.EventData, run: "Run", who: str | None, limit: float) -> Called | None:
    """Return the condition of a pressed count: the clips that the threshold calls so."""
    return Called(chosen_or_first(who, names(run)), float(llr_of(limit)), str(event.value)) if event.value else None


def picked(context: Context, owner: gr.HTML) -> Any:
    """Return the handler of the mistakes: another page of them, all as a file, or the clip whose row was clicked."""

    def clicked(
        choice: str, chosen: str, who: str | None, which: str, at: float, event: gr.EventData
    ) -> tuple[Any, ...]:
        run, page = context.selected(choice, chosen), turned(event)
        assert run is not None
        if page is None:
            return gr.skip(), *show_clip(context, str(event.value), choice)
        here = cut(run, chosen_or_first(who, names(run)), which)
        found = listed(here, float(llr_of(at)))
        rows = wrong_rows(found, page=page, about=f"{answers_to(here, at)}.")
        if (ending := saved_as(event)) is not None:
            rows += all_rows(owner, found.rows(), f"{run.whole.key}-{len(found)}-clips", ending)
        return rows, *(gr.skip() for _ in range(4))

    return clicked
