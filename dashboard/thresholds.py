"""The threshold of the tab *Scores*: by slider, by a click in a figure, at equal error, by cost and prior."""

from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from core.analysis.calibration import log_odds, p_spoof
from core.results.queries import PANEL, SLICES, cut, names
from dashboard.components.cost_controls import CostControls, cost_text, costs_of
from dashboard.components.markup import Markup
from dashboard.components.panes import tips
from dashboard.components.reference import chosen_or_first
from dashboard.components.relay import relayed
from dashboard.context import QUIET
from dashboard.plots.frame import llr_of

if TYPE_CHECKING:
    from dashboard.context import Context

__all__ = ["by_cost", "equal_error", "lay_out_controls", "picked_threshold", "wire_thresholds"]

_HALF, _LEAST, _MOST = 0.5, 0.005, 0.995


def lay_out_controls() -> tuple[list[Any], gr.Button]:
    """Lay out detector, slice and threshold, and the button that sets the threshold at equal error."""
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


def wire_thresholds(context: "Context", controls: list[Any], at_eer: gr.Button, costs: CostControls) -> None:
    """Wire what moves the threshold, and the words on what it costs."""
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
    relayed(changed)(priced, [context.dark, *where[:2], *priced_by], costs.text, **QUIET)
    at_eer.click(lambda *given: equal_error(context, *given), where, limit, **QUIET)
    costs.bayes.click(set_by(False), [*where, *costs.values], limit, **QUIET)
    costs.lowest.click(set_by(True), [*where, *costs.values], limit, **QUIET)


def by_cost(context: "Context", lowest: bool, choice: str, chosen: str, who: str | None, part: str, *given: Any) -> Any:
    """Return the P(spoof) that costs least: by the prior and prices alone, or ``lowest`` on the clips shown."""
    run = context.selected(choice, chosen)
    assert run is not None
    try:
        costs = costs_of(given)
    except ValueError:
        return gr.skip()
    here = cut(run, chosen_or_first(who, names(run)), part)
    if not lowest:
        return _on_slider(float(p_spoof(costs.threshold + log_odds(here.prior))))
    _, llr = here.scores.minimum_cost(
        prior_spoof=costs.prior_spoof, cost_miss=costs.miss, cost_false_alarm=costs.false_alarm
    )  # fmt: skip
    return gr.skip() if np.isnan(llr) else _on_slider(float(p_spoof(llr)))


def picked_threshold(event: gr.EventData) -> float:
    """Return the P(spoof) that was clicked, within the slider's reach."""
    return _on_slider(float(event.ids[0]))


def _on_slider(p: float) -> float:
    return float(np.clip(round(p / _LEAST) * _LEAST, _LEAST, _MOST).round(3))


def equal_error(context: "Context", choice: str, chosen: str, who: str | None, which: str) -> Any:
    """Return the P(spoof) at which both error rates are equal on the clips shown."""
    run = context.selected(choice, chosen)
    assert run is not None
    _, llr = cut(run, chosen_or_first(who, names(run)), which).equal_error
    return gr.skip() if np.isnan(llr) else _on_slider(float(p_spoof(llr)))
