"""P(spoof) of bona fide speech along its prosodic variation."""

import numpy as np
import plotly.graph_objects as go

from core.results.prosodic import PROSODY, Trend
from dashboard.plots.frame import blank, faint, message
from dashboard.theme import palette

__all__ = ["along"]


def along(found: Trend, column: str, *, dark: bool, height: int = 320) -> go.Figure:
    """Draw mean P(spoof) of bona fide clips along a column of prosody, with its 95 % band; words without clips."""
    if not len(found.at):
        return message("Too few bona fide clips have a known value.", dark=dark, height=height)
    colour = palette(dark).accent
    figure = blank(dark, height=height, x=PROSODY[column], y="mean P(spoof) of bona fide clips", legend=False)
    some = np.isfinite(found.low)
    at, low, high = found.at[some], found.low[some].clip(0, 1), found.high[some].clip(0, 1)
    figure.add_scatter(
        x=np.concatenate([at, at[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself", mode="lines",
        line={"width": 0}, fillcolor=faint(colour), hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=found.at, y=found.mean, mode="lines+markers", line={"color": colour, "width": 2}, marker={"size": 7},
        customdata=np.stack([found.low, found.high], 1),
        hovertemplate="%{x:.2f}: P(spoof) %{y:.3f} [%{customdata[0]:.3f}, %{customdata[1]:.3f}]<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return figure
