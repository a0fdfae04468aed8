"""Scores: where each class lies, what a threshold makes of it, and which attacks get through."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from dashboard.components.clickable import clickable_html, clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.markup import empty
from dashboard.components.panes import heading, remark
from dashboard.components.reference import PANEL, SLICES, choice, in_slice, names, no_run, said, seen_systems, waiting
from dashboard.components.score_tables import at_threshold, attack_tables, lead_text, slices_table
from dashboard.components.wrong_rows import wrong_rows
from dashboard.context import QUIET, Context
from dashboard.plots.frame import llr_of, message
from dashboard.plots.scores import det, distribution, overview, overview_height

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Scores"
ORDER = 10

_HALF, _LEAST, _MOST = 0.5, 0.005, 0.995
_RESAMPLES = 500
Interval = tuple[float, float]


@dataclass(frozen=True)
class Slice:
    """One detector's answers to the clips of one slice.

    Attributes
    ----------
    name, part : str
        Detector and slice.
    frame : DataFrame
        One row per clip: the clip's columns, ``score``, ``p_spoof``, ``verdict``.
    seen : set of str
        Systems heard in training.
    """

    name: str
    part: str
    frame: pd.DataFrame
    seen: set[str]

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which clips are bona fide [shape=(n,)]."""
        return (self.frame["label"] == "bonafide").to_numpy()

    @property
    def pair(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log-likelihood ratios of the bona fide clips, and of the spoofs."""
        llr = self.frame["score"].to_numpy(dtype=float)
        return llr[self.real], llr[~self.real]

    @property
    def whole(self) -> bool:
        """Whether both classes are there."""
        return all(len(scores) for scores in self.pair)


def cut(run: "Run", name: str, part: str) -> Slice:
    """Return one detector's answers to one slice of the reference run."""
    frame, seen = said(run, name), seen_systems(run, name)
    return Slice(name, part, frame[in_slice(frame, part, seen)].reset_index(drop=True), seen)


def eer_rate(here: Slice) -> tuple[float, float]:
    """Return a slice's equal error rate and its threshold; NaN without both classes."""
    from core.analysis.det import equal_error_point

    return equal_error_point(*here.pair) if here.whole else (float("nan"), float("nan"))


def eer_interval(here: Slice) -> Interval:
    """Return the 95 % interval of a slice's equal error rate, by resampling speakers and sources."""
    from core.analysis.bootstrap import interval
    from core.analysis.det import equal_error_point
    from core.analysis.tables import interval_groups

    if not here.whole:
        return float("nan"), float("nan")
    return interval(
        lambda real, fake: equal_error_point(real, fake)[0], here.frame["score"], here.real,
        interval_groups(here.frame), resamples=_RESAMPLES,
    )  # fmt: skip


class Desk:
    """What the tab draws of a run; intervals are estimated once for each detector and slice."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self._intervals: dict[tuple[str, str], Interval] = {}

    def estimate(self, name: str) -> bool:
        """Estimate the intervals that are not known yet; return whether there were any."""
        missing = [part for part in SLICES if (name, part) not in self._intervals]
        for part in missing:
            self._intervals[name, part] = eer_interval(cut(self.run, name, part))
        return bool(missing)

    def draw(self, dark: bool, name: str, part: str, limit: float) -> tuple[Any, ...]:
        """Return sentence, distribution, counts, rates, trade-off, the tables and the mistakes, as in ``_Parts``."""
        here, llr = cut(self.run, name, part), float(llr_of(limit))
        rate, _ = eer_rate(here)
        counts, rates = at_threshold(here.frame, llr, eer=rate, interval=self._intervals.get((name, part)))
        return (
            lead_text(self.run, here.frame, name=name, part=part, limit=limit),
            distribution(*here.pair, threshold=llr, dark=dark), counts, rates,
            det(*here.pair, threshold=llr, eer=rate, dark=dark, height=overview_height(len(names(self.run)))),
            self._slices(name, llr),
            attack_tables(here.frame, here.seen, llr), wrong_rows(here.frame, llr),
        )  # fmt: skip

    def _slices(self, name: str, llr: float) -> str:
        parts = {part: cut(self.run, name, part) for part in SLICES}
        rows = {
            part: (*here.pair, eer_rate(here)[0], self._intervals.get((name, part))) for part, here in parts.items()
        }
        return slices_table(rows, llr, name=name)

    def everyone(self, dark: bool, chosen: str, part: str) -> Any:
        """Return the figure of all detectors on one slice."""
        return overview({name: cut(self.run, name, part).pair for name in names(self.run)}, chosen=chosen, dark=dark)


@dataclass(frozen=True)
class _Parts:
    """The tab's components that are filled from a run, in the order of ``Desk.draw``."""

    lead: gr.HTML
    spread: gr.Plot
    counts: gr.HTML
    rates: gr.HTML
    trade: gr.Plot
    slices: gr.HTML
    attacks: gr.HTML
    mistakes: gr.HTML

    @property
    def all(self) -> list[Any]:
        seen = [self.lead, self.spread, self.counts, self.rates, self.trade]
        return [*seen, self.slices, self.attacks, self.mistakes]


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view"):
        lead = gr.HTML(waiting("Reading the reference run."), elem_id="scores-lead", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            name = gr.Dropdown([PANEL], value=PANEL, label="Detector", elem_id="scores-detector", scale=2)
            part = gr.Radio(list(SLICES), value="all", label="Clips", elem_id="scores-slice", scale=5, min_width=440)
            limit = gr.Slider(
                _LEAST, _MOST, value=_HALF, step=0.005, label="Call it spoof from P(spoof)", elem_id="scores-threshold",
                scale=4, min_width=260,
            )  # fmt: skip
            at_eer = gr.Button("At EER", size="sm", elem_id="scores-at-eer", scale=0, min_width=80)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=7, elem_classes="ss-pane", min_width=420):
                heading("Where each class lies")
                container, spread = clickable_plot("scores-spread")
                remark("Click in the figure to move the threshold. Real speech belongs left of it.")
            with gr.Column(scale=5, elem_classes="ss-pane", min_width=340):
                heading("At this threshold")
                counts = gr.HTML(empty("Counts appear here."), elem_id="scores-counts", padding=False)
                rates = gr.HTML(padding=False, elem_id="scores-rates")
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=7, elem_classes="ss-pane", min_width=420):
                heading("All detectors on the same clips")
                everyone = gr.Plot(show_label=False, container=False, elem_id="scores-overview")
                remark("Above each line bona fide speech, below it spoofs; the short line is the mean.")
            with gr.Column(scale=5, elem_classes="ss-pane", min_width=340):
                heading("The trade between the two errors (DET)")
                trade = gr.Plot(show_label=False, container=False, elem_id="scores-det")
                remark("Axes spaced by normal deviate; nearer to the lower left is better.")
        slices = gr.HTML(padding=False, elem_id="scores-slices")
        attacks = gr.HTML(padding=False, elem_id="scores-attacks")
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=460):
                heading("Called wrongly at this threshold")
                mistakes = clickable_html("scores-mistakes", empty("Mistakes appear here."))
            with gr.Column(scale=4, elem_classes="ss-pane", min_width=310):
                heading("The clip")
                dock = clip_dock(context, "scores", invitation="Choose a mistake to hear it.")
    parts = _Parts(lead, spread, counts, rates, trade, slices, attacks, mistakes)
    _wire(context, parts, controls=[name, part, limit], everyone=everyone)
    container.select(picked_threshold, None, limit, **QUIET)
    mistakes.select(picked_clip(context), None, dock.outputs, **QUIET)
    at_eer.click(lambda who, which: _at_eer(context, who, which), [name, part], limit, **QUIET)


def _wire(context: Context, parts: _Parts, *, controls: list[Any], everyone: gr.Plot) -> None:
    desks: dict[str, Desk] = {}
    name, part, limit = controls

    def desk() -> Desk | None:
        run = context.run
        return None if run is None else desks.setdefault(run.digest, Desk(run))

    def show(dark: bool, who: str | None, which: str, at: float) -> Iterator[tuple[Any, ...]]:
        here = desk()
        if here is None:
            yield (*_nothing(context, dark), message("No reference run.", dark=dark, height=200), gr.skip())
            return
        who = choice(here.run, who)
        picker = gr.Dropdown(choices=names(here.run), value=who)
        yield (*here.draw(dark, who, which, at), here.everyone(dark, who, which), picker)
        if here.estimate(who):
            yield (*here.draw(dark, who, which, at), gr.skip(), gr.skip())

    def move(dark: bool, who: str | None, which: str, at: float) -> tuple[Any, ...]:
        here = desk()
        return _nothing(context, dark) if here is None else here.draw(dark, choice(here.run, who), which, at)

    context.on_show(show, inputs=controls, outputs=[*parts.all, everyone, name])
    gr.on([name.input, part.input], show, [context.dark, *controls], [*parts.all, everyone, name], **QUIET)
    limit.change(move, [context.dark, *controls], parts.all, **QUIET)


def picked_threshold(event: gr.EventData) -> float:
    """Return the P(spoof) that was clicked, within the slider's reach."""
    return _on_slider(float(event.ids[0]))


def picked_clip(context: Context) -> Any:
    """Return the handler that shows the clip whose row was clicked."""

    def clicked(event: gr.EventData) -> tuple[Any, ...]:
        return show_clip(context, str(event.value))

    return clicked


def _on_slider(p: float) -> float:
    return float(np.clip(round(p / _LEAST) * _LEAST, _LEAST, _MOST).round(3))


def _at_eer(context: Context, who: str | None, which: str) -> Any:
    if context.run is None:
        return gr.skip()
    _, llr = eer_rate(cut(context.run, choice(context.run, who), which))
    return gr.skip() if np.isnan(llr) else _on_slider(float(p_spoof(llr)))


def _nothing(context: Context, dark: bool) -> tuple[Any, ...]:
    blank = message("No reference run.", dark=dark, height=320)
    nothing = empty("Nothing without a run.")
    return no_run(context), blank, nothing, "", blank, "", "", nothing
