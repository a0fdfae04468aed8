"""Figures of the tab Map: clips as a detector places them, two dimensions at a time."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.plots.frame import CLASSES, blank, message
from dashboard.theme import palette

__all__ = ["COLOURINGS", "scatter"]

#: What points may be coloured by: the words on the page, and the column that holds it.
COLOURINGS = {
    "label": "label", "P(spoof)": "p_spoof", "kind of speech or attack": "kind", "system": "system",
    "cluster": "cluster", "part of the corpus": "part",
}  # fmt: skip
_MOST = 8


def scatter(
    points: NDArray[np.floating], clips: pd.DataFrame, *, colour: str, axes: Sequence[str], dark: bool,
    chosen: str = "", height: int = 600,
) -> go.Figure:  # fmt: skip
    """Draw one point per clip: its class is its shape, its colour what was asked for.

    Parameters
    ----------
    points : ndarray [shape=(n, 2)]
    clips : DataFrame
        One row per point: path, label, system, source and the column that ``colour`` names.
    colour : str
        A column of ``clips``: label, p_spoof, kind, system, cluster or part.
    axes : sequence of str
        What the two axes are, with the share of variance where it is known.
    chosen : str
        Path of the clip that is ringed.
    dark : bool
    height : int
        In pixels.

    Returns
    -------
    Figure
        Scattergl traces whose ``customdata`` is each clip's path.
    """
    if not len(clips):
        return message("No clip to place.", dark=dark, height=height)
    c = palette(dark)
    figure = blank(dark, height=height, x=axes[0], y=axes[1])
    frame = clips.reset_index(drop=True).assign(x=points[:, 0], y=points[:, 1])
    if colour == "p_spoof":
        _continuous(figure, frame, dark)
    else:
        _discrete(figure, frame, colour, dark)
    if chosen and (hit := frame[frame["path"] == chosen]).size:
        figure.add_scattergl(
            x=hit["x"], y=hit["y"], mode="markers", name="chosen", showlegend=False, hoverinfo="skip",
            marker={"size": 18, "symbol": "circle-open", "color": c.ink, "line": {"width": 2.5, "color": c.ink}},
        )  # fmt: skip
    figure.update_xaxes(showticklabels=False, ticks="")
    figure.update_yaxes(showticklabels=False, ticks="")
    figure.update_layout(clickmode="event", dragmode="pan", hovermode="closest", uirevision="map")
    return figure


def _trace(rows: pd.DataFrame, *, name: str, marker: dict[str, object], **more: object) -> go.Scattergl:
    said = rows["system"].where(rows["label"] == "spoof", "bona fide")
    return go.Scattergl(
        x=rows["x"], y=rows["y"], mode="markers", name=name, customdata=rows["path"],
        hovertemplate="%{text}<extra></extra>", text=said + " · " + rows["source"],
        marker={"opacity": 0.8, "size": 8, **marker}, **more,
    )  # fmt: skip


def _continuous(figure: go.Figure, frame: pd.DataFrame, dark: bool) -> None:
    c = palette(dark)
    for number, (label, mark) in enumerate(CLASSES.items()):
        rows = frame[frame["label"] == label]
        scale = [[0, c.bonafide], [0.5, c.unsure], [1, c.spoof]]
        bar = {"title": {"text": "P(spoof)", "font": {"size": 12}}, "thickness": 10, "len": 0.6, "outlinewidth": 0}
        marker = {
            "symbol": mark.symbol, "color": rows["p_spoof"], "cmin": 0, "cmax": 1, "colorscale": scale,
            "showscale": number == 0, "colorbar": bar,
        }  # fmt: skip
        figure.add_trace(_trace(rows, name=f"{mark.word}, n = {len(rows)}", marker=marker))


def _discrete(figure: go.Figure, frame: pd.DataFrame, colour: str, dark: bool) -> None:
    c = palette(dark)
    groups = frame[colour].astype(str).where(frame[colour].astype(str) != "-", "bona fide")
    if colour == "cluster":
        groups = "cluster " + groups
    counts = groups.value_counts()
    # With more groups than distinct hues the rest is told apart by pointing at it, and is counted.
    rest = counts.index[_MOST:] if len(counts) > _MOST + 1 else counts.index[:0]
    groups = groups.where(~groups.isin(rest), f"{len(rest)} others")
    order = [g for g in counts.index if g not in set(rest)] + ([f"{len(rest)} others"] if len(rest) else [])
    if colour == "label":
        order = [label for label in CLASSES if label in set(order)]
    own = {"bonafide": c.bonafide, "spoof": c.spoof, "bona fide": c.bonafide, f"{len(rest)} others": c.unsure}
    hues = iter(c.series)
    for group in order:
        tint = own.get(group) or next(hues)
        shown = False
        for label, mark in CLASSES.items():
            rows = frame[(groups == group) & (frame["label"] == label)]
            if rows.empty:
                continue
            word = mark.word if colour == "label" else group
            figure.add_trace(
                _trace(
                    rows,
                    name=f"{word}, n = {int((groups == group).sum())}",
                    marker={"symbol": mark.symbol, "color": tint},
                    legendgroup=group,
                    showlegend=not shown,
                )
            )
            shown = True
