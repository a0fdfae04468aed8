"""Figures of the tab Scores: where each class lies, and all detectors at once."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.density import counts_between, density, quantile_curve
from core.analysis.sorted_scores import SortedScores
from dashboard.plots.frame import blank, faint, mark_of, message, p_spoof_axis, row_height
from dashboard.theme import palette

__all__ = ["DENSITY", "ECDF", "HISTOGRAM", "SHAPES", "distribution", "overview", "overview_height"]

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

HISTOGRAM, DENSITY, ECDF = "histogram", "density", "cumulative"
#: The ways to draw how scores are spread.
SHAPES = (HISTOGRAM, DENSITY, ECDF)
_AXES = {HISTOGRAM: "share of the class, %", DENSITY: "density per unit of log-odds", ECDF: "share up to here, %"}
_HEIGHT, _GRID = 320, 256
_FURTHEST = 9.0
# Length of a mean's line and of the tallest density, where two detectors lie 1 apart.
_MEAN, _SPREAD = 0.3, 0.46


def _limits(*scores: NDArray[np.float64]) -> tuple[float, float]:
    """Return a range of log-likelihood ratios that holds all but the furthest half per cent of each, and P = 0.5.

    It ends where P(spoof) has long become 0.000 or 1.000: what lies beyond would only press the rest together. The
    scores are ascending.
    """
    there = [each for each in scores if len(each)]
    low = min(float(each[int(0.005 * (len(each) - 1))]) for each in there)
    high = max(float(each[math.ceil(0.995 * (len(each) - 1))]) for each in there)
    low, high = max(low, -_FURTHEST), min(high, _FURTHEST)
    room = 0.04 * max(high - low, 1.0)
    return min(low - room, -1.0), max(high + room, 1.0)


def distribution(
    scores: SortedScores, *, threshold: float, dark: bool, shape: str = SHAPES[0],
    unlabelled: NDArray[np.float64] | None = None,
) -> go.Figure:  # fmt: skip
    """Draw how each class is spread over P(spoof), and the threshold between the two answers.

    Parameters
    ----------
    scores : SortedScores
        Log-likelihood ratios; higher = more bona fide. Scores beyond the axis are counted at its end.
    threshold : float
        A log-likelihood ratio: scores below it are called spoof.
    dark : bool
    shape : str
        One of ``SHAPES``.
    unlabelled : ndarray, optional
        Scores of clips of neither class, ascending.

    Returns
    -------
    Figure
        Each bar or point carries its P(spoof) as ``customdata``, so that a click can move the threshold.
    """
    classes = {"bonafide": scores.real, "spoof": scores.fake}
    if unlabelled is not None and len(unlabelled):
        classes["unsure"] = unlabelled
    if not sum(map(len, classes.values())):
        return message("No clip in this slice.", dark=dark, height=_HEIGHT)
    low, high = _limits(*classes.values())
    figure = blank(dark, height=_HEIGHT, y=_AXES[shape])
    p_spoof_axis(figure, low, high)
    draw = {HISTOGRAM: _bars, DENSITY: _density, ECDF: _ecdf}[shape]
    for label, values in classes.items():
        if len(values) or (label != "unsure" and (len(scores.real) or len(scores.fake))):
            draw(figure, label, values, (low, high), dark)
    figure.update_layout(barmode="overlay", bargap=0, hovermode="x", clickmode="event", dragmode=False)
    tallest = max((float(np.max(trace.y)) for trace in figure.data if len(trace.y)), default=1.0)
    figure.update_yaxes(range=[0, 1.15 * tallest])
    _mark_threshold(figure, threshold, (low, high), dark)
    return figure


def _named(label: str, values: NDArray[np.float64]) -> str:
    return f"{_word(label)}, n = {len(values):,}"


def _word(label: str) -> str:
    mark = mark_of(label)
    return f"{mark.glyph} {mark.word}"


def _bars(
    figure: go.Figure, label: str, values: NDArray[np.float64], limits: tuple[float, float], dark: bool
) -> None:
    edges = np.linspace(*limits, 61)
    centres, counts = (edges[1:] + edges[:-1]) / 2, counts_between(values, edges)
    colour = getattr(palette(dark), label)
    figure.add_bar(
        x=centres, y=100 * counts / max(len(values), 1), width=edges[1] - edges[0], name=_named(label, values),
        marker={"color": colour, "opacity": 0.55, "line": {"width": 0},
                "pattern": {"shape": "/" if label == "spoof" else "", "size": 5, "solidity": 0.35,
                            "fgcolor": colour, "bgcolor": "rgba(0,0,0,0)" if label == "spoof" else colour}},
        customdata=p_spoof(centres).tolist(), text=counts, textposition="none",
        hovertemplate="P(spoof) %{customdata:.3f}: %{text} clips<extra>%{fullData.name}</extra>",
    )  # fmt: skip


def _density(
    figure: go.Figure, label: str, values: NDArray[np.float64], limits: tuple[float, float], dark: bool
) -> None:
    grid = np.linspace(*limits, _GRID)
    _line(figure, label, values, grid, density(values, grid), dark, "P(spoof) %{customdata:.3f}")
    figure.data[-1].update(fill="tozeroy", fillcolor=faint(getattr(palette(dark), label)))


def _ecdf(
    figure: go.Figure, label: str, values: NDArray[np.float64], limits: tuple[float, float], dark: bool
) -> None:
    at, share = quantile_curve(values)
    # From the left, as the axis runs: the share of clips that are at most so much like a spoof.
    beyond = 100 * (1 - share + 1 / max(len(values), 1))
    words = "%{y:.1f} % up to P(spoof) %{customdata:.3f}"
    _line(figure, label, values, np.clip(at, *limits), beyond, dark, words)
    figure.data[-1].update(line_shape="hv")


def _line(
    figure: go.Figure, label: str, values: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64],
    dark: bool, words: str,
) -> None:  # fmt: skip
    figure.add_scatter(
        x=x, y=y, mode="lines", name=_named(label, values), customdata=p_spoof(x).tolist(),
        line={"color": getattr(palette(dark), label), "width": 2, "dash": "dash" if label == "spoof" else "solid"},
        hovertemplate=f"{words}<extra>%{{fullData.name}}</extra>",
    )  # fmt: skip


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


def overview(
    scores: Mapping[str, Pair], *, chosen: str, dark: bool,
    unlabelled: Mapping[str, NDArray[np.float64]] | None = None,
) -> go.Figure:  # fmt: skip
    """Draw all detectors one under the other: bona fide above each line, spoof below it.

    Parameters
    ----------
    scores : mapping of str to (array, array)
        Per detector the log-likelihood ratios of its bona fide and its spoofed clips, ascending.
    chosen : str
        The detector looked at; its name is set in bold.
    dark : bool
    unlabelled : mapping of str to ndarray, optional
        Per detector the scores of clips without a label, ascending: where no clip has one, they are drawn instead.
    """
    height = overview_height(len(scores))
    sides = [("bonafide", 1), ("spoof", -1)] if unlabelled is None else [("unsure", 1)]
    drawn = dict(scores) if unlabelled is None else {name: (values,) for name, values in unlabelled.items()}
    if not any(len(part) for parts in drawn.values() for part in parts):
        return message("No clip in this slice.", dark=dark, height=height)
    c = palette(dark)
    low, high = _limits(*(part for parts in drawn.values() for part in parts))
    figure = blank(dark, height=height)
    p_spoof_axis(figure, low, high)
    grid = np.linspace(low, high, _GRID)
    for row, parts in enumerate(drawn.values()):
        curves = [density(values, grid) for values in parts]
        tallest = max(float(curve.max()) for curve in curves) or 1.0
        for (label, side), curve in zip(sides, curves, strict=True):
            colour = getattr(c, label)
            figure.add_scatter(
                x=np.concatenate([grid, grid[::-1]]), fill="toself", mode="lines", hoverinfo="skip",
                y=np.concatenate([-row + side * _SPREAD * curve / tallest, np.full(_GRID, -float(row))]),
                line={"color": colour, "width": 1}, fillcolor=faint(colour, 0.6), showlegend=row == 0,
                name=_word(label), legendgroup=label,
            )  # fmt: skip
    _mark_means(figure, list(drawn.values()), sides, (low, high), dark)
    names = [f"<b>{name}</b>" if name == chosen else name for name in scores]
    figure.update_yaxes(
        tickvals=[-row for row in range(len(names))], ticktext=names, showgrid=True, tickfont={"size": 12}
    )
    figure.add_vline(x=0, line={"color": c.soft, "width": 1, "dash": "dash"})
    return figure


def _mark_means(
    figure: go.Figure, drawn: Sequence[Sequence[NDArray[np.float64]]], sides: Sequence[tuple[str, int]],
    limits: tuple[float, float], dark: bool,
) -> None:  # fmt: skip
    """Draw a short line at the mean of each class, above and below the detector's own line."""
    found = [
        (row, side, float(np.clip(np.mean(values), *limits)))
        for row, parts in enumerate(drawn)
        for (_, side), values in zip(sides, parts, strict=True)
        if len(values)
    ]
    c = palette(dark)
    figure.add_scatter(
        x=[x for _, _, at in found for x in (at, at, None)],
        y=[y for row, side, _ in found for y in (-row, -row + side * _MEAN, None)], mode="lines", name="mean",
        line={"color": c.ink, "width": 2.5}, hoverinfo="skip",
    )  # fmt: skip
