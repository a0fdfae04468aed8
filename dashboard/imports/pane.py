"""The pane of *Disagreements* that takes anyone's predictions: laid out and wired; ``tab`` answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import gradio as gr

from core.predictions.vote_table import ORDERS, SHOWN
from dashboard.components.analyse_frames import MAX_UPLOAD_MB
from dashboard.components.brought import HOOK, brought
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_html
from dashboard.components.imported import export_links
from dashboard.components.markup import Markup, term
from dashboard.components.panes import heading, remark, tips
from dashboard.context import QUIET
from dashboard.exporting import DOWNLOAD
from dashboard.imports.tab import ANY, LABELS, ImportsTab
from dashboard.imports.visit import Imports, Visit
from dashboard.plots.panel import PAIRS, SETS

if TYPE_CHECKING:
    from dashboard.context import Context

__all__ = ["Parts", "imports_pane", "visit_state"]

_VIEW = "imports-view"
# Seconds after which a visitor who does nothing is forgotten with all that was brought.
_FORGET_S = 4 * 3600


@dataclass(frozen=True, eq=False)
class Parts:
    """The components of the pane."""

    visit: gr.State
    files: gr.HTML
    lead: gr.HTML
    results: gr.Column
    saved: gr.HTML
    links: gr.HTML
    show: gr.Radio
    order: gr.Dropdown
    label: gr.Radio
    attack: gr.Dropdown
    rows: gr.HTML
    pair: gr.Dropdown
    matrix: gr.Plot
    tree: gr.Plot
    sets: gr.Radio
    overlaps: gr.Plot
    attacks: gr.HTML
    anomaly: gr.Dropdown
    combine: gr.Button
    combined: gr.HTML
    sweep: gr.Plot
    voters: gr.CheckboxGroup
    confidence: gr.Slider
    propose: gr.Button
    proposal: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What a change of the imports draws anew."""
        return [
            self.files, self.lead, self.results, self.label, self.attack, self.rows, self.pair, self.matrix, self.tree,
            self.overlaps, self.attacks, self.anomaly, self.combined, self.sweep, self.voters, self.proposal,
        ]  # fmt: skip


def imports_pane(context: "Context", visit: gr.State, turn: gr.Textbox) -> None:
    """Lay out the pane and wire it.

    Parameters
    ----------
    context : Context
    visit : gr.State
        Holds the visitor's ``Visit``.
    turn : gr.Textbox
        Hidden; filled anew with every change of what is brought.
    """
    parts = _lay_out(visit)
    _wire(context, parts, ImportsTab(context, parts), turn)


def visit_state() -> gr.State:
    """Lay out what holds the visitor's ``Visit``."""
    return gr.State(Visit(), time_to_live=_FORGET_S)


def _lay_out(visit: gr.State) -> Parts:
    found: dict[str, Any] = {}
    with gr.Column(elem_classes="ss-view", elem_id=_VIEW):
        with gr.Column(elem_classes="ss-pane"):
            heading("Anyone's predictions of the same clips")
            files = gr.HTML(
                brought(Imports(), (), max_mb=MAX_UPLOAD_MB), js_on_load=HOOK, elem_id="imports-files", padding=False,
                apply_default_css=False,
            )  # fmt: skip
        lead = gr.HTML("", elem_id="imports-lead", padding=False)
        with gr.Column(elem_classes="ss-absent") as results:
            found |= _votes() | _pairs() | _overlaps() | _combining() | _proposing()
            found["saved"] = gr.HTML("", elem_id="imports-saved", padding=False, visible=True)
    return Parts(visit=visit, files=files, lead=lead, results=results, **found)


def _votes() -> dict[str, Any]:
    with gr.Row(elem_classes="ss-bar-of-controls"):
        show = gr.Radio(list(SHOWN), value=SHOWN[0], label="Clips", elem_id="imports-show", scale=4)
        order = gr.Dropdown(list(ORDERS), value=next(iter(ORDERS)), label="Sorted", elem_id="imports-order", scale=3)
        label = gr.Radio(list(LABELS), value=ANY, label="Label", elem_id="imports-label", scale=3)
        attack = gr.Dropdown([ANY], value=ANY, label="Attack", elem_id="imports-attack", scale=2)
    with gr.Column(elem_classes="ss-pane"):
        heading("Who votes how on which clip")
        rows = clickable_html("imports-rows")
        links = clickable_html("imports-exports", export_links())
    tips({"imports-show": "split votes", "imports-label": "label", "imports-attack": "attack"})
    return {"show": show, "order": order, "label": label, "attack": attack, "rows": rows, "links": links}


def _pairs() -> dict[str, Any]:
    with gr.Row(elem_classes="ss-panes"):
        with gr.Column(elem_classes="ss-pane", scale=7, min_width=440):
            heading("Which two are alike")
            pair = gr.Dropdown(list(PAIRS), value="correlation of errors", label="Compared by", elem_id="imports-pair")
            matrix = gr.Plot(show_label=False, container=False, elem_id="imports-matrix")
            remark(Markup(
                "Detectors that err on the same clips count for little more than one. {} is agreement beyond chance; "
                "the Q statistic is 0 where errors are independent and 1 where one errs only where the other does."
            ).format(term("kappa", "Kappa")))  # fmt: skip
        with gr.Column(elem_classes="ss-pane", scale=5, min_width=310):
            heading("Who resembles whom")
            tree = gr.Plot(show_label=False, container=False, elem_id="imports-tree")
            remark("Detectors that meet near 0 rank the clips alike.")
    return {"pair": pair, "matrix": matrix, "tree": tree}


def _overlaps() -> dict[str, Any]:
    with gr.Row(elem_classes="ss-panes"):
        with gr.Column(elem_classes="ss-pane", scale=5, min_width=400):
            heading("Which sets of clips overlap")
            sets = gr.Radio(list(SETS), value=next(iter(SETS)), label="Clips", elem_id="imports-sets")
            overlaps = gr.Plot(show_label=False, container=False, elem_id="imports-overlaps")
            remark("Each bar: the clips of exactly the detectors that are marked below it; heights by powers of ten.")
        with gr.Column(elem_classes="ss-pane", scale=7, min_width=310):
            heading("On which attacks they part, and who errs there")
            attacks = gr.HTML("", elem_id="imports-attacks", padding=False)
    return {"sets": sets, "overlaps": overlaps, "attacks": attacks}


def _combining() -> dict[str, Any]:
    with gr.Column(elem_classes="ss-pane"):
        heading("Is all of them together better than the best one?")
        anomaly = gr.Dropdown(
            [], value=[], multiselect=True, label="For a hybrid: those trained on bona fide speech alone",
            elem_id="imports-anomaly",
        )  # fmt: skip
        combine = gr.Button("Combine", size="sm", elem_id="imports-combine")
        combined = gr.HTML("", elem_id="imports-combined", padding=False)
        sweep = gr.Plot(show_label=False, container=False, visible=False, elem_id="imports-sweep")
    return {"anomaly": anomaly, "combine": combine, "combined": combined, "sweep": sweep}


def _proposing() -> dict[str, Any]:
    with gr.Column(elem_classes="ss-pane"):
        heading("Pseudo-labels: what the voters agree on, as a corpus to train on")
        with gr.Row(elem_classes="ss-inner-controls"):
            voters = gr.CheckboxGroup([], label="Voters", elem_id="imports-voters", scale=3)
            confidence = gr.Slider(
                0.55, 1.0, value=1.0, step=0.05, label="Least share of their weight", elem_id="imports-confidence",
                scale=2,
            )  # fmt: skip
        propose = gr.Button("Propose", size="sm", elem_id="imports-propose")
        proposal = clickable_html("imports-proposal")
        remark("Refused where the voters are not independent: such labels would only repeat what they have in common.")
    return {"voters": voters, "confidence": confidence, "propose": propose, "proposal": proposal}


def _wire(context: "Context", parts: Parts, tab: ImportsTab, turn: gr.Textbox) -> None:
    visit, dark, choice = parts.visit, context.dark, context.run_choice
    figures = [parts.pair, parts.sets]
    filters: list[Any] = [parts.show, parts.order, parts.label, parts.attack]
    chosen = [*figures, *filters, parts.anomaly, parts.voters]
    context.on_show(tab.draw, inputs=[visit, *chosen], outputs=parts.drawn)
    pressed = [visit, dark, choice, *figures, *filters]
    changed = answering([parts.files.select], tab.pressed, pressed, [visit, *parts.drawn], view=_VIEW,
                        **{**QUIET, "trigger_mode": "multiple"})  # fmt: skip
    changed.then(lambda: f"imports {uuid4().hex}", None, turn, **QUIET)
    gr.on([part.input for part in filters], tab.listed, [visit, *filters], parts.rows, **QUIET)
    parts.rows.select(tab.turn, [visit, *filters], parts.rows, **QUIET)
    parts.pair.input(tab.pairs, [visit, dark, parts.pair], parts.matrix, **QUIET)
    parts.sets.input(tab.overlaps, [visit, dark, parts.sets], parts.overlaps, **QUIET)
    parts.combine.click(tab.combine, [visit, dark, parts.anomaly], [parts.combined, parts.sweep], **QUIET)
    parts.propose.click(tab.propose, [visit, parts.voters, parts.confidence], parts.proposal, **QUIET)
    _saving(parts.proposal.select, tab.write_proposal, visit, parts.proposal)
    _saving(parts.links.select, tab.export, visit, parts.saved)


def _saving(event: Any, fn: Any, visit: gr.State, box: gr.HTML) -> None:
    event(fn, visit, box, **QUIET).then(None, None, None, js=DOWNLOAD % box.elem_id, api_visibility="private")
