"""The votes as a table: a row a clip that all voters score, a column a voter, and how much the voters part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis import voters
from core.analysis.combining import majority, margins
from core.errors import PredictionsError
from core.predictions.figures import PanelFigures
from core.predictions.panel import ImportedPanel

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ORDERS", "SHOWN", "VoteColumns", "listed", "vote_columns", "vote_table"]

_WORDS = np.array(["not sure", "spoof", "bona fide"])
_LABELS = np.array(["-", "spoof", "bonafide"])
_STATES = np.array(["undecided", "split", "unanimous"])


@dataclass(frozen=True, eq=False)
class VoteColumns:
    """How the voters part on each clip that all of them score; arrays of shape (k,).

    Attributes
    ----------
    split, unanimous : ndarray of bool
    wrong : ndarray of bool
        All voters give the same answer, and the label another one.
    n_bonafide, n_spoof : ndarray of int
        Votes.
    confidence : ndarray
        Share of the weight behind the verdict, in which copies count once; 0.5 is a tie.
    margin : ndarray
        How far the mean score lies from the thresholds, in standard deviations; positive = bona fide.
    spread : ndarray
        Highest less lowest rank, 0 to 1.
    disputed : ndarray of int [shape=(k,)]
        All clips, the most disputed first and then those that are not split, in their order.
    """

    split: NDArray[np.bool_]
    unanimous: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    n_bonafide: NDArray[np.intp]
    n_spoof: NDArray[np.intp]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    spread: NDArray[np.float64]
    disputed: NDArray[np.intp]


#: Orders in which clips are listed, by their words.
ORDERS: Mapping[str, Callable[[VoteColumns], NDArray[np.float64]]] = {
    "most disputed first": lambda columns: np.argsort(columns.disputed).astype(float),
    "least confidence first": lambda columns: columns.confidence,
    "most confidence first": lambda columns: -columns.confidence,
    "smallest margin first": lambda columns: np.abs(columns.margin),
    "widest ranks first": lambda columns: -columns.spread,
}
#: Which clips are listed, by their words.
SHOWN = ("split", "unanimous and wrong", "all clips")


def vote_columns(panel: ImportedPanel, figures: PanelFigures) -> VoteColumns:
    """Return how the voters part on each clip."""
    votes = panel.votes
    split = voters.split_votes(votes)
    real, fake = (voters.unanimous(votes, answer) for answer in (voters.BONAFIDE_VOTE, voters.SPOOF_VOTE))
    disputed = np.searchsorted(panel.shared, figures.split)
    return VoteColumns(
        split=split, unanimous=real | fake, wrong=(real & (panel.labels == 0)) | (fake & (panel.labels == 1)),
        n_bonafide=(votes == 1).sum(axis=1), n_spoof=(votes == 0).sum(axis=1),
        confidence=0.5 + np.abs(majority(votes, figures.weights)),
        margin=margins(panel.scores, panel.cuts).mean(axis=1), spread=np.ptp(panel.ranks, axis=1),
        disputed=np.concatenate([disputed, np.flatnonzero(~split)]),
    )  # fmt: skip


def listed(
    panel: ImportedPanel, columns: VoteColumns, *, show: str = "split", order: str = "most disputed first",
    label: int | None = None, attack: str | None = None,
) -> NDArray[np.intp]:  # fmt: skip
    """Return which of the clips that all voters score answer to a filter, in an order [shape=(m,)].

    Parameters
    ----------
    panel : ImportedPanel
    columns : VoteColumns
    show : str
        One of ``SHOWN``.
    order : str
        One of ``ORDERS``; of equal ones the more disputed comes first.
    label : {1, 0}, optional
        Only bona fide clips, or only spoofs.
    attack : str, optional
        Only clips of this system.
    """
    keep = np.ones(len(columns.split), dtype=bool)
    if show == "split":
        keep = columns.split
    elif show == "unanimous and wrong":
        keep = columns.wrong
    if label is not None:
        keep = keep & (panel.labels == label)
    if attack is not None and panel.clips.attacks is not None:
        keep = keep & (panel.clips.attacks[panel.shared] == attack)
    found = columns.disputed[keep[columns.disputed]]
    return found[np.argsort(ORDERS[order](columns)[found], kind="stable")]


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
    found = vote_columns(panel, figures)
    columns: dict[str, object] = {"label": _LABELS[panel.labels + 1]}
    if panel.clips.attacks is not None:
        columns["attack"] = panel.clips.attacks[panel.shared].astype(str)
    columns |= {
        "state": _STATES[found.split + 2 * found.unanimous], "n_bonafide": found.n_bonafide, "n_spoof": found.n_spoof,
        "verdict": _WORDS[figures.verdict + 1], "confidence": found.confidence, "margin": found.margin,
        "spread": found.spread,
    }  # fmt: skip
    for place, name in enumerate(names):
        columns |= {f"vote {name}": _WORDS[votes[:, place] + 1], f"score {name}": panel.scores[:, place]}
    arrays = {"clip": panel.clips.ids.take(panel.shared), **{name: pa.array(col) for name, col in columns.items()}}
    return pa.table(arrays).take(found.disputed)
