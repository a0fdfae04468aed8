"""Fit the panel: which detectors are its members, how their scores become one, and what each of them brings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bootstrap import difference_interval, interval
from core.analysis.calibration import log_odds
from core.analysis.det import equal_error_point
from core.analysis.fusion import (
    METHODS,
    Combination,
    cross_validated,
    fit_combination,
    fit_panel_calibration,
    hybrid,
    select_unlike,
    sweep_hybrid,
)
from core.analysis.held_out import AS_IS, cross_fitted_verdicts, held_out_rows
from core.analysis.metrics import cllr
from core.analysis.verdict import fit_decision
from core.corpus.table import read_corpora
from core.detectors.family import family
from core.detectors.network import NETWORKS
from core.errors import SpoofscopeError
from core.files import write_json
from core.fusion import Fusion
from core.speed.costs import bench_detectors
from trainers.candidates import Candidates, judged_candidates, scored_candidates
from trainers.choice import choose, families, versions
from trainers.judged import basis_of

__all__ = ["COST_S", "MOST", "PanelError", "fit_panel"]

#: Members of a panel at most.
MOST = 4
#: Seconds of the clip that a member's cost is measured on.
COST_S = 4.0
_NO_HYBRID = (
    "A hybrid needs a supervised member and one that is trained on bona fide speech alone: name both kinds, or choose "
    "another --method."
)
_Combine = Callable[[pd.DataFrame, NDArray[np.bool_]], Combination]


class PanelError(SpoofscopeError):
    """Detectors that cannot be made into a panel as asked."""


def fit_panel(
    names: Sequence[str], *, out: Path, judged: Path | None = None, corpora: Sequence[tuple[Path, Path]] = (),
    work: Path | None = None, method: str = "mean", most: int = MOST, keep: Sequence[str] = (),
    alpha: float | None = None, with_cost: bool = False,
) -> Path:  # fmt: skip
    """Choose members, fuse them and write ``panel.json``.

    No two members are of one family (``core.detectors.family``). Choice, combination, calibration and thresholds are
    set on clips as they are and perturbed: recordings of daily life have been through codecs and rooms, and a panel
    that is calibrated on clean clips alone raises false alarms on them.

    Parameters
    ----------
    names : sequence of str
        Checkpoints, shipped or as folders.
    out : Path
        Folder of checkpoints that receives ``panel.json``.
    judged : Path, optional
        Folder of out-of-fold scores (``python -m trainers judge``); then all candidates that were judged may be
        left unnamed. Without it, the split ``dev`` of ``corpora`` is scored.
    corpora : sequence of (manifest, root)
        Read as one.
    work : Path, optional
        Folder for caches.
    method : {'mean', 'rank-mean', 'logistic', 'hybrid'}
        How the members' log-likelihood ratios are summed up; the sum is calibrated again. In a mean a member weighs
        by how often it was chosen on resampled pages.
    most : int
        Choose at most so many, those that err least alike, and of them those without whom the panel is worse. 0 takes
        all, whatever their family, and all weigh the same.
    keep : sequence of str
        Candidates that are members in any case, by as little weight as resampled pages want them: for what no error
        rate shows, such as a map that holds under masking.
    alpha : float, optional
        Share of the supervised members in a hybrid; without it, the best of the sweep.
    with_cost : bool
        Measure the processor time that each candidate takes for a clip of ``COST_S``.

    Raises
    ------
    PanelError
        When a hybrid lacks supervised or one-class members, there is no such method, or what is to be kept is no
        candidate.
    JudgedError, CorpusError
        When there are no scores to choose by.
    """
    if method not in (*METHODS, "hybrid"):
        raise PanelError(f"There is no combination {method!r}; there are: {', '.join((*METHODS, 'hybrid'))}.")
    if judged is not None:
        candidates = judged_candidates(judged, names, out=out)
        basis = basis_of(candidates.clips)
    elif work is not None:
        candidates = scored_candidates(names, read_corpora(corpora), work=work)
        basis = f"the corpus' dev split, {candidates.clips['path'].nunique()} clips as they are and perturbed"
    else:
        raise PanelError("A panel needs scores to choose by: give out-of-fold scores, or corpora and a work folder.")
    if strangers := sorted(set(keep) - candidates.cards.keys()):
        raise PanelError(f"{', '.join(strangers)} cannot be kept: no candidate of that name was judged.")
    panel = _fitted(candidates, method=method, most=most, keep=keep, alpha=alpha, basis=basis)
    if with_cost:
        _add_costs(panel["figures"], candidates.places)
    write_json(out / "panel.json", panel)
    return out / "panel.json"


def _add_costs(figures: dict[str, Any], places: Mapping[str, Path]) -> None:
    for name, cost in zip(places, bench_detectors(list(places.values()), seconds=COST_S), strict=True):
        for group in ("candidates", "members"):
            if name in figures[group]:
                figures[group][name] |= {"cpu_ms": round(cost.cpu_ms, 2), "parameters": cost.parameters}


def _fitted(
    candidates: Candidates, *, method: str, most: int, keep: Sequence[str], alpha: float | None, basis: str
) -> dict[str, Any]:
    """Return the panel as JSON values: its members, how their scores become one, and what it achieves."""
    scores, real, usable = candidates.scores, candidates.real, candidates.usable
    chosen = choose(candidates, most, keep=keep)
    weights = chosen.weights
    combine = _combiner(method, candidates, weights, alpha)
    combination = combine(scores[usable], real[usable])
    total = combination.combine(scores[usable])
    calibration, prior = fit_panel_calibration(total, real[usable])
    decision = fit_decision(calibration.llr(total) + log_odds(prior), real[usable], basis=basis)
    figures = {
        "method": method,
        "rows": held_out_rows(_judged(candidates, combine)),
        "members": _members(candidates, method, weights, alpha),
        "candidates": {name: _candidate(candidates, name) for name in candidates.cards},
        "chosen_shares": chosen.shares,
        "refused": chosen.refused,
        "choice": select_unlike(
            scores[usable], real[usable], versions(candidates)[usable], most=most or len(weights),
            families=families(candidates) if most else None,
        ),
        "hybrid_sweep": _sweep(candidates, list(weights)),
        "cross_validated": {m: _cross_validated(m, candidates, list(weights)) for m in METHODS},
        "correlation_bonafide": _correlation(scores.loc[usable & real, list(weights)]),
        "correlation_spoof": _correlation(scores.loc[usable & ~real, list(weights)]),
    }  # fmt: skip
    return Fusion(combination, calibration, decision, prior, decision.basis).to_json() | {"figures": figures}


def _combiner(method: str, candidates: Candidates, weights: dict[str, float], alpha: float | None) -> _Combine:
    """Return what sets a combination of the members on scores and labels."""
    names = list(weights)
    total = sum(weights.values())
    if method == "hybrid":
        supervised, anomaly = _by_kind(candidates, names)
        if not (supervised and anomaly):
            raise PanelError(_NO_HYBRID)

        def mixed(scores: pd.DataFrame, real: NDArray[np.bool_]) -> Combination:
            sweep = sweep_hybrid(scores[names], real, supervised, anomaly)
            best = min(sweep, key=lambda point: point["eer"])["alpha"] if alpha is None else alpha
            return replace(hybrid(supervised, anomaly, best), limit=candidates.limit)

        return mixed
    if method == "mean":
        fixed = Combination({name: weight / total for name, weight in weights.items()}, limit=candidates.limit)
        return lambda scores, real: fixed
    return lambda scores, real: replace(fit_combination(method, scores[names], real), limit=candidates.limit)


def _by_kind(candidates: Candidates, names: Sequence[str]) -> tuple[list[str], list[str]]:
    labelled = {name: NETWORKS.get(candidates.cards[name].architecture).supervised for name in names}
    return [name for name in names if labelled[name]], [name for name in names if not labelled[name]]


def _sweep(candidates: Candidates, names: list[str]) -> list[dict[str, float]]:
    supervised, anomaly = _by_kind(candidates, names)
    if not (supervised and anomaly):
        return []
    usable = candidates.usable
    return sweep_hybrid(candidates.scores.loc[usable, names], candidates.real[usable], supervised, anomaly)


def _fused(candidates: Candidates, combine: _Combine) -> NDArray[np.float64]:
    """Return the panel's scores [shape=(n,)], everything set on the other folds."""
    return cross_validated(combine, candidates.scores, candidates.real, candidates.folds, candidates.usable)


def _judged(candidates: Candidates, combine: _Combine) -> pd.DataFrame:
    llr = _fused(candidates, combine)
    called = cross_fitted_verdicts(llr, candidates.real, candidates.folds, candidates.usable)
    return candidates.clips.assign(llr=llr, called=called)


def _members(
    candidates: Candidates, method: str, weights: dict[str, float], alpha: float | None
) -> dict[str, dict[str, Any]]:
    """Return of each member its family, its own equal error rate and what the panel loses without it."""
    whole = _fused(candidates, _combiner(method, candidates, weights, alpha))
    found = {}
    for name in weights:
        about = _candidate(candidates, name)
        rest = {other: weight for other, weight in weights.items() if other != name}
        if rest and not (method == "hybrid" and not all(_by_kind(candidates, list(rest)))):
            about |= _loss(candidates, whole, _fused(candidates, _combiner(method, candidates, rest, alpha)))
        found[name] = about
    return found


def _loss(candidates: Candidates, whole: NDArray[np.float64], rest: NDArray[np.float64]) -> dict[str, float | None]:
    here, real, pages = _as_is(candidates)
    rates = [equal_error_point(llr[here][real], llr[here][~real])[0] for llr in (rest, whole)]
    low, high = difference_interval(resampled.eer, rest[here], whole[here], real, pages)
    return {
        "eer_without": rates[0], "loss": rates[0] - rates[1],
        "loss_low": None if np.isnan(low) else low, "loss_high": None if np.isnan(high) else high,
    }  # fmt: skip


def _candidate(candidates: Candidates, name: str) -> dict[str, Any]:
    here, real, pages = _as_is(candidates)
    llr = candidates.scores.loc[here, name].to_numpy()
    low, high = interval(resampled.eer, llr, real, pages)
    return {
        "family": family(candidates.cards[name]), "eer": equal_error_point(llr[real], llr[~real])[0],
        "eer_low": None if np.isnan(low) else low, "eer_high": None if np.isnan(high) else high,
    }  # fmt: skip


def _as_is(candidates: Candidates) -> tuple[NDArray[np.bool_], NDArray[np.bool_], pd.Series]:
    """Return the rows of clips as they are, which of these are bona fide, and their pages."""
    here = (candidates.clips["version"] == AS_IS).to_numpy(dtype=bool)
    return here, candidates.real[here], candidates.clips.loc[here, "page"]


def _correlation(scores: pd.DataFrame) -> dict[Any, Any]:
    # Members with equal scores for all clips, as bounded ones may have, are like nobody.
    return scores.corr().fillna(0.0).round(3).to_dict()


def _cross_validated(method: str, candidates: Candidates, names: list[str]) -> dict[str, float]:
    """Return what another combination of the same members achieves on clips as they are."""
    fused = _fused(candidates, _combiner(method, candidates, dict.fromkeys(names, 1.0), None))
    here, real, _ = _as_is(candidates)
    llr = fused[here]
    return {"eer": equal_error_point(llr[real], llr[~real])[0], "cllr": cllr(llr[real], llr[~real])}
