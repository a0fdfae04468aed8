"""Recordings on a common time axis: level and P(spoof) of two, or of one that is long."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from core.audio.excerpt import clock
from dashboard.components.markup import SHAPES, class_of
from dashboard.plots.frame import narrow
from dashboard.plots.timeline import add_segments, marking_line, timeline_trace
from dashboard.theme import Palette, figure_layout, palette

if TYPE_CHECKING:
    from core.overview import Overview

__all__ = ["overview_figure"]

_ROW_PX, _FOOT_PX = 150, 40
# Shares of a recording's own room, from the top: its name, its level, its P(spoof).
_NAME, _LEVEL, _SCORES = 0.17, 0.25, 0.5
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900)
_TICKS, _FEW_TICKS = 12, 6
# Letters of a name over a figure of full width, and of a phone's.
_LONG, _SHORT = 70, 26


def overview_figure(recordings: Sequence["Overview"], *, dark: bool) -> go.Figure:
    """Return recordings one below the other: level and P(spoof) over time, all on the same scales.

    Parameters
    ----------
    recordings : sequence of Overview
        One or two.
    dark : bool
    """
    colours, count = palette(dark), len(recordings)
    longest_s = max(found.duration_s for found in recordings)
    peak = max(1e-9, *(float(found.level.max()) for found in recordings))
    names = ", ".join(found.name for found in recordings)
    figure = go.Figure(layout=_layout(dark, count, longest_s))
    for place, found in enumerate(recordings):
        figure.add_trace(_level(found, colours, axis=f"y{2 * place + 1}" if place else "y", peak=peak))
        if found.verdict is not None:
            _add_scores(figure, found, colours, axis=f"y{2 * place + 2}")
        _add_name(figure, found, colours, top=1 - place / count)
    figure.update_layout(uirevision=names)
    figure.layout.meta = {**(figure.layout.meta or {}), "summary": f"Level and P(spoof) over time: {names}"}
    few = {f"xaxis.{key}": value for key, value in _time_ticks(longest_s, _FEW_TICKS).items()}
    narrow(figure, layout={"margin.l": 50, "margin.r": 10, **few})
    return figure


def _layout(dark: bool, count: int, longest_s: float) -> dict[str, Any]:
    quiet = {"showgrid": False, "fixedrange": True, "automargin": False}
    axes: dict[str, Any] = {}
    for place in range(count):
        top = 1 - place / count
        low = top - (_NAME + _LEVEL) / count
        rates = low - 0.02 / count
        axes[f"yaxis{2 * place + 1}" if place else "yaxis"] = {
            **quiet, "domain": [low, top - _NAME / count], "range": [-1.05, 1.05], "tickvals": [0],
            "ticktext": ["level"],
        }  # fmt: skip
        axes[f"yaxis{2 * place + 2}"] = {
            **quiet, "domain": [rates - _SCORES / count, rates], "range": [-0.03, 1.03], "tickvals": [0, 0.5, 1],
            "ticktext": ["0", "P(spoof)", "1"], "showline": True,
        }  # fmt: skip
    return figure_layout(
        dark, height=_ROW_PX * count + _FOOT_PX, margin={"l": 62, "r": 16, "t": 4, "b": 30}, showlegend=False,
        hovermode="closest", dragmode="zoom", bargap=0.3, template="none",
        xaxis={
            "range": [0, longest_s], "anchor": f"y{2 * count}", "minallowed": 0, "maxallowed": longest_s,
            "automargin": False, **_time_ticks(longest_s, _TICKS),
        },
        **axes,
    )  # fmt: skip


def _time_ticks(longest_s: float, most: int) -> dict[str, Any]:
    step = next((each for each in _TICKS_S if longest_s / each <= most), _TICKS_S[-1])
    times = np.arange(0, longest_s + 1e-9, step).tolist()
    shown = [f"{seconds:.0f} s" for seconds in times] if longest_s < 90 else [clock(seconds) for seconds in times]
    return {"tickvals": times, "ticktext": shown}


def _level(found: "Overview", colours: Palette, *, axis: str, peak: float) -> go.Bar:
    heights = np.round(found.level / peak, 3)
    step = found.duration_s / len(heights)
    return go.Bar(
        x0=step / 2, dx=step, y=2 * heights, base=-heights, yaxis=axis, hoverinfo="skip", name="level",
        marker={"color": colours.soft, "opacity": 0.75, "line": {"width": 0}},
    )  # fmt: skip


def _add_scores(figure: go.Figure, found: "Overview", colours: Palette, *, axis: str) -> None:
    if found.track is None:
        pieces = found.pieces
        figure.add_trace(go.Scatter(
            x=[piece.start_s for piece in pieces] + [pieces[-1].end_s], yaxis=axis, mode="lines", name="panel",
            y=[piece.p_spoof for piece in pieces] + [pieces[-1].p_spoof],
            line={"shape": "hv", "width": 1.6, "color": colours.ink},
            hovertemplate="panel at %{x:.1f} s: P(spoof) %{y:.2f}<extra></extra>",
        ))  # fmt: skip
        return
    figure.add_trace(timeline_trace(found.track, colours, axis=axis))
    figure.add_shape(marking_line(found.track, colours, axis=axis))
    add_segments(figure, found.track, colours, axis=axis)


def _add_name(figure: go.Figure, found: "Overview", colours: Palette, *, top: float) -> None:
    key = class_of(found.verdict)
    relied = found.relied_p_spoof
    verdict = found.verdict or "no verdict"
    verdict = verdict if relied is None else f"{verdict}, P(spoof) {relied:.2f}"
    text = "<b>{}</b>  <span style='color:{}'>{} {}</span>"
    colour = getattr(colours, f"{key}_text")
    figure.add_annotation(
        text=text.format(_brief(found.name, _LONG), colour, SHAPES[key], verdict), xref="paper", yref="paper", x=0,
        y=top, xanchor="left", yanchor="top", showarrow=False, borderpad=0,
        font={"color": colours.ink, "size": 12.5},
    )  # fmt: skip
    at = len(figure.layout.annotations) - 1
    short = text.format(_brief(found.name, _SHORT), colour, SHAPES[key], "–" if relied is None else f"{relied:.2f}")
    narrow(figure, layout={f"annotations[{at}].text": short})


def _brief(name: str, most: int) -> str:
    """Return a file's name in a figure, whose text is HTML: its sign ``<`` begins nothing."""
    short = name if len(name) <= most else f"{name[: most // 2]}…{name[-(most // 2) :]}"
    return short.replace("&", "&amp;").replace("<", "&lt;")
