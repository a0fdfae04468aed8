"""Disagreements: how detectors vote on which clip, how often they agree, and what their agreement is worth."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from core.results.ballots import EVERY, SPLIT, WRONG, Ballot, count, filtered, systems
from core.results.competent import admitted, at_chance, gate_sentence
from core.results.one_clip import scores_of_clip
from core.results.queries import detectors, members
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_html
from dashboard.components.clip_dock import ClipDock, clip_dock, show_clip
from dashboard.components.markup import Markup, empty, note, term
from dashboard.components.menus import menu
from dashboard.components.pager import page_of, saved_as, turned
from dashboard.components.panes import figure_terms, heading, remark, tips
from dashboard.components.reference import kept, waiting
from dashboard.components.vote_table import vote_rows
from dashboard.components.votes import tally_text
from dashboard.context import QUIET, Context
from dashboard.exporting import DOWNLOAD, all_rows
from dashboard.imports.pane import imports_pane, visit_state
from dashboard.imports.visit import Visit
from dashboard.plots.disagreements import agreement, votes_on_a_clip
from dashboard.plots.frame import message
from dashboard.review.pane import review_pane
from dashboard.review.source import Source, source_of_run

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Disagreements"
ORDER = 40
NEEDS = frozenset({"run"})

PANEL_ONLY, EVERYONE, CHANCE_TOO = "the panel", "all detectors", "all, also those at chance"
_VIEW = "disagreements-view"
_ANY = "any"
_LABELS = {_ANY: None, "■ bona fide": "bonafide", "● spoof": "spoof"}
_PARTS = Markup(
    '<nav class="ss-parts" aria-label="Whose votes">'
    '<button type="button" data-part="run" aria-pressed="true">Detectors of this run</button>'
    '<button type="button" data-part="imports" aria-pressed="false">Anyone’s predictions</button></nav>'
)
# The browser alone turns from one part to another: nothing is asked, and nothing stands in the address.
_SHOW_PART = """
element.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-part]');
  if (!pressed) return;
  document.getElementById('disagreements-parts').dataset.part = pressed.dataset.part;
  element.querySelectorAll('[data-part]').forEach((one) => one.setAttribute('aria-pressed', String(one === pressed)));
  trigger('select', {});
});
"""
_PART_SHOWN = "() => document.getElementById('disagreements-parts').dataset.part || 'run'"
_BARS = "Each bar shows where that detector calls a clip bona fide (left), is not sure (grey), calls it spoof (right)."


def electorate(run: "Run", who: str) -> list[str]:
    """Return whose votes are counted: those at chance on the run's labelled clips only where they are asked for."""
    if who == CHANCE_TOO:
        return detectors(run)
    return admitted(run, members(run) if who == PANEL_ONLY else detectors(run))


def electorates(run: "Run") -> list[str]:
    """Return whose votes can be asked for; those of the panel where it has several members."""
    panel = [PANEL_ONLY] if len(members(run)) > 1 else []
    return [*panel, EVERYONE, *([CHANCE_TOO] if at_chance(run, detectors(run)) else [])]


def _is_a_choice(run: "Run", offered: list[str]) -> bool:
    return len(offered) > 1 and (len(members(run)) < len(run.detectors) or len(offered) > 2)


def _asked(run: "Run", voters: str) -> str:
    """Return whose votes count: as asked, or else the first that can be asked for."""
    offered = electorates(run)
    return voters if voters in offered else offered[0]


def listed(ballot: Ballot, show: str, label: str, system: str, *, who: str, page: int, chosen: str) -> Markup:
    """Return the clips that answer to the filters as rows, with the filters in words."""
    attack = None if system in (_ANY, None, "") else system
    places = filtered(ballot, show, label=_LABELS.get(label), system=attack)
    page, first, last = page_of(len(places), page)
    about = f"Votes of {who}; {show}; label {label}; attack {system or _ANY}"
    return vote_rows(ballot.rows(places[first:last]), total=len(places), chosen=chosen, page=page, about=about)


def _gate_note(run: "Run", who: str) -> Markup:
    """Return which detectors do not vote since they are at chance, and how they can; nothing where all do."""
    asked = members(run) if who == PANEL_ONLY else detectors(run)
    sentence = gate_sentence(run, asked, counted=who == CHANCE_TOO)
    todo = "" if who == CHANCE_TOO else f" To count them: votes of “{CHANCE_TOO}”."
    return note(sentence + todo) if sentence else Markup("")


def votes_figure(run: "Run", names: list[str], path: str | None, dark: bool) -> Any:
    """Return where each detector puts a clip, as a figure; words where none is chosen."""
    if not path or run.place(path) is None:
        return message("Choose a clip in the table.", dark=dark, height=230)
    rows = scores_of_clip(run, path, names)
    return votes_on_a_clip(rows, label=str(rows["label"].iloc[0]), dark=dark)


def _to_judge(
    context: Context, choice: str, chosen: str, voters: str, visit: Visit, part: str
) -> Source | None:
    """Return the disputed clips of the part that is shown: of imported predictions, or of the run's detectors."""
    if part.startswith("imports"):
        found = visit.imports.found
        return None if found is None else found.to_judge(context.run(choice))
    run = context.selected(choice, chosen)
    if run is None or not len(run):
        return None
    return source_of_run(run, electorate(run, _asked(run, voters)))


class _Parts(NamedTuple):
    lead: gr.HTML
    filters: list[Any]
    rows: gr.HTML
    dock: ClipDock
    votes: gr.Plot
    matrix: gr.Plot


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    visit, part = visit_state(), gr.Textbox("run", visible="hidden", container=False)
    with gr.Column(elem_id="disagreements-parts", elem_classes="ss-view"):
        turn = gr.HTML(_PARTS, js_on_load=_SHOW_PART, padding=False)
        turn.select(None, None, part, js=_PART_SHOWN, api_visibility="private")
        who = gr.Radio(
            [PANEL_ONLY, EVERYONE], value=PANEL_ONLY, label="Votes of", elem_id="disagreements-who", scale=3,
            render=False,
        )  # fmt: skip
        review_pane(context, partial(_to_judge, context), [who, visit, part], follow=[part.change])
        with gr.Column(elem_classes="ss-part-run"):
            _wire(context, _lay_out(context, who))
        with gr.Column(elem_classes="ss-part-imports"):
            imports_pane(context, visit, part)


def _lay_out(context: Context, who: gr.Radio) -> _Parts:
    with gr.Column(elem_classes="ss-view", elem_id=_VIEW):
        lead = gr.HTML(waiting("Counting the votes."), elem_id="disagreements-lead", padding=False)
        filters = _filters(who)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=480):
                heading("The votes, most disputed first")
                rows = clickable_html("disagreements-rows", empty("Votes appear here."))
            with gr.Column(scale=4, min_width=310, elem_classes="ss-side"):
                with gr.Column(elem_classes="ss-pane"):
                    heading("The clip")
                    dock = clip_dock(context, "disagreements", invitation="Choose a clip in the table to play it.")
                with gr.Column(elem_classes="ss-pane"):
                    heading("How far apart the votes on this clip lie")
                    votes = gr.Plot(show_label=False, container=False, elem_id="disagreements-votes")
                    remark(_BARS)
                    figure_terms("P(spoof)", "not sure", "threshold")
        with gr.Column(elem_classes="ss-pane"):
            heading("Which detectors agree")
            matrix = gr.Plot(show_label=False, container=False, elem_id="disagreements-matrix")
            remark(Markup(
                "Share of clips on which two detectors give the same of the three answers; the shade is {}. Two voters "
                "with a high kappa count for little more than one."
            ).format(term("kappa")))  # fmt: skip
    return _Parts(lead, [*filters, dock.path], rows, dock, votes, matrix)


def _filters(who: gr.Radio) -> list[Any]:
    with gr.Row(elem_classes="ss-bar-of-controls"):
        who.render()
        show = gr.Radio([SPLIT, WRONG, EVERY], value=SPLIT, label="Clips", elem_id="disagreements-show", scale=4)
        label = gr.Radio(list(_LABELS), value=_ANY, label="Label", elem_id="disagreements-label", scale=3)
        system = gr.Dropdown([_ANY], value=_ANY, label="Attack", elem_id="disagreements-system", scale=3)
    tips({
        "disagreements-who": "panel", "disagreements-show": "split votes", "disagreements-label": "label",
        "disagreements-system": "attack",
    })  # fmt: skip
    return [who, show, label, system]


def _wire(context: Context, parts: _Parts) -> None:
    lead, filters, rows, dock, votes, matrix = parts
    who, show, label, system, path = filters

    def table(
        choice: str, chosen: str, voters: str, kind: str, label: str, attack: str, path: str | None, page: int = 1
    ) -> Markup:
        run = context.selected(choice, chosen)
        assert run is not None
        ballot = count(run, electorate(run, voters))
        return listed(ballot, kind, label, attack, who=voters, page=page, chosen=path or "")

    def draw(
        dark: bool, choice: str, chosen: str, voters: str, kind: str, label: str, attack: str, path: str | None
    ) -> tuple[Any, ...]:
        run = context.selected(choice, chosen)
        assert run is not None
        asked, voters = (attack, voters), _asked(run, voters)
        names = electorate(run, voters)
        ballot, attacks = count(run, names), systems(run)
        attack = attack if attack in attacks else _ANY
        return (
            tally_text(ballot.tally, about=f"{kept(run)}; votes of {voters}.") + _gate_note(run, voters),
            table(choice, chosen, voters, kind, label, attack, path),
            agreement(ballot.share, ballot.kappa, dark=dark), votes_figure(run, names, path, dark),
            menu([_ANY, *attacks], attack, asked[0]),
            menu(offered := electorates(run), voters, asked[1], kind=gr.Radio, visible=_is_a_choice(run, offered)),
        )  # fmt: skip

    def saved(choice: str, chosen: str, voters: str, kind: str, label: str, attack: str, ending: str) -> Markup:
        run = context.selected(choice, chosen)
        assert run is not None
        ballot = count(run, electorate(run, voters))
        found = filtered(ballot, kind, label=_LABELS.get(label), system=None if attack == _ANY else attack)
        return all_rows(rows, ballot.rows(found).table(), f"{run.whole.key}-{len(found)}-votes", ending)

    def clicked(
        choice: str, chosen: str, voters: str, kind: str, label: str, attack: str, path: str | None,
        event: gr.EventData,
    ) -> tuple[Any, ...]:  # fmt: skip
        if (page := turned(event)) is not None:
            answers = table(choice, chosen, voters, kind, label, attack, path, page)
            if (ending := saved_as(event)) is not None:
                answers += saved(choice, chosen, voters, kind, label, attack, ending)
            return answers, *(gr.skip() for _ in dock.outputs)
        return gr.skip(), *show_clip(context, str(event.value), choice)

    def place(dark: bool, choice: str, chosen: str, voters: str, path: str | None) -> Any:
        run = context.selected(choice, chosen)
        assert run is not None
        return votes_figure(run, electorate(run, voters), path, dark)

    drawn = [lead, rows, matrix, votes, system, who]
    here = [context.run_choice, context.selection]
    context.on_show(draw, inputs=filters, outputs=drawn)
    answering([who.input], draw, [context.dark, *here, *filters], drawn, view=_VIEW, **QUIET)
    answering([show.input, label.input, system.input], table, [*here, *filters], [rows], view=_VIEW, **QUIET)
    opened = rows.select(clicked, [*here, *filters], [rows, *dock.outputs], **QUIET)
    opened.then(None, None, None, js=DOWNLOAD % "disagreements-rows", api_visibility="private")
    opened.then(place, [context.dark, *here, who, path], votes, **QUIET)
