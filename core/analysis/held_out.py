"""Figures of out-of-fold scores: what detectors that were not trained on a page score on its clips.

The rows are what ``python -m trainers judge`` writes, what a card keeps as ``metrics["held-out pages"]`` and what
``panel.json`` keeps as ``figures["rows"]``; ``held_out_table`` renders them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis import resampled
from core.analysis.bootstrap import RESAMPLES, intervals, mean_interval
from core.analysis.calibration import fit_calibration
from core.analysis.det import equal_error_point
from core.analysis.format import figure, rate
from core.analysis.metrics import cllr
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, fit_decision

__all__ = [
    "AS_IS", "COLUMNS", "PERTURBED", "TELEPHONE", "called", "cross_fitted", "cross_fitted_verdicts",
    "held_out_rows", "held_out_table",
]  # fmt: skip

#: Versions of a clip: as it is, after one drawn perturbation, and as a telephone passes it on.
AS_IS, PERTURBED, TELEPHONE = "as is", "perturbed", "telephone"
#: One row of out-of-fold scores: a clip in one version.
COLUMNS = ("path", "page", "fold", "label", "system", "kind", "language", "version", "raw", "llr")

_UNNAMED = ("", "-")
_FEWEST = 2
_SHARES = {
    "false_alarm_rate": ("bonafide", lambda frame: frame["llr"] < 0),
    "miss_rate": ("spoof", lambda frame: frame["llr"] >= 0),
    "called_spoofed": ("bonafide", lambda frame: frame["called"] == SPOOFED),
    "called_bonafide": ("spoof", lambda frame: frame["called"] == BONAFIDE),
    "not_sure_bonafide": ("bonafide", lambda frame: frame["called"] == NOT_SURE),
    "not_sure_spoof": ("spoof", lambda frame: frame["called"] == NOT_SURE),
}


def cross_fitted(
    raw: NDArray[np.float64], is_bonafide: NDArray[np.bool_], folds: NDArray[Any], usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return log-likelihood ratios [shape=(n,)], each fold calibrated on the others.

    Parameters
    ----------
    raw, is_bonafide, folds : ndarray [shape=(n,)]
    usable : ndarray of bool [shape=(n,)]
        The rows that a calibration may be fitted to.

    Raises
    ------
    ValueError
        When the other folds lack a class.
    """
    llr = np.full(len(raw), math.nan)
    for held_out, others in _each_fold(folds, usable):
        llr[held_out] = fit_calibration(raw[others], is_bonafide[others]).llr(raw[held_out])
    return llr


def cross_fitted_verdicts(
    llr: NDArray[np.float64], is_bonafide: NDArray[np.bool_], folds: NDArray[Any], usable: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Return each clip's verdict in words [shape=(n,)], by thresholds that were set on the other folds."""
    words = np.full(len(llr), NOT_SURE, dtype=object)
    for held_out, others in _each_fold(folds, usable):
        decision = fit_decision(llr[others], is_bonafide[others], basis="the other folds")
        words[held_out] = called(llr[held_out], decision.spoof_below, decision.bonafide_above)
    return words


def called(llr: NDArray[np.float64], spoof_below: float, bonafide_above: float) -> NDArray[np.object_]:
    """Return the verdicts in words [shape=(n,)] by two thresholds."""
    return np.select([llr < spoof_below, llr > bonafide_above], [SPOOFED, BONAFIDE], NOT_SURE).astype(object)


def _each_fold(folds: NDArray[Any], usable: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield which rows each fold holds out, and which usable ones the others have."""
    for fold in np.unique(folds):
        held_out = folds == fold
        yield held_out, usable & ~held_out


def held_out_rows(frame: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = 0) -> list[dict[str, Any]]:
    """Return figures on all clips, by kind of real speech and of spoof, by language, and by version of the clips.

    Parameters
    ----------
    frame : DataFrame
        Out-of-fold scores, the columns of ``COLUMNS`` and ``called`` (verdicts in words).
    resamples : int
        Of the bootstrap, which draws pages: clips of one page are no independent evidence.
    seed : int

    Returns
    -------
    list of dict
        JSON values: group (``all``, ``real speech``, ``spoofs``, ``language``, ``version``), name, n_bonafide,
        n_spoof, n_pages; eer, cllr; at P(spoof) 0.5 false_alarm_rate and miss_rate; at the thresholds called_spoofed
        and not_sure_bonafide (shares of bona fide clips), called_bonafide and not_sure_spoof (of spoofs). Each figure
        is followed by the ends of its 95 % interval, ``_low`` and ``_high``. None where it is not known, and for the
        class that a row is not about: a kind of real speech stands against all spoofs, a kind of spoof against all
        real speech. Version rows aside, clips count as they are.
    """
    as_is = frame[frame["version"] == AS_IS]
    return [
        {"group": group, "name": name, **_row(some, about, resamples=resamples, seed=seed)}
        for group, name, some, about in [*_slices(as_is), *_versions(frame)]
    ]


_BOTH = ("bonafide", "spoof")


def _slices(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, Sequence[str]]]:
    yield "all", "all", frame, _BOTH
    for group, label in (("real speech", "bonafide"), ("spoofs", "spoof")):
        of_class = frame["label"] == label
        for kind in frame.loc[of_class, "kind"].value_counts().index:
            yield group, str(kind), frame[~of_class | (frame["kind"] == kind)], (label,)
    named = frame[~frame["language"].isin(_UNNAMED)]
    for language in named["language"].value_counts().index:
        yield "language", str(language), named[named["language"] == language], _BOTH


def _versions(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, Sequence[str]]]:
    for version in (PERTURBED, TELEPHONE):
        some = frame[frame["version"] == version]
        if len(some):
            yield "version", version, some, _BOTH


def _row(frame: pd.DataFrame, about: Sequence[str], *, resamples: int, seed: int) -> dict[str, Any]:
    real = (frame["label"] == "bonafide").to_numpy(dtype=bool)
    subject = frame[frame["label"].isin(about)]
    row: dict[str, Any] = {
        "n_bonafide": int(real.sum()), "n_spoof": int((~real).sum()), "n_pages": int(subject["page"].nunique()),
    }  # fmt: skip
    row |= _figures(frame, real, resamples=resamples, seed=seed)
    for name, (label, which) in _SHARES.items():
        some = frame[frame["label"] == label]
        known = label in about and len(some) > 0
        values = which(some).to_numpy(dtype=float)
        ends = mean_interval(values, some["page"], resamples=resamples, seed=seed) if known else (math.nan, math.nan)
        row |= _with_ends(name, float(values.mean()) if known else math.nan, ends)
    return row


def _figures(frame: pd.DataFrame, real: NDArray[np.bool_], *, resamples: int, seed: int) -> dict[str, float | None]:
    llr = frame["llr"].to_numpy(dtype=float)
    unknown = (math.nan, math.nan)
    if min(real.sum(), (~real).sum()) < _FEWEST:
        return _with_ends("eer", math.nan, unknown) | _with_ends("cllr", math.nan, unknown)
    wanted = {"eer": resampled.eer, "cllr": resampled.cllr}
    ends = intervals(wanted, llr, real, frame["page"], resamples=resamples, seed=seed)
    speech, spoofs = llr[real], llr[~real]
    return _with_ends("eer", equal_error_point(speech, spoofs)[0], ends["eer"]) | _with_ends(
        "cllr", cllr(speech, spoofs), ends["cllr"]
    )


def _with_ends(name: str, value: float, ends: tuple[float, float]) -> dict[str, float | None]:
    values = {name: value, f"{name}_low": ends[0], f"{name}_high": ends[1]}
    return {key: round(one, 6) if math.isfinite(one) else None for key, one in values.items()}


_HEADS = {
    "eer": "EER", "cllr": "Cllr", "false_alarm_rate": "false alarms at P 0.5", "miss_rate": "misses at P 0.5",
    "called_spoofed": "real called probably spoofed", "not_sure_bonafide": "real not sure",
    "called_bonafide": "spoofs called probably bona fide", "not_sure_spoof": "spoofs not sure",
}  # fmt: skip
_GLOSSES = {"calm-read": "read", "vivid": "acted", "vc": "voice conversion"}


def held_out_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what ``held_out_rows`` gave as text, a column a figure: rates in per cent with their intervals."""
    return pd.DataFrame([
        {
            "clips": _title(row), "n real": f"{row['n_bonafide']:,}", "n spoofed": f"{row['n_spoof']:,}",
            "pages": str(row["n_pages"]), **{head: _cell(row, name) for name, head in _HEADS.items()},
        }
        for row in rows
    ])  # fmt: skip


def _title(row: Mapping[str, Any]) -> str:
    name = _GLOSSES.get(row["name"], row["name"])
    return name if row["group"] in {"all", "version"} else f"{row['group']}: {name}"


def _cell(row: Mapping[str, Any], name: str) -> str:
    ends = (row.get(f"{name}_low"), row.get(f"{name}_high"))
    return figure(row.get(name), ends) if name == "cllr" else rate(row.get(name), ends)
