"""Disagreements: who votes how on which clip, how often they agree, and what their agreement is worth."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
import pandas as pd

from dashboard.components.clickable import clickable_html
from dashboard.components.clip_dock import ClipDock, clip_dock, show_clip
from dashboard.components.markup import empty
from dashboard.components.panes import heading, remark
from dashboard.components.reference import decision_of, detectors, kept, members, no_run, waiting
from dashboard.components.vote_table import vote_rows
from dashboard.components.votes import Tally, tally_text
from dashboard.context import QUIET, Context
from dashboard.plots.disagreements import agreement, votes_on_a_clip
from dashboard.plots.frame import message

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Disagreements"
ORDER = 40

SPLIT, WRONG, EVERY = "split votes", "unanimous and wrong", "all clips"
PANEL_ONLY, EVERYONE = "the panel", "all detectors"
_ANY = "any"
_LABELS = {_ANY: None, "■ bona fide": "bonafide", "● spoof": "spoof"}
_MATRIX = (
    "Share of clips on which two detectors give the same of the three answers; κ is Cohen's kappa, agreement beyond "
    "what chance would give. Two voters with a high kappa count for little more than one."
)


_BARS = "Each bar shows where that detector says bona fide (left), is not sure (grey) or says spoof (right)."


class Ballot(NamedTuple):
    """Several detectors' votes on every clip of the run; the index of the tables is the clip's path.

    Attributes
    ----------
    clips, p_spoof, votes : DataFrame
        ``votes`` as ``core.analysis.voting.vote_table`` gives it; all in the order of dispute.
    wrong : Series of bool
        Whether all detectors said the same of a clip, and it was not so.
    tally : Tally
    share, kappa : DataFrame
        Detector by detector.
    """

    clips: pd.DataFrame
    p_spoof: pd.DataFrame
    votes: pd.DataFrame
    wrong: "pd.Series[bool]"
    tally: Tally
    share: pd.DataFrame
    kappa: pd.DataFrame


def electorate(run: "Run", who: str) -> list[str]:
    """Return whose votes are counted."""
    return members(run) if who == PANEL_ONLY else detectors(run)


def count(run: "Run", names: Sequence[str]) -> Ballot:
    """Count the votes of some of a run's detectors."""
    from core.analysis import voting

    scores, clips = run.wide("score")[list(names)], run.clips.set_index("path", drop=False)
    votes = voting.vote_table(scores, {name: decision_of(run, name) for name in names})
    first = voting.disputed(votes).index
    rest = votes.drop(index=first).sort_values("spread", ascending=False, kind="stable").index
    order = first.append(rest)
    votes, clips = votes.loc[order], clips.loc[order]
    states = {"bonafide": voting.UNANIMOUS_SPOOF, "spoof": voting.UNANIMOUS_BONAFIDE}
    wrong = votes["state"] == clips["label"].map(states)
    tally = Tally(
        clips=len(votes), voters=len(names), unanimous_wrong=int(wrong.sum()),
        unanimous=int(votes["state"].isin(states.values()).sum()), split=int((votes["state"] == voting.SPLIT).sum()),
        hesitant=int((votes["state"] == voting.UNDECIDED).sum()),
        independent=voting.effective_voters(scores, labels=run.clips["label"]),
    )  # fmt: skip
    return Ballot(
        clips, run.wide("p_spoof").loc[order, list(names)], votes, wrong, tally, voting.pairwise_agreement(votes),
        voting.cohen_kappa(votes),
    )  # fmt: skip


def filtered(ballot: Ballot, show: str, label: str, system: str) -> pd.DataFrame:
    """Return the clips that answer to the filters, the most disputed first."""
    from core.analysis import voting

    keep = pd.Series(True, index=ballot.clips.index)
    if show != EVERY:
        keep &= ballot.votes["state"] == voting.SPLIT if show == SPLIT else ballot.wrong
    if (wanted := _LABELS.get(label)) is not None:
        keep &= ballot.clips["label"] == wanted
    if system != _ANY:
        keep &= ballot.clips["system"] == system
    return ballot.clips[keep]


def build(context: Context) -> None:
    """Lay out the tab and wire it."""
    _wire(context, _lay_out(context))


class _Parts(NamedTuple):
    lead: gr.HTML
    filters: list[Any]
    rows: gr.HTML
    dock: ClipDock
    votes: gr.Plot
    matrix: gr.Plot


def _lay_out(context: Context) -> _Parts:
    with gr.Column(elem_classes="ss-view"):
        lead = gr.HTML(waiting("Counting the votes."), elem_id="disagreements-lead", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            who = gr.Radio([PANEL_ONLY, EVERYONE], value=PANEL_ONLY, label="Votes of", elem_id="disagreements-who",
                           scale=3)  # fmt: skip
            show = gr.Radio([SPLIT, WRONG, EVERY], value=SPLIT, label="Clips", elem_id="disagreements-show", scale=4)
            label = gr.Radio(list(_LABELS), value=_ANY, label="In truth", elem_id="disagreements-label", scale=3)
            system = gr.Dropdown([_ANY], value=_ANY, label="Attack", elem_id="disagreements-system", scale=3)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=480):
                heading("The votes, most disputed first")
                rows = clickable_html("disagreements-rows", empty("Votes appear here."))
            with gr.Column(scale=4, elem_classes="ss-side", min_width=310):
                with gr.Column(elem_classes="ss-pane"):
                    heading("The clip")
                    dock = clip_dock(context, "disagreements", invitation="Choose a clip in the table to hear it.")
                with gr.Column(elem_classes="ss-pane"):
                    heading("How far apart the votes on this clip lie")
                    votes = gr.Plot(show_label=False, container=False, elem_id="disagreements-votes")
                    remark(_BARS)
        with gr.Column(elem_classes="ss-pane"):
            heading("Who agrees with whom")
            matrix = gr.Plot(show_label=False, container=False, elem_id="disagreements-matrix")
            remark(_MATRIX)
    return _Parts(lead, [who, show, label, system, dock.path], rows, dock, votes, matrix)


def _wire(context: Context, parts: _Parts) -> None:
    lead, filters, rows, dock, votes, matrix = parts
    who, show, label, system, path = filters

    @lru_cache(maxsize=4)
    def counted(digest: str, voters: str) -> Ballot:
        run = context.run
        assert run is not None
        return count(run, electorate(run, voters))

    def table(voters: str, kind: str, truth: str, attack: str, path: str | None) -> str:
        run = context.run
        if run is None:
            return empty("No votes without a run.")
        ballot = counted(run.digest, voters)
        clips = filtered(ballot, kind, truth, attack or _ANY)
        return vote_rows(clips, ballot.p_spoof, ballot.votes, chosen=path or "")

    def draw(dark: bool, voters: str, kind: str, truth: str, attack: str, path: str | None) -> tuple[Any, ...]:
        run = context.run
        if run is None:
            blank = message("No reference run.", dark=dark, height=300)
            return no_run(context), empty("No votes without a run."), blank, blank, gr.skip(), gr.skip()
        ballot = counted(run.digest, voters)
        systems = sorted(set(run.clips["system"]) - {"-"})
        return (
            tally_text(ballot.tally, about=f"{kept(run)}."), table(voters, kind, truth, attack, path),
            agreement(ballot.share, ballot.kappa, dark=dark), votes_figure(run, electorate(run, voters), path, dark),
            gr.Dropdown(choices=[_ANY, *systems], value=attack if attack in systems else _ANY),
            gr.Radio(visible=len(members(run)) < len(run.detectors)),
        )  # fmt: skip

    def clicked(event: gr.EventData) -> tuple[Any, ...]:
        return show_clip(context, str(event.value))

    def place(dark: bool, voters: str, path: str | None) -> Any:
        run = context.run
        return votes_figure(run, [] if run is None else electorate(run, voters), path, dark)

    drawn = [lead, rows, matrix, votes, system, who]
    context.on_show(draw, inputs=filters, outputs=drawn)
    who.input(draw, [context.dark, *filters], drawn, **QUIET)
    gr.on([show.input, label.input, system.input], table, filters, rows, **QUIET)
    rows.select(clicked, None, dock.outputs, **QUIET).then(place, [context.dark, who, path], votes, **QUIET)


def votes_figure(run: "Run | None", names: Sequence[str], path: str | None, dark: bool) -> Any:
    """Return where each detector puts a clip, as a figure; words where none is chosen."""
    if run is None or not path or path not in run.paths:
        return message("Choose a clip in the table.", dark=dark, height=230)
    rows = run.scores[run.scores["path"] == path].set_index("detector").loc[list(names)].reset_index()
    rules = [decision_of(run, name) for name in rows["detector"]]
    rows = rows.assign(spoof_below=[r.spoof_below for r in rules], bonafide_above=[r.bonafide_above for r in rules])
    return votes_on_a_clip(rows, label=str(rows["label"].iloc[0]), dark=dark)
