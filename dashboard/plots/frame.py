"""The ground that figures stand on: class marks, an axis of P(spoof), words where nothing is, what a phone changes."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from numpy.typing import ArrayLike, NDArray

from dashboard.theme import figure_layout, palette

__all__ = [
    "CLASSES", "P_TICKS", "UNLABELLED", "ClassMark", "blank", "faint", "llr_of", "make_default", "mark_of", "message",
    "narrow", "p_spoof_axis",
    "row_height", "wrapped",
]  # fmt: skip

#: Probabilities of spoof at which an axis of log-likelihood ratios is labelled; in a narrow frame the fewer.
P_TICKS = (0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)
_P_TICKS_NARROW = (0.01, 0.5, 0.99)
_TEMPLATE = "spoofscope"
# Letters of a line that fit a phone's screen.
_LINE = 42


@dataclass(frozen=True)
class ClassMark:
    """How a class is told apart without its colour: a word, a marker's shape, and that shape as a letter."""

    word: str
    symbol: str
    glyph: str


CLASSES = {"bonafide": ClassMark("bona fide", "square", "■"), "spoof": ClassMark("spoof", "circle", "●")}
UNLABELLED = ClassMark("no label", "diamond", "◇")


def mark_of(label: str) -> ClassMark:
    """Return how a label is told apart; whatever names no class is *no label*."""
    return CLASSES.get(label, UNLABELLED)


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
        Whether one is shown, above the plot, beside the tools that appear there under the mouse.
    """
    layout = figure_layout(
        dark, height=height, showlegend=legend, margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis={"title": {"text": x, "standoff": 8}}, yaxis={"title": {"text": y, "standoff": 8}},
        modebar={"remove": ["lasso2d", "select2d", "autoScale2d", "zoomIn2d", "zoomOut2d"]},
    )  # fmt: skip
    return go.Figure(layout={"template": "none", "autosize": True, **layout})


def faint(colour: str, opacity: float = 0.25) -> str:
    """Return a colour (``#rrggbb``) that lets shine through what lies below."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def make_default() -> None:
    """Make the page's colours and type what a figure of Plotly has that asks for nothing else.

    Without it a new view would come out in Plotly's blue and red. A figure cannot know by itself whether the page is
    dark: as ``blank`` gets it.
    """
    pio.templates[_TEMPLATE] = go.layout.Template(layout=figure_layout(False))
    pio.templates.default = _TEMPLATE


def narrow(
    figure: go.Figure, *, layout: Mapping[str, Any] | None = None, traces: Mapping[str, Any] | None = None
) -> None:
    """Note what a figure changes where its frame is narrow, as on a phone; ``static/figures.js`` applies it there.

    Parameters
    ----------
    figure : Figure
        Changed in place.
    layout, traces : mapping, optional
        Settings as ``Plotly.update`` takes them, such as ``{"margin.r": 8}``; those of ``traces`` go to every trace.
    """
    meta = dict(figure.layout.meta or {})
    known = meta.get("narrow", {})
    meta["narrow"] = {
        "layout": {**known.get("layout", {}), **(layout or {})},
        "traces": {**known.get("traces", {}), **(traces or {})},
    }
    figure.layout.meta = meta


def wrapped(text: str) -> str:
    """Return a sentence in lines that fit a phone, as Plotly breaks them."""
    return "<br>".join(textwrap.wrap(text, _LINE))


def message(text: str, *, dark: bool, height: int) -> go.Figure:
    """Return a figure of the same size that says in words why there is nothing to draw."""
    figure = blank(dark, height=height, legend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=text,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
        font={"color": palette(dark).soft},
    )
    narrow(figure, layout={"annotations[0].text": wrapped(text)})
    return figure


def p_spoof_axis(figure: go.Figure, low: float, high: float) -> None:
    """Label the horizontal axis of log-likelihood ratios with P(spoof): ``high`` at the left, spoof to the right."""
    figure.update_xaxes(range=[high, low], title_text="P(spoof), spaced by log-odds", **_ticks(P_TICKS))
    few = {f"xaxis.{key}": value for key, value in _ticks(_P_TICKS_NARROW).items()}
    narrow(figure, layout={**few, "xaxis.tickangle": 0, "xaxis.title.text": "P(spoof)"})


def _ticks(p_spoof: tuple[float, ...]) -> dict[str, list[Any]]:
    return {"tickvals": [float(v) for v in llr_of(p_spoof)], "ticktext": [f"{p:g}" for p in p_spoof]}
