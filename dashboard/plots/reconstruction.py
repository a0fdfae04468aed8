"""Figures of the tab Reconstruction: what the autoencoder was given, what it made of it, what it could not."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from dashboard.plots.frame import CLASSES, blank, mark_of, message, narrow
from dashboard.theme import palette

__all__ = ["BANDS", "error_by_class", "error_over_time", "panels"]

BANDS = ("static", "delta", "delta-delta")


def panels(
    times_s: NDArray[np.floating], parts: Mapping[str, NDArray[np.floating]], *, dark: bool,
    band_names: Sequence[str] = BANDS,
) -> go.Figure:  # fmt: skip
    """Draw input, output and error one under the other on one time axis.

    The vertical axis is the number of the cepstral coefficient. It is no frequency axis: each coefficient is a shape
    of the whole spectrum.

    Parameters
    ----------
    times_s : ndarray [shape=(frames,)]
    parts : mapping of str to ndarray [shape=(bins, frames)]
        ``input`` and ``output`` in standard deviations, ``error`` their squared difference.
    dark : bool
    band_names : sequence of str
        The equal bands that the rows divide into, from the bottom.
    """
    c = palette(dark)
    titles = ("input", "output", "squared error")
    figure = make_subplots(3, 1, shared_xaxes=True, vertical_spacing=0.06, subplot_titles=titles)
    ground = blank(dark, height=640, legend=False).layout
    figure.update_layout(
        template="none", height=640, showlegend=False, font=ground.font, paper_bgcolor=ground.paper_bgcolor,
        plot_bgcolor=ground.plot_bgcolor, hoverlabel=ground.hoverlabel, modebar=ground.modebar, meta=ground.meta,
        margin={"l": 8, "r": 8, "t": 26, "b": 8},
    )  # fmt: skip
    figure.update_annotations(font={"size": 12, "color": c.ink}, xanchor="left", x=0)
    speech = [[0, c.card], [1, c.ink]]
    limit = float(np.quantile(np.abs(parts["input"]), 0.99)) or 1.0
    worst = float(np.quantile(parts["error"], 0.995)) or 1.0
    for row, name in enumerate(("input", "output", "error"), 1):
        error = name == "error"
        bar = {"len": 0.3, "y": 0.87 - 0.355 * (row - 1), "thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11},
               "title": {"text": "σ²" if error else "σ", "font": {"size": 12}}}  # fmt: skip
        figure.add_heatmap(
            x=times_s, y=np.arange(len(parts[name])), z=parts[name], row=row, col=1, colorbar=bar,
            colorscale=[[0, c.card], [1, c.spoof]] if error else speech, zmin=0 if error else -limit,
            zmax=worst if error else limit,
            hovertemplate=f"%{{x:.2f}} s, coefficient %{{y}}: %{{z:.2f}}<extra>{titles[row - 1]}</extra>",
        )  # fmt: skip
    _label_bands(figure, len(parts["input"]), band_names, dark)
    figure.update_xaxes(title={"text": "time, s", "font": {"size": 12, "color": c.soft}}, row=3, col=1)
    narrow(figure, layout={"yaxis2.title.text": ""}, traces={"showscale": False})
    return figure


def _label_bands(figure: go.Figure, bins: int, names: Sequence[str], dark: bool) -> None:
    c = palette(dark)
    height = bins / len(names)
    for row in (1, 2, 3):
        for number in range(1, len(names)):
            rule = {"color": c.accent, "width": 1, "dash": "dot"}
            figure.add_hline(y=number * height - 0.5, line=rule, row=row, col=1)
        figure.update_yaxes(
            tickvals=[(n + 0.5) * height for n in range(len(names))], row=row, col=1,
            ticktext=[f"{name}<br>{n * height:.0f}–{(n + 1) * height - 1:.0f}" for n, name in enumerate(names)],
        )  # fmt: skip
    figure.update_yaxes(automargin=True, showgrid=False, tickfont={"size": 11, "color": c.soft}, zeroline=False)
    figure.update_xaxes(automargin=True, showgrid=False, tickfont={"size": 11, "color": c.soft}, zeroline=False)
    figure.update_yaxes(title={"text": "LFCC coefficient", "font": {"size": 12, "color": c.soft}}, row=2, col=1)


def error_by_class(errors: pd.DataFrame, *, mark: Mapping[str, float] | None = None, dark: bool) -> go.Figure:
    """Draw how the mean squared error of each class is spread, over everything and in each band.

    Parameters
    ----------
    errors : DataFrame
        One row per clip: label, total, static, delta, delta-delta.
    mark : mapping of str to float, optional
        The errors of the clip that is looked at, marked in each band.
    dark : bool
    """
    bands = [band for band in ("total", *BANDS) if band in errors]
    if errors.empty or not bands:
        return message("The run holds no reconstruction errors.", dark=dark, height=340)
    c = palette(dark)
    figure = blank(dark, height=340, y="mean squared error of a clip, σ²")
    known = errors["label"].isin(list(CLASSES))
    sides = {"bonafide": "negative", "spoof": "positive"} if known.any() else {"unsure": "both"}
    for label, side in sides.items():
        rows, colour = errors[errors["label"] == label] if known.any() else errors, getattr(c, label)
        for number, band in enumerate(bands):
            figure.add_violin(
                x0=number, y=np.log10(rows[band].clip(lower=1e-6)), side=side, points=False, width=0.9, spanmode="hard",
                meanline={"visible": True, "color": colour}, line={"color": colour, "width": 1.2}, fillcolor=colour,
                opacity=0.6, legendgroup=label, showlegend=number == 0, hoverinfo="skip",
                name=f"{mark_of(label).glyph} {mark_of(label).word}, n = {len(rows)}",
            )  # fmt: skip
    if mark:
        figure.add_scatter(
            x=[n for n, band in enumerate(bands) if band in mark], y=[np.log10(mark[b]) for b in bands if b in mark],
            mode="markers", name="this clip", marker={"symbol": "diamond", "size": 12, "color": c.ink,
                                                     "line": {"width": 1.5, "color": c.card}},
            hovertemplate="this clip: %{customdata:.3f}<extra></extra>",
            customdata=[mark[b] for b in bands if b in mark],
        )  # fmt: skip
    ticks = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20])
    figure.update_yaxes(tickvals=np.log10(ticks), ticktext=[f"{t:g}" for t in ticks])
    figure.update_xaxes(tickvals=list(range(len(bands))), ticktext=["everything" if b == "total" else b for b in bands])
    figure.update_layout(violingap=0, violinmode="overlay")
    return figure


def error_over_time(times_s: NDArray[np.floating], error: NDArray[np.floating], *, dark: bool) -> go.Figure:
    """Draw the mean squared error of each band over a clip's time.

    Parameters
    ----------
    times_s : ndarray [shape=(frames,)]
    error : ndarray [shape=(bins, frames)]
        In variances of bona fide training speech.
    dark : bool
    """
    c = palette(dark)
    figure = blank(dark, height=240, x="time, s", y="mean squared error, σ²")
    # A quarter of a second of running mean: single frames say nothing that the picture does not.
    width = max(1, round(0.25 / max(float(np.diff(times_s[:2]).sum()), 1e-3)))
    kernel = np.ones(width) / width
    for name, part, dash in zip(BANDS, np.array_split(error, len(BANDS)), ("solid", "dash", "dot"), strict=True):
        weight = np.convolve(np.ones(len(times_s)), kernel, "same")
        figure.add_scatter(
            x=times_s, y=np.convolve(part.mean(axis=0), kernel, "same") / weight, mode="lines", name=name,
            line={"color": c.accent, "dash": dash, "width": 1.8},
            hovertemplate="%{x:.2f} s: %{y:.2f} σ²<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return figure
