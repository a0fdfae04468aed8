"""The votes as a table: a row a clip that all voters score, a column a voter, and how much the voters part."""

from typing import TYPE_CHECKING

import numpy as np

from core.analysis import voters
from core.analysis.combining import majority, margins
from core.errors import PredictionsError
from core.predictions.figures import PanelFigures
from core.predictions.panel import ImportedPanel

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["vote_table"]

_WORDS = np.array(["not sure", "spoof", "bona fide"])
_LABELS = np.array(["-", "spoof", "bonafide"])
_STATES = np.array(["undecided", "split", "unanimous"])


def vote_table(panel: ImportedPanel, figures: PanelFigures) -> "pa.Table":
    """Return the votes of a panel, the most disputed clips first and then the others in their order.

    Parameters
    ----------
    panel : ImportedPanel
    figures : PanelFigures

    Returns
    -------
    Table
        ``clip``, ``label``, ``attack`` where it is known, ``state`` (unanimous, split, undecided), ``n_bonafide`` and
        ``n_spoof`` (votes), ``verdict`` and ``confidence`` (the share of the weight behind it, in which copies count
        once; 0.5 is a tie), ``margin`` (how far the mean score lies from the thresholds, in standard deviations;
        positive = bona fide), ``spread`` (of ranks, 0 to 1), then each voter's vote and score (higher = bona fide).

    Raises
    ------
    PredictionsError
        When there is no vote.
    """
    import pyarrow as pa

    votes, names = panel.votes, [member.name for member in panel.voters]
    if not names or not len(votes):
        raise PredictionsError("There is no vote to write: no detector that may vote, or no clip that all score.")
    split = voters.split_votes(votes)
    one = voters.unanimous(votes, voters.BONAFIDE_VOTE) | voters.unanimous(votes, voters.SPOOF_VOTE)
    columns: dict[str, object] = {"label": _LABELS[panel.labels + 1]}
    if panel.clips.attacks is not None:
        columns["attack"] = panel.clips.attacks[panel.shared].astype(str)
    columns |= {
        "state": _STATES[split + 2 * one], "n_bonafide": (votes == 1).sum(axis=1), "n_spoof": (votes == 0).sum(axis=1),
        "verdict": _WORDS[figures.verdict + 1], "confidence": 0.5 + np.abs(majority(votes, figures.weights)),
        "margin": margins(panel.scores, panel.cuts).mean(axis=1), "spread": np.ptp(panel.ranks, axis=1),
    }  # fmt: skip
    for place, name in enumerate(names):
        columns |= {f"vote {name}": _WORDS[votes[:, place] + 1], f"score {name}": panel.scores[:, place]}
    disputed = np.searchsorted(panel.shared, figures.split)
    order = np.concatenate([disputed, np.flatnonzero(~split)])
    arrays = {"clip": panel.clips.ids.take(panel.shared), **{name: pa.array(col) for name, col in columns.items()}}
    return pa.table(arrays).take(order)
