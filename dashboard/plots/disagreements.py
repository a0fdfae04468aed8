"""Figures of the tab Disagreements: who agrees with whom, and how far apart the votes on one clip lie."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.plots.frame import CLASSES, blank, llr_of, message, narrow, p_spoof_axis, row_height
from dashboard.theme import palette

__all__ = ["agreement", "votes_on_a_clip"]

#: With more detectors than these a cell of the matrix has room for one number, or for none.
_ROOMY, _MOST = 8, 16


def agreement(share: pd.DataFrame, kappa: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw how often each two detectors give the same answer, and how much of that is more than chance.

    Parameters
    ----------
    share : DataFrame
        Detector by detector: share of clips with the same vote, 0 to 1.
    kappa : DataFrame
        Detector by detector: Cohen's kappa, -1 to 1; the shade of a cell.
    dark : bool
    """
    names = list(share.index)
    if len(names) < 2:
        return message("Agreement needs two detectors.", dark=dark, height=320)
    c = palette(dark)
    below = np.tril(np.ones((len(names), len(names)), dtype=bool), -1)
    shade = np.where(below, kappa.loc[names, names].to_numpy(dtype=float), np.nan)
    side = row_height(len(names), all_px=480, least_px=18, most_px=62)
    figure = blank(dark, height=90 + side * len(names), legend=False)
    figure.add_heatmap(
        x=names, y=names, z=shade, zmin=0, zmax=1, colorscale=[[0, c.fill], [1, c.accent]], xgap=3, ygap=3,
        hoverongaps=False,
        customdata=share.loc[names, names].to_numpy(dtype=float) * 100,
        hovertemplate="%{y} and %{x}: same vote on %{customdata:.1f} % of clips, kappa %{z:.2f}<extra></extra>",
        # One pair is one cell, with its kappa written in it, and too low for a scale.
        showscale=len(names) > 2,
        colorbar={"title": {"text": "kappa", "font": {"size": 12}}, "thickness": 10, "outlinewidth": 0, "len": 0.9},
    )  # fmt: skip
    roomy, texts = len(names) <= _ROOMY, []
    for row, column in zip(*np.nonzero(below), strict=True) if len(names) <= _MOST else ():
        value, same = shade[row, column], f"{100 * share.iloc[row, column]:.0f}"
        # Text must stand out from its own cell, which is dark in the light theme when kappa is high.
        ink = ("#0c1116" if dark else "#ffffff") if value > 0.55 else c.ink
        texts.append({
            "x": names[column], "y": names[row], "showarrow": False,
            "font": {"size": 12 if roomy else 10.5, "color": ink},
            "text": f"<b>{same} %</b><br>κ {value:.2f}" if roomy else same,
        })  # fmt: skip
    # All at once: Plotly checks the whole figure again at each one that is added by itself.
    figure.update_layout(annotations=texts)
    marks = {"showgrid": False, "ticks": "", "dtick": 1, "tickfont": {"size": 12 if len(names) <= _MOST else 10.5}}
    figure.update_xaxes(range=[-0.5, len(names) - 1.5], tickangle=-30 if roomy else -90, **marks)
    figure.update_yaxes(range=[len(names) - 0.5, 0.5], **marks)
    # No room for numbers: the shade is left, and the numbers of the cell that is touched.
    narrow(figure, layout={"annotations": [], "xaxis.tickangle": -90}, traces={"showscale": False})
    return figure


def votes_on_a_clip(votes: pd.DataFrame, *, label: str, dark: bool) -> go.Figure:
    """Draw where each detector puts one clip, against the span in which it is not sure.

    Parameters
    ----------
    votes : DataFrame
        One row per detector: detector, score (log-likelihood ratio), spoof_below, bonafide_above, verdict.
    label : str
        The clip's class, ``bonafide`` or ``spoof``.
    dark : bool
    """
    c = palette(dark)
    side = row_height(len(votes), all_px=480, least_px=24, most_px=56)
    figure = blank(dark, height=90 + side * len(votes), legend=False)
    reach = max(5.0, float(votes["score"].abs().max()) + 0.5)
    p_spoof_axis(figure, -reach, reach)
    for row, vote in enumerate(votes.itertuples()):
        spans = ((-reach, vote.spoof_below, c.spoof), (vote.spoof_below, vote.bonafide_above, c.unsure),
                 (vote.bonafide_above, reach, c.bonafide))  # fmt: skip
        for x0, x1, colour in spans:
            figure.add_shape(
                type="rect", x0=x0, x1=x1, y0=-row - 0.13, y1=-row + 0.13, fillcolor=colour, opacity=0.35, line_width=0,
                layer="below",
            )  # fmt: skip
    symbol = CLASSES[label].symbol if label in CLASSES else "diamond"
    figure.add_scatter(
        x=votes["score"], y=[-row for row in range(len(votes))], mode="markers",
        marker={"size": min(13, side // 2), "symbol": symbol, "color": c.ink, "line": {"width": 1.5, "color": c.card}},
        customdata=np.stack([votes["p_spoof"], votes["verdict"]], 1),
        hovertemplate="P(spoof) %{customdata[0]:.2f}, %{customdata[1]}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=[-row for row in range(len(votes))], ticktext=list(votes["detector"]), showgrid=False,
        range=[-len(votes) + 0.4, 0.6],
    )  # fmt: skip
    figure.add_vline(x=float(llr_of(0.5)), line={"color": c.soft, "width": 1, "dash": "dash"})
    return figure
