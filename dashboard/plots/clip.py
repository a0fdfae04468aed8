"""One clip on one time axis: level, P(spoof), and the spectrogram with the evidence over it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.audio.clip import SAMPLE_RATE
from core.explain.sentence import time_span
from dashboard.components.markup import class_of
from dashboard.plots.frame import narrow, wrapped
from dashboard.plots.timeline import add_segments, marking_line, timeline_trace
from dashboard.theme import Palette, figure_layout, palette

if TYPE_CHECKING:
    from core.detectors.score import ClipScore
    from core.explain.base import Explanation
    from core.explain.regions import Region
    from core.usecases import Analysis

__all__ = ["clip_figure"]

#: Pixels; the same for an empty figure, so that nothing moves when a result arrives.
HEIGHT = 364
_LEVEL, _TIMELINE, _SPECTROGRAM = (0.885, 1.0), (0.675, 0.85), (0.0, 0.64)
_KHZ = SAMPLE_RATE / 2000
_HALF_FRAME_S = 0.005
_WAITING = "Level, P(spoof) over time and the spectrogram appear here."
# Room of a region's label, as shares of the spectrogram's width and height where the figure is smallest.
_LABEL = (0.12, 0.13)
# Letters of a name that fit beside the timeline at full size.
_LONG = 18
_MARGIN = {"l": 62, "r": 134, "t": 4, "b": 26}


def _empty(dark: bool) -> go.Figure:
    """Return the frame without a clip in it, and a word of what will fill it."""
    figure = go.Figure(layout=_layout(dark, duration_s=1.0))
    figure.update_xaxes(showticklabels=False)
    colours = palette(dark)
    for axis in ("y", "y3"):
        figure.add_shape(_band(axis, -1 if axis == "y" else 0, 1 if axis == "y" else _KHZ, colours.fill, 0.7))
    figure.add_annotation(text=_WAITING, x=0.5, y=0.33, xref="paper", yref="paper", showarrow=False,
                          font={"color": palette(dark).soft, "size": 13})  # fmt: skip
    narrow(figure, layout={"margin.r": 8, "annotations[0].text": wrapped(_WAITING)})
    return figure


def clip_figure(
    analysis: "Analysis | None", *, dark: bool, detector: str | None = None, explanation: "Explanation | None" = None,
    opacity: float = 0.8, boxes: bool = True,
) -> go.Figure:  # fmt: skip
    """Return level, P(spoof) over time and the spectrogram of a clip, with the evidence when there is one.

    Where a localiser ships, P(spoof) is its own every few milliseconds, with its segments; else the panel's a second.

    Parameters
    ----------
    analysis : Analysis or None
        The frame is empty where there is none.
    dark : bool
    detector : str, optional
        Whose window scores are drawn beside the panel's.
    explanation : Explanation, optional
        Painted over the spectrogram in one hue.
    opacity : float
        Of the evidence, 0 to 1.
    boxes : bool
        Draw its regions as boxes, numbered from the one that holds most: for a map that passed its faithfulness check.
    """
    if analysis is None:
        return _empty(dark)
    colours = palette(dark)
    clip = analysis.clip
    track = analysis.localised
    figure = go.Figure(layout=_layout(dark, duration_s=clip.duration_s, decision=None if track else analysis.decision))
    figure.add_trace(_level(clip.waveform, colours))
    if analysis.verdict is None:
        _add_absence(figure, colours)
    else:
        own = (track.detector, colours.ink) if track else ("panel", getattr(colours, f"{_key(analysis)}_text"))
        legend = [("—", *own)]
        if detector in analysis.detectors:
            figure.add_trace(_windows(analysis.detectors[detector], colours))
            same = track is not None and detector == track.detector
            legend.append(("—", "its windows" if same else str(detector), colours.accent))
        if track:
            legend.append(("┄", "marked above", colours.partly_text))
        figure.add_trace(timeline_trace(track, colours, axis="y2") if track else _timeline(analysis, colours))
        _add_legend(figure, legend)
        if track:
            figure.add_shape(marking_line(track, colours, axis="y2"))
            add_segments(figure, track, colours, axis="y2")
    figure.add_trace(_spectrogram(clip.waveform, colours, dark))
    if explanation is not None:
        figure.add_trace(_evidence(explanation, colours, opacity))
        if boxes:
            _add_regions(figure, explanation, colours, duration_s=clip.duration_s)
    narrow(figure, layout={"margin.l": 52, "margin.r": 8, "margin.b": 44}, traces={"showscale": False})
    figure.update_layout(uirevision=f"{clip.name}-{len(clip.waveform)}")
    return figure


def _layout(dark: bool, *, duration_s: float, decision: Any = None) -> dict[str, Any]:
    colours = palette(dark)
    quiet = {"showgrid": False, "fixedrange": True, "automargin": False}
    layout = figure_layout(
        dark, height=HEIGHT, margin=_MARGIN, showlegend=False, hovermode="closest", dragmode="zoom", bargap=0.4,
        xaxis={
            "range": [0, duration_s], "anchor": "y3", "ticksuffix": " s", "showgrid": False, "automargin": False,
            "minallowed": 0, "maxallowed": duration_s, "showspikes": True, "spikemode": "across",
            "spikesnap": "cursor", "spikethickness": 1, "spikedash": "solid", "spikecolor": colours.accent,
        },
        yaxis={**quiet, "domain": list(_LEVEL), "range": [-1.05, 1.05], "tickvals": [0], "ticktext": ["level"]},
        yaxis2={**quiet, "domain": list(_TIMELINE), "range": [-0.03, 1.03], "tickvals": [0, 0.5, 1],
                "ticktext": ["0", "P(spoof)", "1"]},
        yaxis3={**quiet, "domain": list(_SPECTROGRAM), "range": [0, _KHZ], "tickvals": [0, 2, 4, 6, 8],
                "ticktext": ["0 kHz", "2", "4", "6", "8"], "showline": True, "mirror": True},
    )  # fmt: skip
    layout["template"] = "none"
    layout["shapes"] = [_band("y2", 0, 1, colours.fill, 0.7)]
    if decision is not None:
        low, high = (float(p_spoof(limit)) for limit in (decision.bonafide_above, decision.spoof_below))
        layout["shapes"].append(_band("y2", low, high, colours.unsure, 0.16))
    dotted = {"color": colours.soft, "width": 1, "dash": "2px,3px"}
    layout["shapes"].append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 0.5, "y1": 0.5,
                             "line": dotted, "opacity": 0.7, "layer": "below"})  # fmt: skip
    return layout


def _band(axis: str, low: float, high: float, colour: str, opacity: float) -> dict[str, Any]:
    return {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": low, "y1": high,
            "fillcolor": colour, "opacity": opacity, "line": {"width": 0}, "layer": "below"}  # fmt: skip


def _level(waveform: NDArray[np.float32], colours: Palette, *, bars: int = 260) -> go.Bar:
    edges = np.unique(np.linspace(0, len(waveform), min(bars, len(waveform)) + 1).astype(int)[:-1])
    peaks = np.maximum.reduceat(np.abs(waveform), edges)
    peaks = np.round(peaks / max(float(peaks.max()), 1e-9), 3).astype(np.float32)
    step = len(waveform) / SAMPLE_RATE / len(edges)
    return go.Bar(
        x0=step / 2, dx=step, y=2 * peaks, base=-peaks, yaxis="y", marker={"color": colours.soft, "opacity": 0.75},
        hoverinfo="skip", name="level",
    )  # fmt: skip


def _key(analysis: "Analysis") -> str:
    return class_of(analysis.verdict)


def _timeline(analysis: "Analysis", colours: Palette) -> go.Scatter:
    pieces = analysis.timeline
    times = [piece.start_s for piece in pieces] + [pieces[-1].end_s]
    values = [piece.p_spoof for piece in pieces] + [pieces[-1].p_spoof]
    return go.Scatter(
        x=times, y=values, yaxis="y2", mode="lines", name="panel",
        line={"shape": "hv", "width": 2.4, "color": getattr(colours, _key(analysis))},
        hovertemplate="panel at %{x:.1f} s: P(spoof) %{y:.2f}<extra></extra>",
    )  # fmt: skip


def _add_absence(figure: go.Figure, colours: Palette) -> None:
    figure.add_annotation(
        text="No verdict, and no P(spoof)", x=0.5, xref="paper", y=0.5, yref="y2", showarrow=False,
        font={"color": colours.soft, "size": 12}, bgcolor=colours.card, borderpad=2,
    )  # fmt: skip


def _add_legend(figure: go.Figure, entries: Sequence[tuple[str, str, str]]) -> None:
    """Name the lines of the timeline (sign, name, colour) beside it; in a narrow frame, below all."""
    for row, (sign, name, colour) in enumerate(entries):
        # Two names fit side by side there.
        below: dict[str, Any] = {"x": 0.42 * row, "y": -0.085, "font.size": 10.5} if row < 2 else {"text": ""}
        narrow(figure, layout={f"annotations[{row}].{key}": value for key, value in below.items()})
        figure.add_annotation(
            text=f"<b>{sign}</b> {name}", xref="paper", yref="paper", x=1.004, y=_TIMELINE[1] - 0.045 * row,
            xanchor="left", yanchor="top", showarrow=False, borderpad=0,
            font={"color": colour, "size": 10.5 if len(name) < _LONG else 8.5},
        )  # fmt: skip


def _windows(result: "ClipScore", colours: Palette) -> go.Scatter:
    """Draw each window as long as what was scored: a line from its start to its end."""
    times: list[float | None] = []
    values: list[float | None] = []
    texts: list[str] = []
    for window in result.windows:
        times += [window.start_s, window.end_s, None]
        values += [window.p_spoof, window.p_spoof, None]
        span = time_span(window.start_s, window.end_s)
        texts += [f"{result.name}, {span} s: P(spoof) {window.p_spoof:.2f}"] * 3
    return go.Scatter(
        x=times, y=values, text=texts, yaxis="y2", mode="lines", name=result.name,
        line={"width": 1.2, "color": colours.accent}, hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _spectrogram(waveform: NDArray[np.float32], colours: Palette, dark: bool) -> go.Heatmap:
    from dashboard.plots.clip_grid import pooled_db

    decibels, step_s, step_khz = pooled_db(waveform)
    ground, ink = (colours.background, "#f2f4f6") if dark else ("#ffffff", "#22272c")
    return go.Heatmap(
        z=decibels, x0=step_s / 2 - _HALF_FRAME_S, dx=step_s, y0=step_khz / 4, dy=step_khz, yaxis="y3",
        zmin=-80, zmax=0, colorscale=[[0, ground], [0.2, ground], [0.88, ink], [1, ink]],
        zsmooth="fast", name="spectrogram",
        hovertemplate="%{x:.2f} s · %{y:.2f} kHz · %{z} dB<extra></extra>",
        colorbar={
            "len": _SPECTROGRAM[1], "lenmode": "fraction", "y": 0, "yanchor": "bottom", "ypad": 0, "x": 1.008,
            "thickness": 8, "outlinewidth": 0, "tickvals": [-80, -60, -40, -20, 0],
            "ticktext": ["−80", "−60", "−40", "−20", "0 dB"], "tickfont": {"color": colours.soft, "size": 11},
        },
    )  # fmt: skip


def _evidence(explanation: "Explanation", colours: Palette, opacity: float) -> go.Heatmap:
    """Paint where the attribution speaks for spoof; full colour at the strongest 0.3 % of cells."""
    from dashboard.plots.clip_grid import pooled_mean

    strength, step_s, step_khz = pooled_mean(np.maximum(explanation.attribution, 0))
    top = max(float(np.quantile(strength, 0.997)), float(strength.max()) / 4, 1e-12)
    red, green, blue = (int(colours.spoof[at : at + 2], 16) for at in (1, 3, 5))
    stops = [[at, f"rgba({red},{green},{blue},{alpha})"] for at, alpha in ((0, 0), (0.12, 0), (0.5, 0.55), (1, 0.95))]
    return go.Heatmap(
        z=np.round(255 * np.minimum(strength / top, 1)).astype(np.uint8), zmin=0, zmax=255, colorscale=stops,
        x0=step_s / 2 - _HALF_FRAME_S, dx=step_s, y0=step_khz / 2, dy=step_khz, yaxis="y3",
        zsmooth="best", opacity=opacity, showscale=False, hoverinfo="skip", name="evidence",
    )  # fmt: skip


def _add_regions(figure: go.Figure, explanation: "Explanation", colours: Palette, *, duration_s: float) -> None:
    ranked = sorted(explanation.regions, key=lambda region: -region.share)
    places = _label_places(ranked, duration_s)
    for number, (region, (left, top)) in enumerate(zip(ranked, places, strict=True), start=1):
        low, high = region.low_hz / 1000, region.high_hz / 1000
        figure.add_shape(
            type="rect", xref="x", yref="y3", x0=region.start_s, x1=region.end_s, y0=low, y1=high,
            line={"color": colours.spoof, "width": 1.5},
        )  # fmt: skip
        figure.add_annotation(
            xref="x", yref="y3", x=left, y=top, xanchor="left", yanchor="top", showarrow=False,
            text=f"<b>{number} · {100 * region.share:.0f} %</b>", bgcolor=colours.spoof_text, borderpad=1,
            font={"color": colours.card, "size": 11},
        )  # fmt: skip
        at = len(figure.layout.annotations) - 1
        narrow(figure, layout={f"annotations[{at}].text": f"<b>{number}</b>"})


def _label_places(regions: "Sequence[Region]", duration_s: float) -> list[tuple[float, float]]:
    """Return the upper left corner of each region's label: at its box, inside the spectrogram, over no other label."""
    width, height = _LABEL[0] * duration_s, _LABEL[1] * _KHZ
    places: list[tuple[float, float]] = []
    for region in regions:
        left, right, low, high = region.start_s, region.end_s, region.low_hz / 1000, region.high_hz / 1000
        around = [(left, high), (left, high + height), (left, low), (right, high), (left - width, high)]
        inside = [(min(max(0.0, x), duration_s - width), min(max(height, y), _KHZ)) for x, y in around]
        free = [(x, y) for x, y in inside if all(abs(x - a) >= width or abs(y - b) >= height for a, b in places)]
        places.append((free or inside)[0])
    return places
