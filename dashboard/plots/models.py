"""Figures of the tab Models & data: learning curves."""

import pandas as pd
import plotly.graph_objects as go

from dashboard.plots.frame import blank, message
from dashboard.theme import palette

__all__ = ["learning_curves"]

_RATES = (
    ("dev_eer", "mean of the parts", "solid", 2.4),
    ("dev_eer_made", "part made", "dash", 1.4),
    ("dev_eer_published", "part published", "dot", 1.4),
)
_LOSSES = (
    ("train_loss", "training loss", "unsure", "solid"),
    ("dev_mse", "■ bona fide, squared error on dev", "bonafide", "solid"),
    ("dev_mse_spoof", "● spoof, squared error on dev", "spoof", "dash"),
)


def learning_curves(curves: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw the error rates on development data and the training loss over the steps of a training.

    Parameters
    ----------
    curves : DataFrame
        One row per validation: step, train_loss, dev_eer (0 to 1) and, where they were kept, dev_eer_made and
        dev_eer_published; of an autoencoder dev_mse and dev_mse_spoof.
    dark : bool
    """
    known = [entry for entry in _RATES if entry[0] in curves and curves[entry[0]].notna().any()]
    if curves.empty or not (known or "train_loss" in curves):
        return message("No learning curve was kept with this checkpoint.", dark=dark, height=260)
    c = palette(dark)
    figure = blank(dark, height=280, x="training step", y="EER on dev, %")
    for column, words, dash, width in known:
        rows = curves[curves[column].notna()]
        figure.add_scatter(
            x=rows["step"], y=100 * rows[column], mode="lines+markers", name=f"EER, {words}",
            line={"color": c.accent, "dash": dash, "width": width}, marker={"size": 4},
            hovertemplate="step %{x}: %{y:.1f} %<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if known:
        _mark_best(figure, curves, known[0][0], dark)
    losses = [entry for entry in _LOSSES if entry[0] in curves and curves[entry[0]].notna().any()]
    for column, words, colour, dash in losses:
        rows = curves[curves[column].notna()]
        figure.add_scatter(
            x=rows["step"], y=rows[column], mode="lines", yaxis="y2", name=f"{words} (right)",
            line={"color": getattr(c, colour), "width": 1.6, "dash": dash},
            hovertemplate="step %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if losses:
        title = "training loss" if len(losses) == 1 else "loss and squared error"
        figure.update_layout(yaxis2={
            "overlaying": "y", "side": "right", "showgrid": False, "automargin": True, "rangemode": "tozero",
            "title": {"text": title, "font": {"size": 12, "color": c.soft}, "standoff": 6},
            "tickfont": {"size": 11, "color": c.soft}, "zeroline": False,
        })  # fmt: skip
    figure.update_yaxes(rangemode="tozero", selector={"overlaying": None})
    return figure


def _mark_best(figure: go.Figure, curves: pd.DataFrame, column: str, dark: bool) -> None:
    best = curves.loc[curves[column].idxmin()]
    rate = 100 * best[column]
    figure.add_scatter(
        x=[best["step"]], y=[rate], mode="markers", name=f"kept: {rate:.1f} % at step {best['step']:.0f}",
        marker={"symbol": "diamond", "size": 11, "color": palette(dark).ink}, hoverinfo="skip",
    )  # fmt: skip
