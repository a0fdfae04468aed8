"""Figures of anyone's panel: pairs of voters, who resembles whom, whose clips overlap, what a hybrid turns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.format import rate
from dashboard.plots.frame import blank, message, narrow, row_height
from dashboard.theme import palette

if TYPE_CHECKING:
    from core.predictions.combined import Hybrid
    from core.predictions.figures import PanelFigures

__all__ = ["PAIRS", "SETS", "WITHOUT_LABELS", "dendrogram", "overlaps", "pairs", "sweep"]

#: What is compared of two voters, and whether it runs from -1 to 1.
PAIRS = {
    "same vote": ("agreement", False), "Cohen's kappa": ("kappa", True),
    "correlation of scores": ("score_correlation", True), "correlation of errors": ("error_correlation", True),
    "Q statistic of errors": ("q_statistic", True), "both wrong": ("double_fault", False),
}  # fmt: skip
#: Those that need no labels.
WITHOUT_LABELS = ("same vote", "Cohen's kappa", "correlation of scores")
#: Which sets overlap.
SETS = {"called bona fide by": "sets", "wrong by": "error_sets"}
_NO_LABELS = "Errors need clips of both classes with labels: drop a protocol, too."
_ROOMY, _MOST_TEXT, _MOST_SETS = 8, 16, 14


def pairs(figures: "PanelFigures", what: str, *, dark: bool) -> go.Figure:
    """Draw one figure of each two voters, those beside each other that are alike.

    Parameters
    ----------
    figures : PanelFigures
    what : str
        One of ``PAIRS``.
    dark : bool
    """
    name, signed = PAIRS[what]
    matrix: NDArray[np.float64] | None = getattr(figures, name)
    if matrix is None or len(figures.names) < 2:
        return message("Pairs need two voters." if matrix is not None else _NO_LABELS, dark=dark, height=260)
    order = list(figures.order)
    names = [figures.names[place] for place in order]
    values = np.where(np.tril(np.ones(matrix.shape, dtype=bool), -1), matrix[np.ix_(order, order)], np.nan)
    c, n = palette(dark), len(names)
    side = row_height(n, all_px=480, least_px=18, most_px=56)
    figure = blank(dark, height=90 + side * n, legend=False)
    top = 1.0 if signed or name == "agreement" else float(np.nanmax(np.nan_to_num(values)) or 1.0)
    scale = [[0, c.spoof], [0.5, c.fill], [1, c.accent]] if signed else [[0, c.fill], [1, c.accent]]
    figure.add_heatmap(
        x=names, y=names, z=values, zmin=-1 if signed else 0, zmax=top, colorscale=scale, xgap=3, ygap=3,
        hoverongaps=False, showscale=False, hovertemplate=f"%{{y}} and %{{x}}: {what} %{{z:.3f}}<extra></extra>",
    )  # fmt: skip
    percent = name in ("agreement", "double_fault")
    if n <= _MOST_TEXT:
        figure.update_layout(annotations=[
            _cell(names, (row, column), values[row, column], top, percent=percent, dark=dark)
            for row in range(n) for column in range(row)
        ])  # fmt: skip
    marks = {"showgrid": False, "ticks": "", "dtick": 1}
    figure.update_xaxes(range=[-0.5, n - 1.5], tickangle=0 if n <= 4 else -30 if n <= _ROOMY else -90, **marks)
    figure.update_yaxes(range=[n - 0.5, 0.5], **marks)
    narrow(figure, layout={"xaxis.tickangle": -60, **({} if n <= _ROOMY else {"annotations": []})})
    return figure


def _cell(
    names: Sequence[str], at: tuple[int, int], value: float, top: float, *, percent: bool, dark: bool
) -> dict[str, object]:
    known = bool(np.isfinite(value))
    text = "–" if not known else rate(value) if percent else f"{value:.2f}"
    ink = ("#0c1116" if dark else "#ffffff") if known and abs(value) > 0.55 * top else palette(dark).ink
    font = {"size": 12.5 if len(names) <= _ROOMY else 10, "color": ink}
    return {"x": names[at[1]], "y": names[at[0]], "showarrow": False, "font": font, "text": text}


def dendrogram(figures: "PanelFigures", *, dark: bool) -> go.Figure:
    """Draw who resembles whom: voters that meet at the left are alike."""
    n = len(figures.names)
    if n < 2:
        return message("A tree needs two voters.", dark=dark, height=200)
    c = palette(dark)
    place = {leaf: float(row) for row, leaf in enumerate(figures.order)}
    depth = dict.fromkeys(range(n), 0.0)
    x: list[float | None] = []
    y: list[float | None] = []
    for step, (first, second, distance, _) in enumerate(figures.links):
        one, other = int(first), int(second)
        x += [depth[one], distance, distance, depth[other], None]
        y += [place[one], place[one], place[other], place[other], None]
        place[n + step], depth[n + step] = (place[one] + place[other]) / 2, float(distance)
    side = row_height(n, all_px=420, least_px=18, most_px=40)
    words = "1 − rank correlation within each class" if figures.of_errors else "1 − rank correlation"
    figure = blank(dark, height=80 + side * n, x=words, legend=False)
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": c.accent, "width": 2}, hoverinfo="skip")
    figure.update_yaxes(
        tickvals=list(range(n)), ticktext=[figures.names[leaf] for leaf in figures.order], showgrid=False,
        range=[n - 0.5, -0.5],
    )  # fmt: skip
    figure.update_xaxes(range=[-0.02, max(1.0, float(figures.links[-1, 2])) * 1.03])
    narrow(figure, layout={"xaxis.title.text": "1 − rank correlation"})
    return figure


def overlaps(figures: "PanelFigures", which: str, *, dark: bool) -> go.Figure:
    """Draw how many clips exactly these voters share (UpSet; Lex et al. 2014), the largest sets first.

    Parameters
    ----------
    figures : PanelFigures
    which : str
        One of ``SETS``.
    dark : bool
    """
    sets = list(getattr(figures, SETS[which]))[:_MOST_SETS]
    if not sets:
        return message(_NO_LABELS if which != next(iter(SETS)) else "There is no vote.", dark=dark, height=260)
    c, names = palette(dark), [figures.names[place] for place in figures.order]
    side = row_height(len(names), all_px=300, least_px=14, most_px=26)
    figure = blank(dark, height=190 + side * len(names), legend=False)
    figure.set_subplots(2, 1, shared_xaxes=True, row_heights=[150, side * len(names)], vertical_spacing=0.03)
    at, counts = list(range(len(sets))), [count for _, count in sets]
    figure.add_bar(
        x=at, y=counts, marker_color=c.accent, text=[f"{count:,}" for count in counts], textposition="outside",
        customdata=[" and ".join(who) or "none of them" for who, _ in sets], cliponaxis=False,
        hovertemplate="%{y:,} clips " + which + " exactly %{customdata}<extra></extra>", row=1, col=1,
    )  # fmt: skip
    rows = {name: row for row, name in enumerate(names)}
    inside = [(column, rows[name]) for column, (who, _) in enumerate(sets) for name in who]
    every = [(column, row) for column in at for row in rows.values()]
    for points, colour in ((every, c.fill), (inside, c.ink)):
        figure.add_scatter(
            x=[column for column, _ in points], y=[row for _, row in points], mode="markers", hoverinfo="skip",
            marker={"size": min(11, side - 4), "color": colour}, row=2, col=1,
        )  # fmt: skip
    grid = {"showgrid": False, "zeroline": False, "automargin": True, "tickfont": {"color": c.soft, "size": 11.5}}
    figure.update_xaxes(showticklabels=False, range=[-0.6, len(sets) - 0.4], linecolor=c.line, **grid)
    # The sets differ by orders of magnitude: the smaller ones are those that are asked for.
    figure.update_yaxes(type="log", row=1, col=1, range=[0, np.log10(max(counts)) * 1.12 + 0.1], **grid)
    figure.update_yaxes(showticklabels=False, row=1, col=1)
    figure.update_yaxes(
        tickvals=list(rows.values()), ticktext=names, range=[len(names) - 0.5, -0.5], row=2, col=1, **grid
    )
    narrow(figure, traces={"textfont.size": 9})
    return figure


def sweep(points: "Sequence[Hybrid]", *, dark: bool) -> go.Figure:
    """Draw what a hybrid of supervised and anomaly detectors makes of each alpha: its errors, and what it flips."""
    c = palette(dark)
    alpha = [point.alpha for point in points]
    labelled = any(np.isfinite(point.eer) for point in points)
    figure = blank(dark, height=360)
    figure.set_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.1, row_heights=[0.55, 0.45])
    first = [100 * point.eer for point in points] if labelled else [point.n_bonafide for point in points]
    title = "EER in %" if labelled else "called bona fide"
    figure.add_scatter(
        x=alpha, y=first, mode="lines+markers", name=title, line={"color": c.accent}, showlegend=False,
        hovertemplate="alpha %{x:.1f}: %{y:,.2f}<extra></extra>", row=1, col=1,
    )  # fmt: skip
    for name, values, colour in (
        ("flipped, and disputed", [point.flipped_disputed for point in points], c.accent),
        ("flipped, not disputed", [point.flipped - point.flipped_disputed for point in points], c.spoof),
    ):
        figure.add_bar(
            x=alpha, y=values, name=name, marker_color=colour, row=2, col=1,
            hovertemplate="alpha %{x:.1f}: %{y:,} clips " + name + "<extra></extra>",
        )  # fmt: skip
    soft = {"title": {"font": {"color": c.soft, "size": 12}}, "tickfont": {"color": c.soft, "size": 11.5}}
    axis = {"gridcolor": c.line, "linecolor": c.line, "zeroline": False, "automargin": True, **soft}
    figure.update_layout(barmode="stack")
    figure.update_xaxes(**axis)
    figure.update_yaxes(rangemode="tozero", **axis)
    figure.update_xaxes(title_text="alpha (0 anomaly, 1 supervised)", row=2, col=1)
    figure.update_yaxes(title_text=title, row=1, col=1)
    figure.update_yaxes(title_text="clips flipped", row=2, col=1)
    return figure
