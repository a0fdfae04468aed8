"""Figures of the tab Scores: where each class lies, the trade between the two errors, all detectors at once."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from core.analysis.format import rate
from core.results.queries import Curve, deviate
from dashboard.plots.frame import CLASSES, blank, message, p_spoof_axis, row_height
from dashboard.theme import palette

__all__ = ["det", "distribution", "overview", "overview_height"]

_FURTHEST = 9.0
# Length of a mean's line, where two detectors lie 1 apart.
_MEAN = 0.3
_DET_TICKS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


def _limits(*scores: NDArray[np.float64]) -> tuple[float, float]:
    """Return a range of log-likelihood ratios that holds all but the furthest half per cent, and P = 0.5.

    It ends where P(spoof) has long become 0.000 or 1.000: what lies beyond would only press the rest together.
    """
    both = np.concatenate(scores)
    low, high = np.clip(np.quantile(both, [0.005, 0.995]), -_FURTHEST, _FURTHEST)
    room = 0.04 * max(high - low, 1.0)
    return float(min(low - room, -1.0)), float(max(high + room, 1.0))


def distribution(bonafide: ArrayLike, spoof: ArrayLike, *, threshold: float, dark: bool) -> go.Figure:
    """Draw how each class is spread over P(spoof), and the threshold between the two answers.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)]
        Log-likelihood ratios; higher = more bona fide. Scores beyond the axis are counted in its last bar.
    threshold : float
        A log-likelihood ratio: scores below it are called spoof.
    dark : bool

    Returns
    -------
    Figure
        Each bar carries the P(spoof) of its centre as ``customdata``, so that a click can move the threshold.
    """
    scores = {"bonafide": np.asarray(bonafide, dtype=float), "spoof": np.asarray(spoof, dtype=float)}
    if not sum(map(len, scores.values())):
        return message("No clip in this slice.", dark=dark, height=320)
    c = palette(dark)
    low, high = _limits(*scores.values())
    edges = np.linspace(low, high, 61)
    centres, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    figure = blank(dark, height=320, y="share of the class, %")
    p_spoof_axis(figure, low, high)
    for label, values in scores.items():
        counts, _ = np.histogram(np.clip(values, low, high), edges)
        share = 100 * counts / max(len(values), 1)
        colour = getattr(c, label)
        figure.add_bar(
            x=centres, y=share, width=width, name=f"{CLASSES[label].glyph} {CLASSES[label].word}, n = {len(values)}",
            marker={"color": colour, "opacity": 0.55, "line": {"width": 0},
                    "pattern": {"shape": "/" if label == "spoof" else "", "size": 5, "solidity": 0.35,
                                "fgcolor": colour, "bgcolor": "rgba(0,0,0,0)" if label == "spoof" else colour}},
            customdata=[float(p) for p in 1 / (1 + np.exp(centres))], text=counts, textposition="none",
            hovertemplate="P(spoof) %{customdata:.3f}: %{text} clips<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_layout(barmode="overlay", bargap=0, hovermode="x", clickmode="event", dragmode=False)
    tallest = max(max(trace.y) for trace in figure.data)
    figure.update_yaxes(range=[0, 1.15 * tallest])
    _mark_threshold(figure, threshold, (low, high), dark)
    return figure


def _mark_threshold(figure: go.Figure, threshold: float, limits: tuple[float, float], dark: bool) -> None:
    c = palette(dark)
    at = float(np.clip(threshold, *limits))
    figure.add_vline(x=at, line={"color": c.accent, "width": 2})
    for x0, x1, colour in ((limits[0], at, c.spoof), (at, limits[1], c.bonafide)):
        figure.add_shape(
            type="rect", x0=x0, x1=x1, y0=0, y1=0.015, yref="paper", line={"width": 0}, fillcolor=colour, layer="above"
        )
    words = ((at, "called bona fide ◂ ", "right"), (at, " ▸ called spoof", "left"))
    for x, text, anchor in words:
        figure.add_annotation(
            x=x, y=1, yref="paper", yanchor="top", text=text, showarrow=False, xanchor=anchor,
            font={"size": 11, "color": c.accent},
        )  # fmt: skip


def overview_height(detectors: int) -> int:
    """Return the height in pixels of a figure with a row a detector."""
    return 60 + detectors * row_height(detectors, all_px=480, least_px=26, most_px=58)


def overview(scores: Mapping[str, tuple[ArrayLike, ArrayLike]], *, chosen: str, dark: bool) -> go.Figure:
    """Draw all detectors one under the other: bona fide above each line, spoof below it.

    Parameters
    ----------
    scores : mapping of str to (array, array)
        Per detector the log-likelihood ratios of its bona fide and its spoofed clips.
    chosen : str
        The detector looked at; its name is set in bold.
    dark : bool
    """
    arrays = {name: tuple(np.asarray(s, dtype=float) for s in pair) for name, pair in scores.items()}
    height = overview_height(len(arrays))
    if not any(len(part) for pair in arrays.values() for part in pair):
        return message("No clip in this slice.", dark=dark, height=height)
    c = palette(dark)
    low, high = _limits(*(part for pair in arrays.values() for part in pair))
    figure = blank(dark, height=height)
    p_spoof_axis(figure, low, high)
    for row, pair in enumerate(arrays.values()):
        for label, side, values in zip(("bonafide", "spoof"), ("positive", "negative"), pair, strict=True):
            colour, mark = getattr(c, label), CLASSES[label]
            figure.add_violin(
                x=np.clip(values, low, high), y0=-row, side=side, orientation="h", width=0.95, points=False,
                spanmode="hard", line={"color": colour, "width": 1.2}, fillcolor=colour, opacity=0.6,
                name=f"{mark.glyph} {mark.word}", legendgroup=label, showlegend=row == 0, hoverinfo="skip",
            )  # fmt: skip
    _mark_means(figure, list(arrays.values()), (low, high), dark)
    names = [f"<b>{name}</b>" if name == chosen else name for name in arrays]
    figure.update_yaxes(
        tickvals=[-row for row in range(len(names))], ticktext=names, showgrid=True, tickfont={"size": 12}
    )
    figure.update_layout(violingap=0, violinmode="overlay")
    figure.add_vline(x=0, line={"color": c.soft, "width": 1, "dash": "dash"})
    return figure


def _mark_means(
    figure: go.Figure, pairs: list[tuple[NDArray[np.float64], ...]], limits: tuple[float, float], dark: bool
) -> None:
    """Draw a short line at the mean of each class, above and below the detector's own line."""
    found = [
        (row, side, float(np.clip(np.mean(values), *limits)), f"{CLASSES[label].word}: mean")
        for row, pair in enumerate(pairs)
        for (label, side), values in zip((("bonafide", 1), ("spoof", -1)), pair, strict=True)
        if len(values)
    ]
    c = palette(dark)
    figure.add_scatter(
        x=[x for _, _, at, _ in found for x in (at, at, None)],
        y=[y for row, side, _, _ in found for y in (-row, -row + side * _MEAN, None)], mode="lines", name="mean",
        line={"color": c.ink, "width": 2.5}, hoverinfo="skip",
    )  # fmt: skip


def det(curve: Curve | None, *, at: tuple[float, float], eer: float, dark: bool, height: int = 460) -> go.Figure:
    """Draw the detection error trade-off on normal-deviate axes (Martin et al., Eurospeech 1997).

    Parameters
    ----------
    curve : Curve or None
        Both error rates at every threshold; None where a class is missing.
    at : (float, float)
        False alarm and miss rate at the operating point, which is marked.
    eer : float
        The equal error rate, 0 to 1, marked where the curve meets the diagonal.
    dark : bool
    height : int
        In pixels.
    """
    if curve is None:
        return message("A trade-off needs clips of both classes.", dark=dark, height=height)
    c = palette(dark)
    words = "false alarms: bona fide called spoof, %", "misses: spoof called bona fide, %"
    figure = blank(dark, height=height, x=words[0], y=words[1])
    figure.add_scatter(
        x=deviate(curve.false_alarm), y=deviate(curve.miss), mode="lines",
        line={"color": c.ink, "width": 2, "shape": "hv"}, name="every threshold",
        customdata=np.stack([100 * curve.false_alarm, 100 * curve.miss], 1),
        hovertemplate="%{customdata[0]:.1f} % false alarms, %{customdata[1]:.1f} % misses<extra></extra>",
    )  # fmt: skip
    points = (
        ("equal error rate", (eer, eer), "diamond-open", c.soft, rate(eer)),
        ("this threshold", at, "circle", c.accent, f"{rate(at[0])} and {rate(at[1])}"),
    )
    for name, (x, y), symbol, colour, text in points:
        figure.add_scatter(
            x=deviate([x]), y=deviate([y]), mode="markers", name=f"{name}: {text}", hoverinfo="name",
            marker={"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2, "color": colour}},
        )  # fmt: skip
    ticks = {"tickvals": deviate(_DET_TICKS), "ticktext": [f"{100 * t:g}" for t in _DET_TICKS]}
    ends = list(deviate([0, 1]))
    figure.update_xaxes(range=ends, **ticks)
    figure.update_yaxes(range=ends, **ticks)
    return figure
