"""Curves over all thresholds: the trade between both errors, precision, calibration, and what being not sure buys."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from core.analysis.calibration import p_spoof
from core.analysis.format import rate
from core.results.queries import Slice
from core.results.rates import deviate
from dashboard.plots.frame import blank, message
from dashboard.theme import palette

__all__ = ["CURVES", "TERMS", "curve"]

DET, ROC, PRECISION, RELIABILITY, RISK = "DET", "ROC", "precision", "reliability", "not sure"
#: The curves there are, by the words of the switch.
CURVES = (DET, ROC, PRECISION, RELIABILITY, RISK)
#: What each shows, in a sentence.
TERMS = {
    DET: "Misses against false alarms on axes spaced by normal deviate; nearer to the lower left is better.",
    ROC: "Spoofs found against false alarms; nearer to the upper left is better.",
    PRECISION: "Of the clips called spoof, how many are; it depends on the share of spoofs among the clips shown.",
    RELIABILITY: "What P(spoof) came true; on the diagonal it means what it says. Both classes weigh alike; the larger "
                 "a point, the more clips.",
    RISK: "Errors among the answers that are given, when those nearest to the threshold are withheld. Both classes "
          "weigh alike.",
}  # fmt: skip
_DET_TICKS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


def curve(
    here: Slice, which: str, *, llr: float, band: tuple[float, float], dark: bool, height: int = 400
) -> go.Figure:  # fmt: skip
    """Draw one of ``CURVES`` of a detector's answers to a slice; words where a class is missing.

    Parameters
    ----------
    here : Slice
    which : str
    llr : float
        The threshold, which is marked.
    band : (float, float)
        Between these log-likelihood ratios the verdict is *not sure*.
    dark : bool
    height : int
        In pixels.
    """
    if not here.whole:
        return message("This curve needs clips of both classes.", dark=dark, height=height)
    if which == RISK:
        return _risk(here, llr, band, dark, height)
    return _DRAWN[which](here, llr, dark, height)


def _det(here: Slice, llr: float, dark: bool, height: int) -> go.Figure:
    found, at = here.scores.curve(), here.rates_at(llr)
    figure = _lines(
        deviate(found.false_alarm), deviate(found.miss), dark, height,
        ("false alarms: bona fide called spoof, %", "misses: spoof called bona fide, %"),
        np.stack([100 * found.false_alarm, 100 * found.miss], 1),
        "%{customdata[0]:.1f} % false alarms, %{customdata[1]:.1f} % misses",
    )  # fmt: skip
    _points(figure, dark, (
        (f"equal error rate: {rate(here.eer)}", *deviate([here.eer, here.eer]), False),
        (f"this threshold: {rate(at[0])} and {rate(at[1])}", *deviate(at), True),
    ))  # fmt: skip
    ticks = {"tickvals": deviate(_DET_TICKS), "ticktext": [f"{100 * t:g}" for t in _DET_TICKS]}
    ends = list(deviate([0, 1]))
    figure.update_xaxes(range=ends, **ticks)
    figure.update_yaxes(range=ends, **ticks)
    return figure


def _roc(here: Slice, llr: float, dark: bool, height: int) -> go.Figure:
    found, at = here.scores.curve(), here.rates_at(llr)
    figure = _lines(
        100 * found.false_alarm, 100 * (1 - found.miss), dark, height,
        ("false alarms: bona fide called spoof, %", "spoofs called spoof, %"), None,
        "%{x:.1f} % false alarms, %{y:.1f} % of spoofs found",
    )  # fmt: skip
    figure.data[0].name = f"every threshold, area {here.scores.area():.3f}"
    _diagonal(figure, dark)
    words = f"this threshold: {rate(at[0])}, {rate(1 - at[1])}"
    _points(figure, dark, ((words, 100 * at[0], 100 * (1 - at[1]), True),))
    return _in_per_cent(figure)


def _precision(here: Slice, llr: float, dark: bool, height: int) -> go.Figure:
    found = here.scores.curve()
    caught, alarms = (1 - found.miss) * len(here.scores.fake), found.false_alarm * len(here.scores.real)
    called = caught + alarms
    some = called > 0
    figure = _lines(
        100 * (1 - found.miss[some]), 100 * caught[some] / called[some], dark, height,
        ("recall: spoofs called spoof, %", "precision, %"), None,
        "%{x:.1f} % found, %{y:.1f} % of the called",
    )  # fmt: skip
    figure.data[0].name = f"every threshold, average precision {here.scores.average_precision():.3f}"
    report = here.scores.report(llr)
    words = f"this threshold: {rate(report.recall)}, {rate(report.precision)}"
    _points(figure, dark, ((words, 100 * report.recall, 100 * report.precision, True),))
    return _in_per_cent(figure)


def _reliability(here: Slice, llr: float, dark: bool, height: int) -> go.Figure:
    found = here.scores.reliability(prior=here.prior)
    n = found.n_real + found.n_fake
    some = n > 0
    figure = _lines(
        found.predicted[some], found.observed[some], dark, height,
        ("P(spoof), mean of the bin", "share of spoofs"),
        np.stack([found.n_fake[some], found.n_real[some]], 1),
        "P(spoof) %{x:.2f}: %{y:.2f} came true; %{customdata[0]} spoofs, %{customdata[1]} bona fide",
    )  # fmt: skip
    sizes = 6 + 14 * np.sqrt(n[some] / n.max())
    figure.data[0].update(mode="lines+markers", marker={"size": sizes}, name="bins of 0.1", line_shape="linear")
    _diagonal(figure, dark, most=1)
    figure.update_xaxes(range=[-0.03, 1.03])
    figure.update_yaxes(range=[-0.03, 1.03])
    return figure


def _risk(here: Slice, llr: float, band: tuple[float, float], dark: bool, height: int) -> go.Figure:
    found = here.scores.risk_coverage(llr)
    ends = np.stack([p_spoof(llr + found.half_width), p_spoof(llr - found.half_width)], 1)
    figure = _lines(
        100 * found.coverage, 100 * found.risk, dark, height,
        ("clips that are answered, %", "wrong among them, %"), ends,
        "%{x:.1f} % answered, %{y:.1f} % of them wrong; not sure from P(spoof) %{customdata[0]:.2f} to "
        "%{customdata[1]:.2f}",
    )  # fmt: skip
    figure.data[0].update(name="bands around this threshold", line_shape="linear")
    covered, wrong = here.scores.risk_of_band(*band)
    words = f"the verdict's band: {rate(covered)} answered, {rate(wrong)} wrong"
    _points(figure, dark, ((words, 100 * covered, 100 * wrong, True),))
    figure.update_xaxes(range=[0, 102])
    figure.update_yaxes(rangemode="tozero")
    return figure


_DRAWN: dict[str, Callable[[Slice, float, bool, int], go.Figure]] = {
    DET: _det, ROC: _roc, PRECISION: _precision, RELIABILITY: _reliability,
}  # fmt: skip


def _lines(
    x: np.ndarray, y: np.ndarray, dark: bool, height: int, axes: tuple[str, str], more: np.ndarray | None, words: str
) -> go.Figure:
    figure = blank(dark, height=height, x=axes[0], y=axes[1])
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": palette(dark).ink, "width": 2, "shape": "hv"}, name="every threshold",
        customdata=more, hovertemplate=f"{words}<extra></extra>",
    )  # fmt: skip
    return figure


def _points(figure: go.Figure, dark: bool, points: tuple[tuple[str, float, float, bool], ...]) -> None:
    c = palette(dark)
    for name, x, y, chosen in points:
        colour = c.accent if chosen else c.soft
        figure.add_scatter(
            x=[x], y=[y], mode="markers", name=name, hoverinfo="name",
            marker={"symbol": "circle" if chosen else "diamond-open", "size": 12, "color": colour,
                    "line": {"width": 2, "color": colour}},
        )  # fmt: skip


def _diagonal(figure: go.Figure, dark: bool, most: float = 100) -> None:
    line = {"color": palette(dark).soft, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[0, most], y=[0, most], mode="lines", line=line, showlegend=False, hoverinfo="skip")


def _in_per_cent(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(range=[-1, 101])
    figure.update_yaxes(range=[-1, 101])
    return figure
