"""P(spoof) every few milliseconds, and the segments that are marked, in the clip's figure."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from dashboard.theme import Palette

if TYPE_CHECKING:
    from core.timeline.track import Timeline

__all__ = ["add_segments", "marking_line", "timeline_trace"]

# More than a figure has pixels: of a longer recording each point is the highest of its steps.
_POINTS = 1500
# Of the clip; a number in a narrower box would hide it.
_NUMBERED = 0.02


def timeline_trace(track: "Timeline", colours: Palette, *, axis: str) -> go.Scatter:
    """Return P(spoof) over time as a line of steps; where nothing is scored it has a gap."""
    values, step_s = _pooled(track.p_spoof, track.hop_s)
    return go.Scatter(
        x0=0, dx=round(step_s, 6), y=[None if np.isnan(value) else round(float(value), 3) for value in values],
        yaxis=axis, mode="lines", name="timeline", line={"shape": "hv", "width": 1.3, "color": colours.ink},
        hovertemplate=f"{track.detector} at %{{x:.2f}} s: P(spoof) %{{y:.2f}}<extra></extra>",
    )  # fmt: skip


def _pooled(values: NDArray[np.float64], hop_s: float) -> tuple[NDArray[np.float64], float]:
    """Return the highest of each few values, and how long those are; NaN only where all are."""
    few = -(-len(values) // _POINTS)
    if few <= 1:
        return values, hop_s
    filled = np.concatenate([values, np.full(-len(values) % few, np.nan)]).reshape(-1, few)
    highest = np.where(np.isnan(filled), -np.inf, filled).max(axis=1)
    return np.where(np.isinf(highest), np.nan, highest), few * hop_s


def marking_line(track: "Timeline", colours: Palette, *, axis: str) -> dict[str, object]:
    """Return the line above which a segment is marked."""
    limit = float(p_spoof(track.rule.mark_below))
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": limit, "y1": limit, "layer": "below",
        "line": {"color": colours.partly, "width": 1, "dash": "4px,3px"},
    }  # fmt: skip


def add_segments(figure: go.Figure, track: "Timeline", colours: Palette, *, axis: str) -> None:
    """Draw each marked segment as a box with its number, as the buttons below the figure have it."""
    for number, segment in enumerate(track.segments, 1):
        figure.add_shape(
            type="rect", xref="x", yref=axis, x0=segment.start_s, x1=segment.end_s, y0=-0.03, y1=1.03,
            fillcolor=_faint(colours.partly), line={"color": colours.partly, "width": 1.5}, name="segment",
        )  # fmt: skip
        if segment.end_s - segment.start_s >= _NUMBERED * track.duration_s:
            figure.add_annotation(
                xref="x", yref=axis, x=segment.start_s, y=1.03, xanchor="left", yanchor="top", showarrow=False,
                text=f"<b>{number}</b>", bgcolor=colours.partly_text, borderpad=1,
                font={"color": colours.card, "size": 10.5},
            )  # fmt: skip


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"
