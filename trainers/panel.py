"""Fit the panel: which detectors are its members, and how their scores become one, on development data."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import fit_calibration
from core.analysis.fusion import (
    METHODS,
    Combination,
    chosen_shares,
    cross_validated,
    fit_combination,
    hybrid,
    mean_eer,
    select_unlike,
    sweep_hybrid,
)
from core.analysis.metrics import cllr, eer
from core.analysis.tables import interval_groups
from core.analysis.verdict import fit_decision
from core.corpus.table import read_corpora
from core.detectors.checkpoint import load_detector
from core.detectors.detector import Detector
from core.errors import SpoofscopeError
from core.files import write_json
from core.fusion import Fusion
from trainers.needs import check_classes
from trainers.recipe import Augmentation
from trainers.scoring import score_split
from trainers.waveforms import PerturbedWaveforms, Waveforms

__all__ = ["PERTURBATIONS", "PanelError", "fit_panel"]


#: What happens to recordings on their way; each development clip gets one of them, drawn evenly.
PERTURBATIONS = {
    "a codec": Augmentation(codec=1.0),
    "a narrower band": Augmentation(band_limit=1.0),
    "noise at 10 to 30 dB": Augmentation(noise=1.0, noise_snr_db=(10.0, 30.0)),
    "a room": Augmentation(reverberation=1.0),
}
# A detector that fewer resamples than this want is there by luck.
_WANTED = 0.25
_NO_HYBRID = (
    "A hybrid needs a supervised member and one that is trained on bona fide speech alone: name both kinds, or choose "
    "another --method."
)


class PanelError(SpoofscopeError):
    """Detectors that cannot be made into a panel as asked."""


def fit_panel(
    names: Sequence[str], *, corpora: Sequence[tuple[Path, Path]], out: Path, work: Path, method: str = "mean",
    most: int = 0, alpha: float | None = None,
) -> Path:  # fmt: skip
    """Choose members, fuse them and write ``panel.json``.

    Every development clip is scored twice: as it is, and after a codec, in a narrower band, under noise or in a room.
    Recordings of daily life have been through such things; a panel chosen and calibrated on clean clips alone raises
    false alarms on them.

    Parameters
    ----------
    names : sequence of str
        Checkpoints, shipped or as folders.
    corpora : sequence of (manifest, root)
        Read as one; the ``dev`` split is scored.
    out : Path
        Folder of checkpoints that receives ``panel.json``.
    work : Path
        Folder for caches.
    method : {'mean', 'rank-mean', 'logistic', 'hybrid'}
        How the members' log-likelihood ratios are summed up; the sum is calibrated again.
    most : int
        Choose at most so many of the detectors, those that err least alike, again and again on resampled clips; a
        member of a mean weighs by how often it was chosen. 0 takes all, and all weigh the same.
    alpha : float, optional
        Share of the supervised members in a hybrid; without it, the best of the sweep.

    Raises
    ------
    PanelError
        When a hybrid lacks supervised or one-class members, or there is no such method.
    CorpusError
        When the split lacks a class.
    """
    if method not in (*METHODS, "hybrid"):
        raise PanelError(f"There is no combination {method!r}; there are: {', '.join((*METHODS, 'hybrid'))}.")
    detectors = {d.name: d for d in map(load_detector, names)}
    if method == "hybrid" and not all(_by_kind(list(detectors.values()))):
        raise PanelError(_NO_HYBRID)
    corpus = read_corpora(corpora)
    frame = corpus.frame[corpus.frame["split"] == "dev"].reset_index(drop=True)
    dev = replace(corpus, frame=frame)
    check_classes({"dev": dev}, {"dev": ("bonafide", "spoof")}, problems=corpus.problems)
    waves = Waveforms(dev, work / "cache")
    changed = PerturbedWaveforms(waves, list(PERTURBATIONS.values()), seed=0)
    scored = _score(frame, [waves, changed], detectors)
    basis = f"the corpus' dev split, {len(frame)} clips as they are and changed"
    write_json(out / "panel.json", _fitted(scored, detectors, method=method, most=most, alpha=alpha, basis=basis))
    return out / "panel.json"


def _fitted(
    scored: "_Scored", detectors: dict[str, Detector], *, method: str, most: int, alpha: float | None, basis: str
) -> dict[str, Any]:
    """Return the panel as JSON values: its members, how their scores become one, and how well that went."""
    scores, real, parts, groups, _ = scored
    shares = chosen_shares(scores, real, parts, groups, most=most) if most else dict.fromkeys(detectors, 1.0)
    members = [name for name, share in shares.items() if share >= _WANTED][: most or None]
    sweep = _sweep(scores[members], real, [detectors[name] for name in members])
    combination = _combination(method, scored, shares, detectors, members, sweep, alpha)
    total = combination.combine(scores)
    calibration = fit_calibration(total, real)
    fused = calibration.llr(total)
    decision = fit_decision(fused, real, basis=basis)
    return Fusion(combination, calibration, decision, decision.basis).to_json() | {
        "figures": {
            "method": method,
            "dev_eer": mean_eer(fused, real, parts),
            "dev_parts": _by_part(fused, real, parts),
            "choice": select_unlike(scores, real, parts, most=most or len(detectors)),
            "chosen_shares": shares,
            "hybrid_sweep": sweep,
            **_figures(scored, members),
        },
    }


class _Scored(NamedTuple):
    """The scores of all candidates, bounded log-likelihood ratios, and what the development clips are."""

    scores: pd.DataFrame
    real: NDArray[np.bool_]
    parts: NDArray[np.object_]
    groups: NDArray[np.object_]
    limit: float


def _score(
    frame: pd.DataFrame, versions: Sequence[Waveforms | PerturbedWaveforms], detectors: dict[str, Detector]
) -> _Scored:
    """Score every version of the clips; the first is the clips as they are, the others have parts of their own."""
    real = (frame["label"] == "bonafide").to_numpy()
    parts = frame["part"].astype(str) if "part" in frame else pd.Series("all", index=frame.index)
    limit = math.log(min(real.sum(), (~real).sum()))
    scores = pd.DataFrame({
        name: np.concatenate([d.calibration.llr(score_split(d, waves)) for waves in versions])
        for name, d in detectors.items()
    })  # fmt: skip
    return _Scored(
        scores.clip(-limit, limit),
        np.tile(real, len(versions)),
        pd.concat([parts + ", changed" * (number > 0) for number in range(len(versions))]).to_numpy(dtype=object),
        np.tile(interval_groups(frame), len(versions)),
        limit,
    )


def _figures(scored: _Scored, members: Sequence[str]) -> dict[str, Any]:
    """Return what a reader of the panel may want to know of its members."""
    scores, real, parts, groups, _ = scored
    llrs = scores[list(members)]
    return {
        "dev_eer_members": {name: mean_eer(scores[name].to_numpy(), real, parts) for name in scores},
        "cross_validated": {m: _cross_validated(m, llrs, real, parts, groups) for m in METHODS},
        "correlation_bonafide": _correlation(llrs[real]),
        "correlation_spoof": _correlation(llrs[~real]),
    }


def _correlation(scores: pd.DataFrame) -> dict[Any, Any]:
    # Members with equal scores for all clips, as bounded ones may have, are like nobody.
    return scores.corr().fillna(0.0).round(3).to_dict()


def _by_part(
    fused: NDArray[np.float64], real: NDArray[np.bool_], parts: NDArray[np.object_]
) -> dict[str, dict[str, float]]:
    """Return of each part the equal error rate, false alarm rate and miss rate at P(spoof) = 0.5."""
    table = {}
    for part in sorted(set(parts)):
        speech, spoofs = fused[(parts == part) & real], fused[(parts == part) & ~real]
        table[part] = {
            "eer": eer(speech, spoofs).rate,
            "false_alarm_rate": float((speech < 0).mean()),
            "miss_rate": float((spoofs >= 0).mean()),
        }
    return table


def _by_kind(detectors: Sequence[Detector]) -> tuple[list[str], list[str]]:
    supervised = [d.name for d in detectors if d.network.supervised]
    return supervised, [d.name for d in detectors if not d.network.supervised]


def _sweep(scores: pd.DataFrame, real: NDArray[np.bool_], members: Sequence[Detector]) -> list[dict[str, float]]:
    supervised, anomaly = _by_kind(members)
    return sweep_hybrid(scores, real, supervised, anomaly) if supervised and anomaly else []


def _combination(
    method: str, scored: _Scored, shares: dict[str, float], detectors: dict[str, Detector], members: Sequence[str],
    sweep: list[dict[str, float]], alpha: float | None,
) -> Combination:  # fmt: skip
    """Return how the members' scores become one; in a mean each weighs by how often it was chosen."""
    if method == "mean":
        wanted = sum(shares[name] for name in members)
        return Combination({name: shares[name] / wanted for name in members}, limit=scored.limit)
    if method != "hybrid":
        fitted = fit_combination(method, scored.scores[list(members)], scored.real)
        return replace(fitted, limit=scored.limit)
    if not sweep:
        raise PanelError(_NO_HYBRID)
    best = min(sweep, key=lambda point: point["eer"])["alpha"]
    supervised, anomaly = _by_kind([detectors[name] for name in members])
    return replace(hybrid(supervised, anomaly, best if alpha is None else alpha), limit=scored.limit)


def _cross_validated(
    method: str, scores: pd.DataFrame, real: NDArray[np.bool_], parts: NDArray[Any], groups: NDArray[np.object_]
) -> dict[str, float]:
    fused = cross_validated(method, scores, real, groups)
    return {"eer": mean_eer(fused, real, parts), "cllr": cllr(fused[real], fused[~real])}
