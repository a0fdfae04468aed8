"""Models & data: the detectors' cards and learning curves, the corpus' audit, where the reference run comes from."""

from typing import Any

import gradio as gr
import pandas as pd

from core.detectors import checkpoint
from core.detectors.card import Card
from core.errors import CheckpointError, CorpusError
from core.panel import Fusion
from dashboard.components.audit import audit_panel, provenance
from dashboard.components.markup import Markup, card, empty, joined, note, problem
from dashboard.components.model_card import model_card, models_table
from dashboard.components.panes import heading, remark
from dashboard.components.reference import waiting
from dashboard.context import QUIET, Context
from dashboard.plots.models import learning_curves

TITLE = "Models & data"
ORDER = 50

_TRAIN = "python -m trainers fit RECIPE --manifest CORPUS/manifest.csv --root CORPUS"
_CURVES = (
    "EER on the development split at each validation; the step with the lowest mean of the two parts was kept. "
    "Training loss on the right axis; it has no unit that two detectors share."
)


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view"):
        overview = gr.HTML(waiting("Reading the cards."), elem_id="models-overview", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            chosen = gr.Dropdown([], label="Card of", elem_id="models-chosen", scale=0, min_width=260)
        body = gr.HTML(padding=False, elem_id="models-card")
        with gr.Column(elem_classes="ss-pane"):
            heading("Learning curve")
            curves = gr.Plot(show_label=False, container=False, elem_id="models-curves")
            remark(_CURVES)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(min_width=400):
                origin = gr.HTML(waiting("Reading the reference run."), elem_id="models-run", padding=False)
            with gr.Column(elem_classes="ss-pane", min_width=400):
                findings = gr.HTML(padding=False, elem_id="models-audit")
                run_audit = gr.Button("Audit the corpus now", size="sm", elem_id="models-audit-now")

    def show(dark: bool, name: str | None) -> tuple[Any, ...]:
        cards, problems = read_cards()
        members, wrong = read_members()
        names = [c.name for c in cards]
        name = name if name in names else (names[0] if names else None)
        present = context.resources.corpus_root is not None
        return (
            _overview(cards, members, [*problems, *wrong]), gr.Dropdown(choices=names, value=name),
            *_one(cards, name, dark), provenance(context.run, context.run_problem), gr.Button(interactive=present),
        )  # fmt: skip

    def pick(dark: bool, name: str | None) -> tuple[Any, ...]:
        return _one(read_cards()[0], name, dark)

    context.on_show(show, inputs=[chosen], outputs=[overview, chosen, body, curves, origin, run_audit])
    context.on_show(lambda dark: _audit_at_rest(context), outputs=[findings])
    chosen.input(pick, [context.dark, chosen], [body, curves], **QUIET)
    run_audit.click(lambda: card_waiting(), None, findings, **QUIET).then(
        lambda: audit_now(context), None, findings, **QUIET
    )


def read_cards() -> tuple[list[Card], list[str]]:
    """Return the cards of all shipped checkpoints, and a sentence for each that cannot be read."""
    cards, problems = [], []
    for name in checkpoint.shipped():
        try:
            cards.append(checkpoint.read_card(checkpoint.find_checkpoint(name)))
        except CheckpointError as error:
            problems.append(str(error))
    return cards, problems


def read_members() -> tuple[list[str], list[str]]:
    """Return who has a say in the panel's verdict, and a sentence where that cannot be read."""
    try:
        fusion = Fusion.read(checkpoint.SHIPPED / "panel.json")
    except CheckpointError as error:
        return [], [str(error)]
    return ([] if fusion is None else fusion.members), []


def read_curves(name: str) -> pd.DataFrame:
    """Return the learning curve kept with a checkpoint; empty where none was kept."""
    path = checkpoint.find_checkpoint(name) / "curves.csv"
    return pd.read_csv(path) if path.is_file() else pd.DataFrame()


def _overview(cards: list[Card], members: list[str], problems: list[str]) -> str:
    body = joined(problem(text, todo="Restore the folder, or train the detector again.") for text in problems)
    if cards:
        body += models_table(cards, members=members) + note(
            "EER: equal error rate on the corpus' eval split, which nothing was tuned on; 95 % interval in brackets. "
            "Seen and unseen: whether the spoofing system was heard in training. ✓: has a say in the panel’s verdict."
        )
    elif not problems:
        body = problem("No detector ships with this checkout.", todo=f"Train one: {_TRAIN}")
    return card("The detectors", body)


def _one(cards: list[Card], name: str | None, dark: bool) -> tuple[Any, Any]:
    found = next((c for c in cards if c.name == name), None)
    if found is None:
        return waiting("A detector's card appears here."), learning_curves(pd.DataFrame(), dark=dark)
    return model_card(found), learning_curves(read_curves(found.name), dark=dark)


def card_waiting() -> str:
    """Return what stands in the audit's place while it runs."""
    return Markup('<div class="ss-hd"><h2>Leakage between the splits</h2></div>') + empty(
        "Reading and hashing every clip …"
    )


def _audit_at_rest(context: Context) -> str:
    run = context.run
    stored = None if run is None else run.manifest["corpus"].get("audit")
    return audit_panel(stored, present=context.resources.corpus_root is not None)


def audit_now(context: Context) -> str:
    """Audit the corpus on this machine and return what was found, as HTML."""
    from core.corpus.audit import audit
    from core.corpus.table import read_corpus

    root = context.resources.corpus_root
    if root is None:
        return audit_panel(None, present=False)
    try:
        corpus = read_corpus(root / "manifest.csv", root)
        summary = audit(corpus).summary(corpus)
    except CorpusError as error:
        return problem(str(error))
    return audit_panel(summary, present=True)
