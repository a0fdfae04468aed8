"""Disputed clips as a person goes through them: who votes how on each, and where its recording is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.combining import margins
from core.analysis.voters import split_votes
from core.predictions.figures import by_dispute
from core.predictions.matching import places_of
from core.predictions.scales import Cut, vote
from core.results.library import recordings
from core.results.queries import decision_of

if TYPE_CHECKING:
    from core.predictions.panel import ImportedPanel
    from core.results.store import Run

__all__ = ["MOST", "Disputed", "disputed_of_panel", "disputed_of_run"]

#: Nobody goes through more; recordings are looked for one by one.
MOST = 2000


@dataclass(frozen=True, eq=False)
class Disputed:
    """Clips on which one detector votes bona fide and another spoof, the most disputed first.

    Attributes
    ----------
    ids : tuple of str [shape=(n,)]
        A run's paths; of an imported panel's clips the path in the run where they are matched, else the id.
    names : tuple of str [shape=(k,)]
        Of the detectors.
    llr : ndarray of float32 [shape=(n, k)]
        Higher = more bona fide. Log-likelihood ratios where ``is_llr``; of an imported file how far its score lies
        from its threshold, in standard deviations. NaN where there is none.
    votes : ndarray of int8 [shape=(n, k)]
        1 bona fide, 0 spoof, -1 not sure.
    labels : ndarray of int8 [shape=(n,)], optional
        1 bona fide, 0 spoof, -1 unknown; None where nothing is labelled.
    paths : tuple of (str or None) [shape=(n,)]
        Recordings that are on this machine.
    is_llr : tuple of bool [shape=(k,)]
    total : int
        How many are disputed; ``ids`` holds the first of them.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    llr: NDArray[np.float32]
    votes: NDArray[np.int8]
    labels: NDArray[np.int8] | None
    paths: tuple[str | None, ...]
    is_llr: tuple[bool, ...] = ()
    total: int = 0


def disputed_of_run(run: "Run", detectors: Sequence[str], *, most: int = MOST) -> Disputed:
    """Return the clips of a run that some of its detectors dispute, each voting by its own thresholds."""
    names = tuple(detectors)
    llr = np.stack([run.llr(name) for name in names], axis=1) if names else np.empty((len(run), 0))
    decisions = [decision_of(run, name) for name in names]
    cuts = [Cut(decision.spoof_below, decision.bonafide_above, "its own thresholds") for decision in decisions]
    columns = [vote(llr[:, place], at) for place, at in enumerate(cuts)]
    votes = np.stack(columns, axis=1) if columns else np.empty((len(run), 0), dtype=np.int8)
    split = split_votes(votes)
    places = by_dispute(votes, p_spoof(llr), split)[:most]
    labels = np.where(run.real, 1, np.where(run.fake, 0, -1)).astype(np.int8)[places]
    ids = tuple(run.rows(places, ["path"])["path"].astype(str))
    return Disputed(
        ids, names, llr[places].astype(np.float32), votes[places], labels if (labels >= 0).any() else None,
        _recordings(run, ids), (True,) * len(names), int(split.sum()),
    )  # fmt: skip


def disputed_of_panel(panel: "ImportedPanel", run: "Run | None", *, most: int = MOST) -> Disputed:
    """Return the disputed clips of imported predictions; where they are clips of the run, with their recordings.

    Parameters
    ----------
    panel : ImportedPanel
    run : Run, optional
        Its clips are matched by their paths, with or without suffix and folder.
    most : int
    """
    import pyarrow as pa

    split = split_votes(panel.votes)
    places = by_dispute(panel.votes, panel.ranks, split)[:most]
    own = np.array([member.predictions.decision is not None for member in panel.voters], dtype=bool)
    scores = np.where(own, panel.scores, margins(panel.scores, panel.cuts))[places] if len(own) else panel.scores
    ids, labels = panel.clips.names(panel.shared[places]), panel.labels[places]
    paths: tuple[str | None, ...] = (None,) * len(ids)
    if run is not None and ids:
        known = run.whole.column("path").astype(str).to_numpy(dtype=object)
        found, _ = places_of(pa.array(ids, pa.string()), pa.array(known, pa.string()))
        ids = [str(known[at]) if at >= 0 else name for name, at in zip(ids, found.tolist(), strict=True)]
        paths = _recordings(run, ids)
    return Disputed(
        tuple(ids), tuple(member.name for member in panel.voters), scores.astype(np.float32), panel.votes[places],
        labels if (labels >= 0).any() else None, paths, tuple(own.tolist()), int(split.sum()),
    )  # fmt: skip


def _recordings(run: "Run", paths: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(None if path is None else str(path) for path in recordings(run, paths))
