"""The tandem detection cost: what a detector saves a speaker verification system that stands behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.analysis.det import det_curve, equal_error_point

__all__ = ["ASVSPOOF_2019_LA", "AsvErrorRates", "asv_error_rates", "min_tdcf_2019", "min_tdcf_2021"]

# Priors and costs of the ASVspoof 2019 and 2021 evaluation plans.
_PRIOR_SPOOF = 0.05
_PRIOR_TARGET = 0.95 * 0.99
_PRIOR_NONTARGET = 0.95 * 0.01
_COST_MISS, _COST_FALSE_ALARM = 1.0, 10.0


@dataclass(frozen=True)
class AsvErrorRates:
    """Error rates of a speaker verification system at its own threshold.

    Attributes
    ----------
    miss : float
        Share of targets that score below the threshold.
    false_alarm : float
        Share of nontargets at or above it.
    miss_spoof : float
        Share of spoofs below it.
    threshold, eer : float
        Where targets and nontargets err alike, and the rate there.
    """

    miss: float
    false_alarm: float
    miss_spoof: float
    threshold: float = float("nan")
    eer: float = float("nan")


# Of the organisers' system on the evaluation trials; lets t-DCF be stated where no verification scores exist.
ASVSPOOF_2019_LA = AsvErrorRates(
    miss=132 / 5370, false_alarm=820 / 33327, miss_spoof=15290 / 63882,
    threshold=-5.680050849914551, eer=0.02457783738686887,
)  # fmt: skip


def asv_error_rates(target: ArrayLike, nontarget: ArrayLike, spoof: ArrayLike) -> AsvErrorRates:
    """Return a verification system's error rates at the equal error threshold of targets and nontargets.

    Parameters
    ----------
    target, nontarget, spoof : array [shape=(n,)]
        Verification scores; higher = more likely the claimed speaker.
    """
    rate, threshold = equal_error_point(target, nontarget)
    return AsvErrorRates(
        miss=float((np.asarray(target) < threshold).mean()),
        false_alarm=float((np.asarray(nontarget) >= threshold).mean()),
        miss_spoof=float((np.asarray(spoof) < threshold).mean()),
        threshold=threshold,
        eer=rate,
    )


def min_tdcf_2019(bonafide: ArrayLike, spoof: ArrayLike, asv: AsvErrorRates) -> float:
    """Return the normalised minimum tandem detection cost in the form of ASVspoof 2019.

    Kinnunen et al., "t-DCF: a detection cost function for the tandem assessment of spoofing countermeasures and
    automatic speaker verification", Odyssey 2018; ASVspoof 2019 evaluation plan. 1 = useless.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Detector scores; higher = more bona fide.
    asv : AsvErrorRates
        Of the verification system behind the detector.

    Raises
    ------
    ValueError
        When the verification system errs so much that the cost is not defined.
    """
    c1 = _PRIOR_TARGET * _COST_MISS * (1 - asv.miss) - _PRIOR_NONTARGET * _COST_FALSE_ALARM * asv.false_alarm
    c2 = _COST_FALSE_ALARM * _PRIOR_SPOOF * (1 - asv.miss_spoof)
    return _minimum(bonafide, spoof, 0.0, c1, c2)


def min_tdcf_2021(bonafide: ArrayLike, spoof: ArrayLike, asv: AsvErrorRates) -> float:
    """Return the minimum tandem detection cost in the revised form of ASVspoof 2021.

    Kinnunen et al., "Tandem assessment of spoofing countermeasures and automatic speaker verification", TASLP 2020.
    It keeps the verification system's own errors, so that a perfect detector stays above 0.

    Parameters
    ----------
    bonafide, spoof : array [shape=(n,)], [shape=(m,)]
        Detector scores; higher = more bona fide.
    asv : AsvErrorRates
        Of the verification system behind the detector.

    Raises
    ------
    ValueError
        When the verification system errs so much that the cost is not defined.
    """
    c0 = _PRIOR_TARGET * _COST_MISS * asv.miss + _PRIOR_NONTARGET * _COST_FALSE_ALARM * asv.false_alarm
    c1 = _PRIOR_TARGET * _COST_MISS - c0
    c2 = _PRIOR_SPOOF * _COST_FALSE_ALARM * (1 - asv.miss_spoof)
    return _minimum(bonafide, spoof, c0, c1, c2)


def _minimum(bonafide: ArrayLike, spoof: ArrayLike, c0: float, c1: float, c2: float) -> float:
    if min(c1, c2) <= 0:
        raise ValueError(
            "The tandem cost is not defined for this verification system: it rejects every target or every spoof."
        )
    miss, false_alarm, _ = det_curve(bonafide, spoof)
    return float((c0 + c1 * miss + c2 * false_alarm).min() / (c0 + min(c1, c2)))
