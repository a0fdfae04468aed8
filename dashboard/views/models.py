"""Models & data: report cards, the detectors' cards and learning curves, the corpus' audit, the reference run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from core.detectors.card import Card
from core.errors import CheckpointError
from core.results.cards import read_cards, read_curves, read_members
from core.results.queries import PANEL, detectors, names
from core.results.rates import slice_rates
from dashboard.auditing import Audits, corpus_at
from dashboard.components.audit import provenance
from dashboard.components.benign import benign_card
from dashboard.components.corpus_audit import competence_card, shortcuts_card
from dashboard.components.markup import Markup, card, joined, note, problem, term
from dashboard.components.menus import menu
from dashboard.components.model_card import model_card, models_table
from dashboard.components.panes import heading, remark, tips
from dashboard.components.reference import chosen_or_first, waiting
from dashboard.components.report_card import report_card
from dashboard.components.run_bar import lay_out_bar
from dashboard.context import QUIET, Context
from dashboard.needs import lacking
from dashboard.plots.models import learning_curves
from dashboard.scoring import lay_out_scoring

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Models & data"
ORDER = 50

_TRAIN = "python -m trainers fit RECIPE --manifest CORPUS/manifest.csv --root CORPUS"
_CURVES = Markup(
    "{} on the development split at each validation; the step with the lowest mean of the two parts was kept. {} on "
    "the right axis."
).format(term("EER"), term("training loss", "Training loss"))


@dataclass(frozen=True)
class _Parts:
    """The tab's components."""

    checks: gr.HTML
    reported: gr.Dropdown
    report_of: gr.HTML
    shortcuts: gr.HTML
    competent: gr.HTML
    origin: gr.HTML
    findings: gr.HTML
    run_audit: gr.Button
    end_audit: gr.Button
    overview: gr.HTML
    chosen: gr.Dropdown
    body: gr.HTML
    curves: gr.Plot
    benign: gr.HTML


def build(context: Context) -> None:
    """Lay out the tab."""
    lay_out_bar(context)
    parts = _lay_out(context)
    tips({"models-audit-now": "leakage"})
    _wire(context, parts, Audits(context))


def _lay_out(context: Context) -> _Parts:
    with gr.Column(elem_classes="ss-view"):
        lay_out_scoring(context)
        checks = gr.HTML(waiting("Checking the run."), elem_id="models-checks", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            reported = gr.Dropdown([], label="Report card of", elem_id="models-reported", scale=0, min_width=260)
        report_of = gr.HTML(waiting("Counting errors."), elem_id="models-report", padding=False)
        folded = _lay_out_corpus() | _lay_out_run() | _lay_out_detectors()
        with gr.Accordion("What benign processings do to the errors", open=False, elem_id="models-processings"):
            benign = gr.HTML(waiting("Reading what processings do."), elem_id="models-benign", padding=False)
    return _Parts(checks=checks, reported=reported, report_of=report_of, benign=benign, **folded)


def _lay_out_corpus() -> dict[str, Any]:
    with (
        gr.Accordion("Shortcuts, and who is competent here", open=False, elem_id="models-corpus"),
        gr.Row(elem_classes="ss-panes"),
    ):
        with gr.Column(min_width=400):
            shortcuts = gr.HTML(waiting("Looking for shortcuts."), elem_id="models-shortcuts", padding=False)
        with gr.Column(min_width=400):
            competent = gr.HTML(waiting("Counting who is at chance."), elem_id="models-competence", padding=False)
    return {"shortcuts": shortcuts, "competent": competent}


def _lay_out_run() -> dict[str, Any]:
    with (
        gr.Accordion("The run and its corpus: origin, leakage, training", open=False, elem_id="models-run-data"),
        gr.Row(elem_classes="ss-panes"),
    ):
        with gr.Column(min_width=400):
            origin = gr.HTML(waiting("Reading the run."), elem_id="models-origin", padding=False)
        with gr.Column(elem_classes="ss-pane", min_width=400):
            findings = gr.HTML(padding=False, elem_id="models-audit")
            run_audit = gr.Button("Audit the corpus now", size="sm", elem_id="models-audit-now")
            end_audit = gr.Button("Cancel", size="sm", elem_id="models-audit-cancel", visible=False)
    return {"origin": origin, "findings": findings, "run_audit": run_audit, "end_audit": end_audit}


def _lay_out_detectors() -> dict[str, Any]:
    with gr.Accordion("All detectors: figures, cards, learning curves", open=False, elem_id="models-all"):
        overview = gr.HTML(waiting("Reading the cards."), elem_id="models-overview", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            chosen = gr.Dropdown([], label="Card of", elem_id="models-chosen", scale=0, min_width=260)
        body = gr.HTML(padding=False, elem_id="models-card")
        with gr.Column(elem_classes="ss-pane"):
            heading(term("learning curve", "Learning curve"))
            curves = gr.Plot(show_label=False, container=False, elem_id="models-curves")
            remark(_CURVES)
    return {"overview": overview, "chosen": chosen, "body": body, "curves": curves}


def _wire(context: Context, parts: _Parts, audits: Audits) -> None:
    # Gradio has the listeners of one event wait for each other: the answer first.
    context.on_show(lambda dark, choice, selection: audits.checks(choice, selection), outputs=[parts.checks])
    context.on_show(
        lambda dark, choice, selection, name: reported_of(context, name, choice, selection), inputs=[parts.reported],
        outputs=[parts.reported, parts.report_of],
    )  # fmt: skip
    context.on_show(
        lambda dark, choice, selection: corpus_of(context, choice, selection),
        outputs=[parts.shortcuts, parts.competent],
    )  # fmt: skip
    context.on_show(lambda dark, choice, selection: audits.at_rest(choice), outputs=[parts.findings])
    context.on_show(
        lambda dark, choice, selection, name: _all_of(context, dark, choice, name), inputs=[parts.chosen],
        outputs=[parts.overview, parts.chosen, parts.body, parts.curves, parts.origin, parts.run_audit],
    )  # fmt: skip
    context.on_show(lambda dark, choice, selection: benign_card(), outputs=[parts.benign])
    here = [context.run_choice, context.selection]
    parts.reported.input(
        lambda choice, selection, name: reported_of(context, name, choice, selection)[1], [*here, parts.reported],
        [parts.report_of], **QUIET,
    )  # fmt: skip
    parts.chosen.input(
        lambda dark, name: one_card(read_cards()[0], name, dark), [context.dark, parts.chosen],
        [parts.body, parts.curves], **QUIET,
    )  # fmt: skip
    parts.run_audit.click(audits.run, here, [parts.findings, parts.checks, parts.end_audit], **QUIET)
    parts.end_audit.click(audits.cancel, None, None, **QUIET)


def _all_of(context: Context, dark: bool, choice: str, name: str | None) -> tuple[Any, ...]:
    """Return all detectors, the card and the curves of one, the run's origin, and whether its corpus can be audited."""
    run = context.run(choice)
    cards, problems = read_cards()
    members, wrong = read_members()
    cards = _in_order(cards, run)
    known = [c.name for c in cards]
    asked, name = name, name if name in known else (known[0] if known else None)
    return (
        _overview(cards, members, [*problems, *wrong], run), menu(known, name, asked),
        *one_card(cards, name, dark), provenance(run, context.run_problem(choice)),
        gr.Button(interactive=corpus_at(context, choice) is not None),
    )  # fmt: skip


def reported_of(context: Context, name: str | None, choice: str = "", selection: str = "") -> tuple[Any, Markup]:
    """Return the choice of report cards and the card chosen, the panel's at first; words where there is no run."""
    if (reason := lacking(context, choice, selection)) is not None:
        return gr.Dropdown(choices=[], value=None), reason
    run = context.selected(choice, selection)
    assert run is not None
    asked, name = name, chosen_or_first(name, known := names(run))
    return menu(known, name, asked), report_card(run, name, context.panel)


def corpus_of(context: Context, choice: str = "", selection: str = "") -> tuple[Markup, Markup]:
    """Return what separates the classes of the selected clips by itself, and who is at chance on the chosen run."""
    if (reason := lacking(context, choice, selection)) is not None:
        return reason, Markup("")
    run = context.selected(choice, selection)
    assert run is not None
    return shortcuts_card(run), competence_card(run, read_cards()[0])


def _in_order(cards: list[Card], run: "Run | None") -> list[Card]:
    """Return the cards as the run orders its detectors, those that it does not hold last."""
    order = {} if run is None else {name: place for place, name in enumerate(detectors(run))}
    return sorted(cards, key=lambda one: (order.get(one.name, len(order)), one.name))


def measured(run: "Run | None", cards: list[Card]) -> dict[str, Mapping[str, Any]]:
    """Return figures per slice of the panel, and of detectors that the run holds but whose cards state none."""
    if run is None:
        return {}
    wanted = [PANEL, *(one.name for one in cards if one.name in run.detectors and "eval" not in one.metrics)]
    tables = {name: slice_rates(run, name, 0.0).set_index("slice") for name in wanted}
    return {name: {str(part): row.to_dict() for part, row in table.iterrows()} for name, table in tables.items()}


def _overview(cards: list[Card], members: list[str], problems: list[str], run: "Run | None") -> Markup:
    body = joined(problem(text, todo="Restore the folder, or train the detector again.") for text in problems)
    if cards:
        about = Markup(
            "{}: equal error rate on the corpus' {} split; 95 % interval in brackets. ✓: in the panel. Not scored yet: "
            "neither its card nor the reference run has figures; python -m core evaluate makes them."
        ).format(term("EER"), term("eval"))
        body += models_table(cards, members=members, measured=measured(run, cards)) + note(about)
    elif not problems:
        body = problem("No detector ships with this checkout.", todo=f"Train one: {_TRAIN}")
    return card("The detectors", body)


def one_card(cards: list[Card], name: str | None, dark: bool) -> tuple[Any, Any]:
    """Return a detector's card and its learning curve; words where one of them cannot be shown."""
    found = next((one for one in cards if one.name == name), None)
    if found is None:
        return waiting("A detector's card appears here."), learning_curves(pd.DataFrame(), dark=dark)
    try:
        curves, wrong = read_curves(found.name), Markup("")
    except CheckpointError as error:
        curves, wrong = pd.DataFrame(), problem(str(error))
    return model_card(found) + wrong, learning_curves(curves, dark=dark)
