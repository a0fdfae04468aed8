"""A threshold by what errors cost: presets, prior and prices that a person sets, and what follows in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.analysis.calibration import log_odds
from core.analysis.costs import USES, Costs
from core.analysis.format import figure
from dashboard.components.markup import Markup, note, problem
from dashboard.components.panes import remark, tips

if TYPE_CHECKING:
    from core.results.queries import Slice

__all__ = ["CostControls", "cost_controls", "cost_text", "costs_of", "preset"]

_OWN = "your own"


@dataclass(frozen=True)
class CostControls:
    """The controls: what a person sets, the two buttons, and the words below."""

    use: gr.Dropdown
    values: list[Any]
    bayes: gr.Button
    lowest: gr.Button
    text: gr.HTML


def cost_controls() -> CostControls:
    """Lay out the controls, folded; choosing a preset fills prior and prices."""
    first = USES[0]
    with gr.Accordion("Threshold by cost and prior", open=False, elem_id="scores-costs"):
        with gr.Row(elem_classes="ss-bar-of-controls"):
            use = gr.Dropdown([*(one.name for one in USES), _OWN], value=first.name, label="For", elem_id="scores-use")
            prior = gr.Number(
                100 * first.costs.prior_spoof, label="Spoofs expected, %", elem_id="scores-prior", minimum=0.01,
                maximum=99.99, precision=2,
            )  # fmt: skip
            miss = gr.Number(first.costs.miss, label="Cost of a miss", elem_id="scores-cost-miss", minimum=0.01)
            alarm = gr.Number(
                first.costs.false_alarm, label="Cost of a false alarm", elem_id="scores-cost-alarm", minimum=0.01
            )
            bayes = gr.Button("Set by cost", size="sm", elem_id="scores-by-cost", scale=0, min_width=110)
            lowest = gr.Button("Set at min DCF", size="sm", elem_id="scores-at-min", scale=0, min_width=120)
        text = gr.HTML(padding=False, elem_id="scores-cost-text")
        remark("Examples to start from, no recommendations: prior and prices are yours to set.")
    tips({"scores-by-cost": "set by cost", "scores-at-min": "min DCF", "scores-prior": "prior"})
    values = [prior, miss, alarm]
    use.input(preset, use, values, show_progress="hidden", api_visibility="private")
    return CostControls(use, values, bayes, lowest, text)


def preset(name: str) -> list[Any]:
    """Return prior (in per cent) and prices of a use; what is there stays where a person sets her own."""
    for one in USES:
        if one.name == name:
            return [100 * one.costs.prior_spoof, one.costs.miss, one.costs.false_alarm]
    return [gr.skip()] * 3


def cost_text(here: "Slice", use: str, given: tuple[float | None, ...], llr: float) -> Markup:
    """Return in words what the present threshold costs, what the set ones would, and why the use has these costs."""
    try:
        costs = costs_of(given)
    except ValueError as error:
        return problem(str(error))
    chosen = next((one for one in USES if one.name == use and one.costs == costs), None)
    why = f"{chosen.name}: {chosen.why}. " if chosen else ""
    if not here.whole:
        return note(f"{why}What a threshold costs needs clips of both classes.")
    low, _ = here.scores.minimum_cost(
        prior_spoof=costs.prior_spoof, cost_miss=costs.miss, cost_false_alarm=costs.false_alarm
    )  # fmt: skip
    now, by_cost = (costs.of(*here.rates_at(at)) for at in (llr, costs.threshold + log_odds(here.prior)))
    html = (
        "{}Normalised cost (DCF) of this threshold <b>{}</b>, set by cost {}, lowest on these clips {}; 1 is "
        "as good as always giving the cheaper answer."
    )
    return note(Markup(html).format(why, figure(now), figure(by_cost), figure(low)))


def costs_of(given: tuple[float | None, ...]) -> Costs:
    """Return prior (in per cent) and prices as costs.

    Raises
    ------
    ValueError
        When one is missing or out of its range.
    """
    if any(value is None for value in given):
        raise ValueError("Fill in how many spoofs are expected and what each error costs.")
    prior, miss, alarm = (float(value) for value in given if value is not None)
    return Costs(prior / 100, miss, alarm)
