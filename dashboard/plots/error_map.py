"""What an autoencoder cannot rebuild of one clip: its error over time and cepstral coefficient."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from dashboard.plots.frame import narrow
from dashboard.theme import figure_layout, palette

if TYPE_CHECKING:
    from core.usecases import Reconstruction

__all__ = ["error_map"]

_HEIGHT = 232


def error_map(rebuilt: "Reconstruction", *, dark: bool) -> go.Figure:
    """Return what an autoencoder could not rebuild: squared error over time and cepstral coefficient.

    The vertical axis counts coefficients, not hertz: cepstra have no frequency axis.
    """
    colours = palette(dark)
    error = rebuilt.error
    bins, frames = error.shape
    factor = max(1, -(-frames // 480))
    starts = np.arange(0, frames, factor)
    pooled = np.add.reduceat(error, starts, axis=1) / np.diff([*starts, frames])
    top = max(float(np.quantile(pooled, 0.99)), 1e-9)
    step_s = float(rebuilt.times_s[1] - rebuilt.times_s[0]) * factor if frames > 1 else 1.0
    figure = go.Figure(layout=_error_layout(dark, bands=tuple(rebuilt.bands), bins=bins))
    figure.add_heatmap(
        z=np.round(pooled, 2).astype(np.float32), x0=float(rebuilt.times_s[0]) + step_s / 2, dx=step_s, y0=0.5, dy=1,
        zmin=0, zmax=top, colorscale=[[0, colours.card], [1, colours.ink]], name="error",
        hovertemplate="%{x:.2f} s · coefficient %{y:.0f} · squared error %{z:.1f}<extra></extra>",
        colorbar={"thickness": 8, "outlinewidth": 0, "nticks": 4, "x": 1.01, "ypad": 0,
                  "tickfont": {"color": colours.soft, "size": 11}},
    )  # fmt: skip
    narrow(figure, layout={"margin.r": 8}, traces={"showscale": False})
    return figure


def _error_layout(dark: bool, *, bands: Sequence[str], bins: int = 180) -> dict[str, Any]:
    colours = palette(dark)
    third = bins / max(1, len(bands))
    layout = figure_layout(
        dark, height=_HEIGHT, margin={"l": 78, "r": 54, "t": 4, "b": 26}, showlegend=False,
        xaxis={"ticksuffix": " s", "showgrid": False, "automargin": False, "fixedrange": True},
        yaxis={"showgrid": False, "automargin": False, "fixedrange": True, "range": [0, bins],
               "tickvals": [(index + 0.5) * third for index in range(len(bands))], "ticktext": list(bands)},
    )  # fmt: skip
    layout["template"] = "none"
    layout["shapes"] = [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": index * third, "y1": index * third,
         "line": {"color": colours.line, "width": 1}}
        for index in range(1, len(bands))
    ]  # fmt: skip
    return layout
