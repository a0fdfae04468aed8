"""What is known of detectors on held-out pages, as tables of text: by kind and language, and what a member brings."""

from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.format import NOTHING, bracket, rate
from core.analysis.held_out import held_out_table
from core.detectors.card import HELD_OUT
from core.results.queries import PANEL

if TYPE_CHECKING:
    from core.panel import Panel

__all__ = ["held_out_figures", "losses"]

_AT_P_HALF = ["Cllr", "false alarms at P 0.5", "misses at P 0.5"]


def held_out_figures(panel: "Panel", name: str) -> pd.DataFrame:
    """Return a detector's or the panel's error rates on held-out pages, by kind of speech and of system, and language.

    Returns
    -------
    DataFrame of str
        Columns clips, n real, n spoofed, pages, EER, and at the thresholds of the verdict both errors and the shares
        that are not sure, with 95 % intervals. Empty where the detector was not judged.
    """
    if name == PANEL:
        judged = panel.held_out
    else:
        judged = panel.card(name).metrics.get(HELD_OUT, []) if name in panel.detectors else []
    return held_out_table(judged).drop(columns=_AT_P_HALF) if judged else pd.DataFrame()


def losses(panel: "Panel") -> pd.DataFrame:
    """Return what the panel loses without each member, on held-out pages; empty where that was not measured.

    Returns
    -------
    DataFrame of str
        Columns member, EER without it, and loss in percentage points: positive where the member brings something.
    """
    rows = []
    for name in panel.members:
        if (loss := panel.loss_without(name)) is not None:
            points = f"{100 * loss.loss:+.1f} {bracket((loss.low, loss.high)) or NOTHING}"
            rows.append({"member": name, "EER without it": rate(loss.eer_without), "loss in points": points})
    return pd.DataFrame(rows)
