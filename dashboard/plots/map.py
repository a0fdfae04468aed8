"""Figures of the tab Map: clips as a detector places them, two dimensions at a time."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.plots.frame import CLASSES, blank, message
from dashboard.theme import palette

__all__ = ["COLOURINGS", "MOST", "groups_of", "scatter"]

#: What points may be coloured by: the words on the page, and the column that holds it.
COLOURINGS = {
    "label": "label", "P(spoof)": "p_spoof", "kind of speech or attack": "kind", "system": "system",
    "cluster": "cluster", "part of the corpus": "part",
}  # fmt: skip
#: How many groups have a hue of their own.
MOST = 8


def groups_of(clips: pd.DataFrame, colour: str) -> "pd.Series[str]":
    """Return each clip's group by a column of ``COLOURINGS``, in words."""
    groups = clips[colour].astype(str)
    return "cluster " + groups if colour == "cluster" else groups.where(groups != "-", "bona fide")


def scatter(
    points: NDArray[np.floating], clips: pd.DataFrame, *, colour: str, axes: Sequence[str], dark: bool,
    chosen: str = "", height: int = 600, wanted: Sequence[str] = (), hidden: Collection[str] = (),
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
    wanted : sequence of str
        Groups that have a hue of their own; the ``MOST`` commonest where none is named. The others are grey.
    hidden : collection of str
        Legend groups that a person has switched off.

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
        _discrete(figure, frame, colour, wanted, dark)
    figure.for_each_trace(lambda trace: trace.update(visible="legendonly"), lambda trace: trace.legendgroup in hidden)
    if chosen and (hit := frame[frame["path"] == chosen]).size:
        figure.add_scattergl(
            x=hit["x"], y=hit["y"], mode="markers", name="chosen", showlegend=False, hoverinfo="skip",
            marker={"size": 18, "symbol": "circle-open", "color": c.ink, "line": {"width": 2.5, "color": c.ink}},
        )  # fmt: skip
    figure.update_xaxes(showticklabels=False, ticks="")
    figure.update_yaxes(showticklabels=False, ticks="")
    figure.update_layout(clickmode="event", dragmode="pan", hovermode="closest", uirevision="map")
    return figure


def _trace(rows: pd.DataFrame, *, name: str, marker: Mapping[str, object], **more: object) -> go.Scattergl:
    maker = rows["system"].where(rows["label"] == "spoof", "bona fide")
    return go.Scattergl(
        x=rows["x"], y=rows["y"], mode="markers", name=name, customdata=rows["path"],
        hovertemplate="%{text}<extra></extra>", text=maker + " · " + rows["source"],
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
        figure.add_trace(_trace(rows, name=f"{mark.word}, n = {len(rows)}", marker=marker, legendgroup=label))


def _discrete(figure: go.Figure, frame: pd.DataFrame, colour: str, wanted: Sequence[str], dark: bool) -> None:
    groups = groups_of(frame, colour)
    tints = _tints(groups, wanted, dark)
    rest = [group for group in groups.unique() if group not in tints]
    others = rest[0] if len(rest) == 1 else f"{len(rest)} others"
    groups = groups.where(groups.isin(list(tints)), others)
    for group, tint in [*tints.items(), *([(others, palette(dark).unsure)] if rest else [])]:
        rows, shown = frame[groups == group], False
        for label, mark in CLASSES.items():
            of_class = rows[rows["label"] == label]
            if of_class.empty:
                continue
            name = f"{mark.word if colour == 'label' else group}, n = {len(rows)}"
            marker = {"symbol": mark.symbol, "color": tint}
            figure.add_trace(_trace(of_class, name=name, marker=marker, legendgroup=group, showlegend=not shown))
            shown = True


def _tints(groups: "pd.Series[str]", wanted: Sequence[str], dark: bool) -> dict[str, str]:
    """Return the groups that have a colour of their own, the wanted or the commonest ones, and the colour."""
    c, counts = palette(dark), groups.value_counts()
    own = {"bonafide": c.bonafide, "spoof": c.spoof, "bona fide": c.bonafide}
    known = [group for group in (wanted or counts.index) if group in counts.index]
    hued = [group for group in known if group not in own][:MOST]
    hues = dict(zip(hued, c.series, strict=False))
    # The classes first, in their own order, then the groups from the largest.
    order = [*(label for label in CLASSES if label in counts.index), *(g for g in counts.index if g not in CLASSES)]
    return {group: tint for group in order if (tint := own.get(group) or hues.get(group))}
