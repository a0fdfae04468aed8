"""A disputed clip as each detector sees it: timelines, both camps' evidence and the maps, on one time axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.audio.clip import SAMPLE_RATE
from dashboard.plots.clip_grid import pooled_db, pooled_mean
from dashboard.plots.frame import blank, faint, narrow
from dashboard.theme import palette

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.review.evidence import Overlap, Seen
    from dashboard.theme import Palette

__all__ = ["camps_figure"]

_ROW, _GAP, _REST = 96, 26, 70
_DASHES = {"spoof": "solid", "bonafide": "dash", "unsure": "dot"}


def camps_figure(
    waveform: "NDArray[np.float32]", seen: Sequence["Seen"], found: "Overlap | None", *, dark: bool
) -> go.Figure:
    """Draw them.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
    seen : sequence of Seen
    found : Overlap or None
        Where the camps' evidence is known.
    dark : bool
    """
    c = palette(dark)
    mapped = [one for one in seen if one.explanation is not None]
    rows = ["P(spoof) over time"]
    rows += ["evidence of the camps over time"] if found is not None else []
    rows += ["spectrogram, kHz", *(_title(one) for one in mapped)]
    height = _REST + len(rows) * (_ROW + _GAP)
    figure = blank(dark, height=height, x="seconds")
    axes = _axes(figure, rows, height, len(waveform) / SAMPLE_RATE)
    _timelines(figure, seen, axes[0], c)
    if found is not None:
        _profiles(figure, found, axes[1], c)
    decibels, step_s, step_khz = pooled_db(waveform, columns=360)
    figure.add_heatmap(
        z=decibels, x0=step_s / 2, dx=step_s, y0=step_khz / 4, dy=step_khz, zmin=-80, zmax=0, showscale=False,
        colorscale=[[0, c.card], [1, c.ink]], yaxis=axes[-1 - len(mapped)], hoverinfo="skip", zsmooth="fast",
    )  # fmt: skip
    for one, axis in zip(mapped, axes[len(axes) - len(mapped) :], strict=True):
        _map(figure, one, axis, c)
    narrow(figure, layout={"legend.font.size": 10})
    return figure


def _title(one: "Seen") -> str:
    return f"{one.detector}, kHz" + (": no evidence" if one.why_not else "")


def _axes(figure: go.Figure, rows: Sequence[str], height: int, duration_s: float) -> list[str]:
    """Stack a vertical axis for each row, each with its title above, and return their names."""
    room = height - _REST
    names = []
    for at, title in enumerate(rows):
        top = 1 - (at * (_ROW + _GAP) + _GAP) / room
        number = "" if at == 0 else str(at + 1)
        figure.update_layout({f"yaxis{number}": {
            "domain": [max(0.0, top - _ROW / room), top], "showgrid": False, "fixedrange": True, "automargin": True,
            "ticks": "", "zeroline": False, "tickfont": {"size": 11}, "anchor": "x",
        }})  # fmt: skip
        figure.add_annotation(
            text=title, xref="paper", yref="paper", x=0, y=top, xanchor="left", yanchor="bottom", showarrow=False,
            font={"size": 12},
        )  # fmt: skip
        names.append(f"y{number}")
    figure.update_xaxes(range=[0, duration_s], anchor=names[-1], showgrid=False)
    return names


def _timelines(figure: go.Figure, seen: Sequence["Seen"], axis: str, c: "Palette") -> None:
    for at, one in enumerate(seen):
        values = [None if np.isnan(value) else round(float(value), 3) for value in one.p_spoof]
        figure.add_scatter(
            x=one.times_s, y=values, yaxis=axis, mode="lines", name=one.detector,
            line={"shape": "hv", "width": 1.5, "color": c.series[at % len(c.series)], "dash": _DASHES[one.camp]},
            hovertemplate=f"{one.detector} at %{{x:.2f}} s: P(spoof) %{{y:.2f}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout({f"yaxis{axis[1:]}": {"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1]}})


def _profiles(figure: go.Figure, found: "Overlap", axis: str, c: "Palette") -> None:
    for name, values, colour in (
        ("evidence for spoof", found.spoof, c.spoof), ("evidence for bona fide", found.bonafide, c.bonafide)
    ):  # fmt: skip
        pooled, step_s, _ = pooled_mean(np.repeat(values[None].astype(np.float32), 2, axis=0))
        figure.add_scatter(
            x0=0, dx=step_s, y=np.round(100 * pooled[0], 3), yaxis=axis, mode="lines",
            name=name, fill="tozeroy", fillcolor=faint(colour), line={"color": colour, "width": 1.5}, hoverinfo="skip",
        )  # fmt: skip
    figure.update_layout({f"yaxis{axis[1:]}": {"showticklabels": False, "rangemode": "tozero"}})


def _map(figure: go.Figure, one: "Seen", axis: str, c: "Palette") -> None:
    """Draw what speaks for spoof in its colour and what speaks against it in the other."""
    assert one.explanation is not None
    strength, step_s, step_khz = pooled_mean(one.explanation.attribution)
    top = max(float(np.quantile(np.abs(strength), 0.997)), 1e-12)
    figure.add_heatmap(
        z=np.round(100 * np.clip(strength / top, -1, 1)).astype(np.int8), zmin=-100, zmax=100, showscale=False,
        colorscale=[[0, c.bonafide], [0.5, c.card], [1, c.spoof]], x0=step_s / 2, dx=step_s, y0=step_khz / 2,
        dy=step_khz, yaxis=axis, opacity=0.35 if one.why_not else 1.0,
        hovertemplate=f"{one.detector}, %{{x:.2f}} s, %{{y:.1f}} kHz: %{{z}} % of its strongest<extra></extra>",
    )  # fmt: skip
