"""Tables of figures: by what a detector has seen in training, and by attack."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bootstrap import RESAMPLES, intervals
from core.analysis.det import equal_error_point
from core.analysis.format import NOTHING, figure, rate, text_table
from core.analysis.metrics import act_dcf, cllr, eer, min_dcf, roc_auc, threshold_report
from core.analysis.prosody import quartiles
from core.analysis.slices import SLICES, in_slice
from core.analysis.tandem import ASVSPOOF_2019_LA, min_tdcf_2019

__all__ = [
    "evaluation_table", "false_alarms_by_quartile", "interval_groups", "render_table",
]  # fmt: skip

_Pair = NDArray[np.float64]
_FIGURES: dict[str, Callable[[_Pair, _Pair], float]] = {
    "eer": lambda bonafide, spoof: equal_error_point(bonafide, spoof)[0],
    "auc": roc_auc,
    "min_tdcf": lambda bonafide, spoof: min_tdcf_2019(bonafide, spoof, ASVSPOOF_2019_LA),
    "min_dcf": min_dcf,
    "act_dcf": act_dcf,
    "cllr": cllr,
}
_WITH_INTERVAL = {"eer": resampled.eer, "auc": resampled.auc, "cllr": resampled.cllr}
_AT_THRESHOLD = ("accuracy", "precision", "recall", "f1", "false_alarm_rate", "miss_rate")
_FEWEST = 2
_SHARES = frozenset({"eer", "accuracy", "precision", "recall", "false_alarm_rate", "miss_rate", "detected"})


def evaluation_table(
    frame: pd.DataFrame,
    *,
    seen_systems: Iterable[str],
    resamples: int = RESAMPLES,
    threshold: float = 0.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Return a detector's figures on all clips, on attacks it was and was not trained on, and on published ones.

    Parameters
    ----------
    frame : DataFrame
        One row a clip: label, system, source, speaker, score (calibrated log-likelihood ratio, higher = more bona
        fide) and, where the corpus has parts, part.
    seen_systems : iterable of str
        Attacks that the detector was trained on.
    resamples : int
        Of the bootstrap that gives the intervals; 0 leaves them out. It draws speakers for bona fide clips and, for
        spoofs, the recordings they were made from (their speaker where the source is not known).
    threshold : float
        Log-likelihood ratio below which a clip is called spoof, for accuracy and the like.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Rows ``all``, ``seen attacks`` and ``unseen attacks`` (each with all bona fide clips) and ``published``
        (where there is such a part); columns slice, n_bonafide, n_spoof, eer, auc, min_tdcf (2019 form, behind the
        verification system of ASVspoof 2019 LA), min_dcf, act_dcf, cllr, the intervals eer_low ... cllr_high (95 %),
        and at the threshold accuracy, precision, recall, f1, false_alarm_rate, miss_rate. A slice with fewer than two
        clips of a class has NaN for figures.
    """
    seen = set(seen_systems)
    slices = {name: in_slice(frame, name, seen) for name in SLICES}
    rows = [
        {"slice": name, **_row(frame[rows], resamples=resamples, threshold=threshold, seed=seed)}
        for name, rows in slices.items()
        if name != "published" or rows.any()
    ]
    return pd.DataFrame(rows)


def false_alarms_by_quartile(frame: pd.DataFrame, *, threshold: float = 0.0) -> list[float]:
    """Return the share of bona fide clips called spoof in each quarter of prosodic variation, the lowest first.

    Parameters
    ----------
    frame : DataFrame
        One row a clip: label, score, pitch_range_st and energy_sd_db (``core.analysis.prosody``). Without the last
        two the answer is four times NaN.
    threshold : float
        Log-likelihood ratio below which a clip is called spoof.
    """
    if "pitch_range_st" not in frame.columns:
        return [math.nan] * 4
    real = frame[frame["label"] == "bonafide"]
    quarter = quartiles(real["pitch_range_st"].to_numpy(dtype=float), real["energy_sd_db"].to_numpy(dtype=float))
    called = (real["score"] < threshold).to_numpy()
    return [float(called[quarter == q].mean()) if (quarter == q).any() else math.nan for q in range(1, 5)]


def interval_groups(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return what the bootstrap draws for each row: the speaker of bona fide clips, the source of spoofs.

    A spoof without a source counts by its speaker, and a clip that has neither stands for itself.
    """
    real = (frame["label"] == "bonafide").to_numpy(dtype=bool)
    rows = np.array([f"clip:{i}" for i in range(len(frame))], dtype=object)
    speaker, source = (_named(frame, name, rows) for name in ("speaker", "source"))
    source = np.where(source == rows, speaker, source)
    return np.where(real, speaker, source)


def _named(frame: pd.DataFrame, column: str, otherwise: NDArray[np.object_]) -> NDArray[np.object_]:
    if column not in frame.columns:
        return otherwise
    names = frame[column].fillna("-").astype(str)
    return np.where(names.isin(["", "-"]), otherwise, column + ":" + names).astype(object)


def _row(frame: pd.DataFrame, *, resamples: int, threshold: float, seed: int) -> dict[str, Any]:
    real = (frame["label"] == "bonafide").to_numpy(dtype=bool)
    row: dict[str, Any] = {"n_bonafide": int(real.sum()), "n_spoof": int((~real).sum())}
    row |= _figures(frame, names=tuple(_FIGURES), resamples=resamples, seed=seed)
    if _is_thin(real):
        return row | dict.fromkeys(_AT_THRESHOLD, math.nan)
    report = threshold_report(frame["score"].to_numpy(dtype=float), real, threshold)
    return row | {name: getattr(report, name) for name in _AT_THRESHOLD}


def _is_thin(real: NDArray[np.bool_]) -> bool:
    return min(int(real.sum()), int((~real).sum())) < _FEWEST


def _figures(frame: pd.DataFrame, *, names: tuple[str, ...], resamples: int, seed: int) -> dict[str, float]:
    """Return the named figures, those with an interval followed by ``_low`` and ``_high``."""
    real = (frame["label"] == "bonafide").to_numpy(dtype=bool)
    scores = frame["score"].to_numpy(dtype=float)
    thin = _is_thin(real)
    wanted = {name: _WITH_INTERVAL[name] for name in names if name in _WITH_INTERVAL}
    ends = dict.fromkeys(wanted, (math.nan, math.nan))
    if resamples and not thin:
        ends = intervals(wanted, scores, real, interval_groups(frame), resamples=resamples, seed=seed)
    row: dict[str, float] = {}
    for name in names:
        row[name] = math.nan if thin else _figure(name, scores[real], scores[~real])
        if name in ends:
            row[f"{name}_low"], row[f"{name}_high"] = ends[name]
    return row


def _figure(name: str, bonafide: _Pair, spoof: _Pair) -> float:
    # The figure itself warns of ties; its thousand resamples need not.
    return eer(bonafide, spoof).rate if name == "eer" else _FIGURES[name](bonafide, spoof)


def render_table(table: pd.DataFrame) -> str:
    """Return a table as aligned plain text: rates in per cent, intervals in brackets, a dash for what is not known."""
    shown: dict[str, list[str]] = {}
    for name in map(str, table.columns):
        stem, _, end = name.rpartition("_")
        if end in {"low", "high"} and stem in table.columns:
            continue
        ends = [table.get(f"{name}_{end}", pd.Series(math.nan, index=table.index)) for end in ("low", "high")]
        shown[name] = [
            _cell(value, (low, high), is_share=name in _SHARES)
            for value, low, high in zip(table[name], *ends, strict=True)
        ]  # fmt: skip
    return text_table(pd.DataFrame(shown))


def _cell(value: Any, ends: tuple[float, float], *, is_share: bool) -> str:
    if isinstance(value, float | np.floating):
        return rate(float(value), ends) if is_share else figure(float(value), ends, digits=3)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return NOTHING if value is None else str(value)
