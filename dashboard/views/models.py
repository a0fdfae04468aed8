"""Models & data: report cards, the detectors' cards and learning curves, the corpus' audit, the reference run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from core.detectors.card import Card
from core.errors import CheckpointError, CorpusError
from core.results.cards import read_cards, read_curves, read_members
from core.results.queries import PANEL, detectors, names
from core.results.rates import slice_rates
from core.watch import Progress, StoppedError, Watch, report, watched
from dashboard.components.audit import audit_panel, provenance
from dashboard.components.benign import benign_card
from dashboard.components.corpus_audit import competence_card, shortcuts_card
from dashboard.components.markup import Markup, card, joined, loading, note, problem, term
from dashboard.components.menus import menu
from dashboard.components.model_card import model_card, models_table
from dashboard.components.panes import heading, remark, tips
from dashboard.components.progress import progress_words
from dashboard.components.reference import chosen_or_first, waiting
from dashboard.components.report_card import report_card
from dashboard.components.run_bar import lay_out_bar
from dashboard.components.run_checks import run_checks
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


def build(context: Context) -> None:
    """Lay out the tab."""
    lay_out_bar(context)
    with gr.Column(elem_classes="ss-view"):
        lay_out_scoring(context)
        checks = gr.HTML(waiting("Checking the run."), elem_id="models-checks", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            reported = gr.Dropdown([], label="Report card of", elem_id="models-reported", scale=0, min_width=260)
        report_of = gr.HTML(waiting("Counting errors."), elem_id="models-report", padding=False)
        with (
            gr.Accordion("Shortcuts, and who is competent here", open=False, elem_id="models-corpus"),
            gr.Row(elem_classes="ss-panes"),
        ):
            with gr.Column(min_width=400):
                shortcuts = gr.HTML(waiting("Looking for shortcuts."), elem_id="models-shortcuts", padding=False)
            with gr.Column(min_width=400):
                competent = gr.HTML(waiting("Counting who is at chance."), elem_id="models-competence", padding=False)
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
        with gr.Accordion("All detectors: figures, cards, learning curves", open=False, elem_id="models-all"):
            overview = gr.HTML(waiting("Reading the cards."), elem_id="models-overview", padding=False)
            with gr.Row(elem_classes="ss-bar-of-controls"):
                chosen = gr.Dropdown([], label="Card of", elem_id="models-chosen", scale=0, min_width=260)
            body = gr.HTML(padding=False, elem_id="models-card")
            with gr.Column(elem_classes="ss-pane"):
                heading(term("learning curve", "Learning curve"))
                curves = gr.Plot(show_label=False, container=False, elem_id="models-curves")
                remark(_CURVES)
        with gr.Accordion("What benign processings do to the errors", open=False, elem_id="models-processings"):
            benign = gr.HTML(waiting("Reading what processings do."), elem_id="models-benign", padding=False)

    tips({"models-audit-now": "leakage"})

    def show(dark: bool, choice: str, selection: str, name: str | None) -> tuple[Any, ...]:
        run = context.run(choice)
        cards, problems = read_cards()
        members, wrong = read_members()
        cards = _in_order(cards, run)
        known = [c.name for c in cards]
        asked, name = name, name if name in known else (known[0] if known else None)
        present = corpus_at(context, choice) is not None
        return (
            _overview(cards, members, [*problems, *wrong], run), menu(known, name, asked),
            *one_card(cards, name, dark), provenance(run, context.run_problem(choice)), gr.Button(interactive=present),
        )  # fmt: skip

    def pick(dark: bool, name: str | None) -> tuple[Any, ...]:
        return one_card(read_cards()[0], name, dark)

    here, audits = [context.run_choice, context.selection], Audits(context)
    # Gradio has the listeners of one event wait for each other: the answer first.
    context.on_show(lambda dark, choice, selection: audits.checks(choice, selection), outputs=[checks])
    context.on_show(
        lambda dark, choice, selection, name: reported_of(context, name, choice, selection), inputs=[reported],
        outputs=[reported, report_of],
    )  # fmt: skip
    context.on_show(
        lambda dark, choice, selection: corpus_of(context, choice, selection), outputs=[shortcuts, competent]
    )
    context.on_show(lambda dark, choice, selection: audits.at_rest(choice), outputs=[findings])
    context.on_show(show, inputs=[chosen], outputs=[overview, chosen, body, curves, origin, run_audit])
    context.on_show(lambda dark, choice, selection: benign_card(), outputs=[benign])
    reported.input(
        lambda choice, selection, name: reported_of(context, name, choice, selection)[1], [*here, reported],
        [report_of], **QUIET,
    )  # fmt: skip
    chosen.input(pick, [context.dark, chosen], [body, curves], **QUIET)
    run_audit.click(audits.run, here, [findings, checks, end_audit], **QUIET)
    end_audit.click(audits.cancel, None, None, **QUIET)


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


def _head() -> Markup:
    return Markup('<div class="ss-hd"><h2>{} between the splits</h2></div>').format(term("leakage", "Leakage"))


def corpus_at(context: Context, choice: str = "") -> Path | None:
    """Return the folder of the chosen run's corpus; None where it is not on this machine."""
    run, resources = context.run(choice), context.resources
    return resources.corpus_root if run is None else resources.library.root_of(run)


class Audits:
    """The audits of corpora on this machine: those that visitors wait for, one each, and what each corpus' last found.

    A run keeps the audit that it was evaluated with; one that is made here is kept beside it as long as the page runs.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watches: dict[str | None, Watch] = {}
        self._found: dict[Path, Mapping[str, Any]] = {}

    def checks(self, choice: str = "", selection: str = "") -> Markup:
        """Return the checks of the chosen run; nothing where there is no run, which the report card states."""
        context = self._context
        run = context.selected(choice, selection) if lacking(context, choice, selection) is None else None
        return Markup("") if run is None else run_checks(run, self._known(choice))

    def at_rest(self, choice: str = "") -> Markup:
        """Return what is known of the corpus of the chosen run."""
        present = corpus_at(self._context, choice) is not None
        return _head() + audit_panel(self._known(choice), present=present)

    def _known(self, choice: str) -> Mapping[str, Any] | None:
        run, root = self._context.run(choice), corpus_at(self._context, choice)
        if root in self._found:
            return self._found[root]
        return None if run is None else run.manifest["corpus"].get("audit")

    def run(self, choice: str, selection: str, request: gr.Request) -> Iterator[tuple[Any, Any, Any]]:
        """Audit, and offer to cancel as long as it takes; then the checks of the run are made anew."""
        watch = self._watches[request.session_hash] = Watch()
        try:
            for frame in self.audit(watch, choice):
                yield frame, gr.skip(), gr.Button(visible=True)
        finally:
            self._watches.pop(request.session_hash, None)
        yield gr.skip(), self.checks(choice, selection), gr.Button(visible=False)

    def cancel(self, request: gr.Request) -> None:
        """End the visitor's audit."""
        if (watch := self._watches.get(request.session_hash)) is not None:
            watch.stop()

    def audit(self, watch: Watch, choice: str = "") -> Iterator[Markup]:
        """Audit the corpus on this machine; yield how far it is, then what was found, or what stood there before."""
        from core.corpus.audit import audit
        from core.corpus.opened import open_corpus
        from core.overlap import shipped_prints

        root = corpus_at(self._context, choice)
        if root is None:
            yield self.at_rest(choice)
            return
        yield _head() + loading("Reading the manifest …")
        try:
            corpus, prints = open_corpus(root), shipped_prints()
            known = None if prints is None else prints.known
            for step in watched(lambda: audit(corpus, known=known, progress=report), watch, every_s=1.0):
                if isinstance(step, Progress):
                    yield _head() + loading(progress_words(step, "clips compared"))
                else:
                    self._found[root] = step.summary(corpus)
                    yield self.at_rest(choice)
        except StoppedError:
            yield self.at_rest(choice)
        except (CorpusError, CheckpointError) as error:
            yield _head() + problem(str(error))
