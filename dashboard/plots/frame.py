"""The ground that figures of the reference run stand on: class marks, an axis of P(spoof), words where nothing is."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from dashboard.theme import figure_layout, palette

__all__ = ["CLASSES", "P_TICKS", "ClassMark", "blank", "llr_of", "message", "p_spoof_axis", "row_height"]

#: Probabilities of spoof at which an axis of log-likelihood ratios is labelled.
P_TICKS = (0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)


@dataclass(frozen=True)
class ClassMark:
    """How a class is told apart without its colour: a word, a marker's shape, and that shape as a letter."""

    word: str
    symbol: str
    glyph: str


CLASSES = {"bonafide": ClassMark("bona fide", "square", "■"), "spoof": ClassMark("spoof", "circle", "●")}


def row_height(rows: int, *, all_px: int, least_px: int, most_px: int) -> int:
    """Return the height of each row, in pixels, so that many share ``all_px`` and few are not stretched."""
    return max(least_px, min(most_px, all_px // max(rows, 1)))


def llr_of(p_spoof: ArrayLike) -> NDArray[np.float64]:
    """Return the log-likelihood ratio (bona fide against spoof) at which P(spoof) has these values."""
    p = np.clip(np.asarray(p_spoof, dtype=float), 1e-12, 1 - 1e-12)
    return np.log((1 - p) / p)


def blank(dark: bool, *, height: int, x: str = "", y: str = "", legend: bool = True) -> go.Figure:
    """Return an empty figure with the page's fonts, colours and axes.

    Parameters
    ----------
    dark : bool
    height : int
        In pixels; the width is the container's.
    x, y : str
        Axis titles, with their units.
    legend : bool
        Whether one is shown, above the plot.
    """
    layout = figure_layout(
        dark, height=height, showlegend=legend, margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis={"title": {"text": x, "standoff": 8}}, yaxis={"title": {"text": y, "standoff": 8}},
        modebar={"remove": ["lasso2d", "select2d", "autoScale2d", "zoomIn2d", "zoomOut2d"]},
    )  # fmt: skip
    return go.Figure(layout={"template": "none", "autosize": True, **layout})


def message(text: str, *, dark: bool, height: int) -> go.Figure:
    """Return a figure of the same size that says in words why there is nothing to draw."""
    figure = blank(dark, height=height, legend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"color": palette(dark).soft}
    )
    return figure


def p_spoof_axis(figure: go.Figure, low: float, high: float) -> None:
    """Label the horizontal axis of log-likelihood ratios with P(spoof): ``high`` at the left, spoof to the right."""
    figure.update_xaxes(
        tickvals=[float(v) for v in llr_of(P_TICKS)], ticktext=[f"{p:g}" for p in P_TICKS], range=[high, low],
        title_text="P(spoof), spaced by log-odds",
    )  # fmt: skip
