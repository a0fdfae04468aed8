"""Figures of the tab Map: clips as a detector places them, as points or, where they are many, as densities."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.regions import Window
from core.results.colouring import Groups, Scale
from dashboard.plots.frame import CLASSES, UNLABELLED, blank, message
from dashboard.theme import Palette, palette

__all__ = ["CHOSEN", "MOST", "MOST_POINTS", "WRONG", "Cloud", "Marked", "hues_of", "is_dense", "map_figure", "word_of"]

#: How many groups have a hue of their own.
MOST = 8
#: Points that a figure draws; of more it draws the density.
MOST_POINTS = 50_000
#: Points that carry words for the mouse: more would be heavier than the points.
_MOST_WORDED = 20_000
_CELLS = 128
_FADED = 0.07
#: The legend group of the clips that the detector calls wrongly.
WRONG = "called wrongly"
#: The trace of the clip that is ringed.
CHOSEN = "chosen"
_DRAGS = ("lasso", "select", "zoom", "pan")


@dataclass(frozen=True)
class Marked:
    """A place that is marked and named: a chosen clip, or a recording that is not of the run."""

    x: float
    y: float
    name: str
    symbol: str = "circle-open"


@dataclass(frozen=True, eq=False)
class Cloud:
    """What is drawn.

    Attributes
    ----------
    plane : ndarray [shape=(n, 2), float32]
    axes : tuple of str
    real, fake : ndarray of bool [shape=(n,)]
        A clip may be neither.
    colours : Groups or Scale
    column : str
        What the colours stand for.
    wrong : ndarray of bool [shape=(n,)]
        Clips that are emphasised.
    selected : ndarray of bool [shape=(n,)] or None
        Those that stand out while the others fade; None where nothing is selected.
    words : ndarray of str [shape=(n,)] or None
        What the mouse shows of each.
    marked : sequence of Marked
    """

    plane: NDArray[np.float32]
    axes: tuple[str, str]
    real: NDArray[np.bool_]
    fake: NDArray[np.bool_]
    colours: Groups | Scale
    column: str
    wrong: NDArray[np.bool_]
    selected: NDArray[np.bool_] | None = None
    words: NDArray[np.object_] | None = None
    marked: Sequence[Marked] = field(default_factory=tuple)

    def shapes(self, at: NDArray[np.intp]) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Yield the marker of each class, and which of the clips have it."""
        for symbol, own in (
            (CLASSES["bonafide"].symbol, self.real), (CLASSES["spoof"].symbol, self.fake),
            (UNLABELLED.symbol, ~(self.real | self.fake)),
        ):  # fmt: skip
            if len(mine := at[own[at]]):
                yield symbol, mine


def word_of(name: str, column: str) -> str:
    """Return a value of a column as the page writes it."""
    if column == "label":
        return CLASSES[name].word if name in CLASSES else UNLABELLED.word if name in ("-", "") else name
    return "bona fide" if name == "-" and column == "system" else name


def is_dense(plane: NDArray[np.float32], window: Window | None) -> bool:
    """Return whether a window of a map (None: all of it) holds more clips than are drawn as points."""
    if len(plane) <= MOST_POINTS:
        return False
    return window is None or int(window.holds(plane).sum()) > MOST_POINTS


def map_figure(
    cloud: Cloud, *, dark: bool, height: int, window: Window | None = None, drag: str = "lasso",
    wanted: Sequence[str] = (), hidden: Collection[str] = (),
) -> go.Figure:  # fmt: skip
    """Draw clips: the class is the shape, the colour what was asked for.

    Parameters
    ----------
    cloud : Cloud
    dark : bool
    height : int
        In pixels.
    window : Window, optional
        The part of the map that is shown; all of it when not given.
    drag : str
        What dragging does: "lasso", "select" (a box), "zoom" or "pan".
    wanted : sequence of str
        Groups that have a hue of their own; the ``MOST`` commonest where none is named. The others are grey.
    hidden : collection of str
        Legend groups that a person has switched off.

    Returns
    -------
    Figure
        Scattergl traces whose ``customdata`` is each clip's position; with more than ``MOST_POINTS`` clips in the
        window, heatmaps of how many lie in each cell.
    """
    if not len(cloud.plane):
        return message("No clip to place.", dark=dark, height=height)
    figure = blank(dark, height=height, x=cloud.axes[0], y=cloud.axes[1])
    at = np.arange(len(cloud.plane)) if window is None else np.flatnonzero(window.holds(cloud.plane))
    if is_dense(cloud.plane, window):
        _densities(figure, cloud, at, window, wanted, dark)
    else:
        _points(figure, cloud, at if len(cloud.plane) > MOST_POINTS else np.arange(len(cloud.plane)), wanted, dark)
    figure.for_each_trace(lambda trace: trace.update(visible="legendonly"), lambda trace: trace.legendgroup in hidden)
    for mark in cloud.marked:
        _mark(figure, mark, palette(dark))
    figure.update_xaxes(showticklabels=False, ticks="", range=window and [window.left, window.right])
    figure.update_yaxes(showticklabels=False, ticks="", range=window and [window.bottom, window.top])
    figure.update_layout(
        clickmode="event", dragmode=drag if drag in _DRAGS else "lasso", hovermode="closest",
        modebar={"remove": ["autoScale2d", "zoomIn2d", "zoomOut2d"], "orientation": "v"},
        newselection={"line": {"color": palette(dark).ink, "width": 1.5}},
    )  # fmt: skip
    return figure


# Points.


def _points(figure: go.Figure, cloud: Cloud, at: NDArray[np.intp], wanted: Sequence[str], dark: bool) -> None:
    size = 8.0 if len(at) <= 3_000 else 5.0 if len(at) <= 20_000 else 3.5
    if isinstance(cloud.colours, Scale):
        _scaled_points(figure, cloud, at, size, dark)
    else:
        _grouped_points(figure, cloud, cloud.colours, at, size, wanted, dark)
    wrong = at[cloud.wrong[at]]
    if len(wrong):
        ring = {"symbol": "circle-open", "size": size + 5, "color": palette(dark).ink, "line": {"width": 1.4}}
        _trace(figure, cloud, wrong, name=f"{WRONG}, n = {len(wrong):,}", group=WRONG, marker=ring)


def _scaled_points(figure: go.Figure, cloud: Cloud, at: NDArray[np.intp], size: float, dark: bool) -> None:
    scale = cloud.colours
    assert isinstance(scale, Scale)
    for number, (symbol, mine) in enumerate(cloud.shapes(at)):
        marker = {
            "symbol": symbol, "size": size, "color": scale.values[mine], "cmin": scale.low, "cmax": scale.high,
            "colorscale": _colour_scale(cloud.column, dark), "showscale": number == 0,
            "colorbar": _bar(cloud.column),
        }  # fmt: skip
        word = _shape_word(symbol)
        _trace(figure, cloud, mine, name=f"{word}, n = {len(mine):,}", group=word, marker=marker)


def _grouped_points(
    figure: go.Figure, cloud: Cloud, groups: Groups, at: NDArray[np.intp], size: float, wanted: Sequence[str],
    dark: bool,
) -> None:  # fmt: skip
    for name, codes, tint in hues_of(groups, cloud.column, wanted, dark):
        of_group = at[np.isin(groups.codes[at], codes)]
        for number, (symbol, mine) in enumerate(cloud.shapes(of_group)):
            _trace(
                figure, cloud, mine, name=f"{name}, n = {len(of_group):,}", group=name, legend=number == 0,
                marker={"symbol": symbol, "size": size, "color": tint},
            )  # fmt: skip


def _trace(
    figure: go.Figure, cloud: Cloud, at: NDArray[np.intp], *, name: str, group: str, marker: dict[str, object],
    legend: bool = True,
) -> None:  # fmt: skip
    worded = cloud.words is not None and len(cloud.plane) <= _MOST_WORDED
    chosen = None if cloud.selected is None else np.flatnonzero(cloud.selected[at]).tolist()
    figure.add_scattergl(
        x=cloud.plane[at, 0], y=cloud.plane[at, 1], mode="markers", name=name, legendgroup=group, showlegend=legend,
        customdata=at.astype(np.int32), selectedpoints=chosen, unselected={"marker": {"opacity": _FADED}},
        text=cloud.words[at] if worded and cloud.words is not None else None,
        hovertemplate=("%{text}" if worded else group) + "<extra></extra>", marker={"opacity": 0.8, **marker},
    )  # fmt: skip


def _mark(figure: go.Figure, mark: Marked, c: Palette) -> None:
    figure.add_scattergl(
        x=[mark.x], y=[mark.y], mode="markers+text", name=mark.name, showlegend=False, hoverinfo="skip",
        text=["" if mark.name == CHOSEN else mark.name], textposition="top center", legendgroup="marked",
        marker={"size": 18, "symbol": mark.symbol, "color": c.ink, "line": {"width": 2.5, "color": c.ink}},
    )  # fmt: skip


# Densities.


def _densities(
    figure: go.Figure, cloud: Cloud, at: NDArray[np.intp], window: Window | None, wanted: Sequence[str], dark: bool
) -> None:
    """Draw how many clips lie in each cell, a layer a group; for numbers, their mean in each cell."""
    grid = _Grid.over(cloud.plane[at] if window is None else None, window)
    bright = at if cloud.selected is None else at[cloud.selected[at]]
    if cloud.selected is not None:
        faded = grid.counts(cloud.plane[at])
        _layer(figure, grid, faded, name=f"not selected, n = {len(at) - len(bright):,}", tint=palette(dark).unsure,
               most=3.0)  # fmt: skip
    if isinstance(cloud.colours, Scale):
        _mean_layer(figure, grid, cloud, bright, dark)
    else:
        groups = cloud.colours
        for name, codes, tint in hues_of(groups, cloud.column, wanted, dark):
            mine = bright[np.isin(groups.codes[bright], codes)]
            counts = grid.counts(cloud.plane[mine])
            _layer(figure, grid, counts, name=f"{name}, n = {len(mine):,}", tint=tint, group=name)
    wrong = bright[cloud.wrong[bright]]
    counts = grid.counts(cloud.plane[wrong])
    _layer(figure, grid, counts, name=f"{WRONG}, n = {len(wrong):,}", tint=palette(dark).ink, hidden=True)
    # Without points Plotly has nothing to draw a lasso around.
    figure.add_scattergl(
        x=[grid.left], y=[grid.bottom], mode="markers", marker={"opacity": 0}, hoverinfo="skip", showlegend=False,
        legendgroup="corner",
    )  # fmt: skip


@dataclass(frozen=True)
class _Grid:
    """Cells of a map: the lower left corner, and how wide and high each is."""

    left: float
    bottom: float
    dx: float
    dy: float

    @classmethod
    def over(cls, plane: NDArray[np.float32] | None, window: Window | None) -> "_Grid":
        if window is not None:
            left, right, bottom, top = window
        else:
            assert plane is not None
            # Axis by axis: both at once takes ten times as long.
            left, bottom = (float(values.min()) for values in plane.T)
            right, top = (float(values.max()) for values in plane.T)
        return cls(left, bottom, (right - left) / _CELLS or 1.0, (top - bottom) / _CELLS or 1.0)

    def cells(self, plane: NDArray[np.float32]) -> NDArray[np.int64]:
        column = np.clip(((plane[:, 0] - self.left) / self.dx).astype(np.int64), 0, _CELLS - 1)
        row = np.clip(((plane[:, 1] - self.bottom) / self.dy).astype(np.int64), 0, _CELLS - 1)
        return row * _CELLS + column

    def counts(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.bincount(self.cells(plane), minlength=_CELLS * _CELLS)
        return found.reshape(_CELLS, _CELLS).astype(np.float32)

    @property
    def axes(self) -> dict[str, float]:
        return {"x0": self.left + self.dx / 2, "dx": self.dx, "y0": self.bottom + self.dy / 2, "dy": self.dy}


def _layer(
    figure: go.Figure, grid: _Grid, counts: NDArray[np.float32], *, name: str, tint: str, group: str = "",
    most: float = 1.0, hidden: bool = False,
) -> None:  # fmt: skip
    if not counts.any():
        return
    shades = np.where(counts > 0, np.log1p(counts), np.nan).astype(np.float32)
    figure.add_heatmap(
        z=shades, **grid.axes, customdata=counts, name=name, legendgroup=group or name, showlegend=True,
        showscale=False, colorscale=[[0, _clear(tint, 0.12)], [1, _clear(tint, 0.9)]], zmin=0,
        zmax=float(np.nanmax(shades)) * most, hovertemplate=f"{group or name}: %{{customdata:,}} clips<extra></extra>",
        visible="legendonly" if hidden else True,
    )  # fmt: skip


def _mean_layer(figure: go.Figure, grid: _Grid, cloud: Cloud, at: NDArray[np.intp], dark: bool) -> None:
    scale = cloud.colours
    assert isinstance(scale, Scale)
    known = at[np.isfinite(scale.values[at])]
    cells = grid.cells(cloud.plane[known])
    counts = np.bincount(cells, minlength=_CELLS * _CELLS)
    sums = np.bincount(cells, scale.values[known].astype(np.float64), minlength=_CELLS * _CELLS)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32).reshape(_CELLS, _CELLS)
    figure.add_heatmap(
        z=means, **grid.axes, customdata=counts.reshape(_CELLS, _CELLS).astype(np.float32), zmin=scale.low,
        zmax=scale.high, name=f"mean {cloud.column}", legendgroup="mean", colorbar=_bar(f"mean {cloud.column}"),
        colorscale=_colour_scale(cloud.column, dark),
        hovertemplate=f"mean {cloud.column} %{{z:.2f}} of %{{customdata:,}} clips<extra></extra>",
    )  # fmt: skip


# Colours.


def hues_of(
    groups: Groups, column: str, wanted: Sequence[str], dark: bool
) -> Iterator[tuple[str, list[int], str]]:  # fmt: skip
    """Yield the groups that have a colour of their own, and at last the others together: name, codes, colour."""
    c, words = palette(dark), [word_of(name, column) for name in groups.names]
    own = {"bona fide": c.bonafide, "spoof": c.spoof}
    hued = [word for word in (wanted or words) if word in words and word not in own][:MOST]
    hues = {**dict(zip(hued, c.series, strict=False)), **{word: own[word] for word in own if word in words}}
    rest = [code for code, word in enumerate(words) if word not in hues]
    # The classes first, in their own order, then the groups from the largest.
    order = [*(word for word in own if word in words), *(word for word in words if word in hues and word not in own)]
    for word in order:
        yield word, [words.index(word)], hues[word]
    if rest:
        yield words[rest[0]] if len(rest) == 1 else f"{len(rest)} others", rest, c.unsure


def _shape_word(symbol: str) -> str:
    return next((mark.word for mark in CLASSES.values() if mark.symbol == symbol), UNLABELLED.word)


def _colour_scale(column: str, dark: bool) -> list[list[object]]:
    c = palette(dark)
    if column == "P(spoof)":
        return [[0, c.bonafide], [0.5, c.unsure], [1, c.spoof]]
    return [[0, c.line], [0.5, c.accent], [1, c.ink]]


def _bar(title: str) -> dict[str, object]:
    return {"title": {"text": title, "font": {"size": 12}}, "thickness": 10, "len": 0.6, "outlinewidth": 0}


def _clear(tint: str, opacity: float) -> str:
    red, green, blue = (int(tint[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
