"""From trained weights to calibrated scores: precision, polarity, calibration, decision; all on ``dev``."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from core.analysis.calibration import Calibration, fit_calibration
from core.analysis.metrics import roc_auc
from core.analysis.verdict import Decision, fit_decision
from core.detectors.card import Polarity
from core.detectors.detector import Detector
from core.detectors.network import Network
from core.detectors.polarity import check_polarity
from trainers.scoring import score_split
from trainers.waveforms import Clips

__all__ = ["Calibrated", "calibrate"]

# Half precision is kept only when no score moves by more than this share of the scores' spread.
_HALF_TOLERANCE = 0.01


@dataclass(frozen=True)
class Calibrated:
    """What ``dev`` decides of a detector.

    Attributes
    ----------
    raw : ndarray [shape=(n,)]
        Raw scores of the development clips, higher = more bona fide.
    calibration : Calibration
    decision : Decision
    polarity : Polarity
    precision : {'float32', 'float16'}
        Of the weights as they are from here on.
    """

    raw: NDArray[np.float64]
    calibration: Calibration
    decision: Decision
    polarity: Polarity
    precision: Literal["float32", "float16"]

    @property
    def llr(self) -> NDArray[np.float64]:
        """Calibrated scores of the development clips [shape=(n,)]."""
        return self.calibration.llr(self.raw)


def calibrate(
    detector: Detector, dev: Clips, is_bonafide: NDArray[np.bool_], *, basis: str, how: str
) -> Calibrated:
    """Round the weights where that moves nothing, settle the polarity, fit calibration and thresholds.

    Parameters
    ----------
    detector : Detector
        Its network is changed: the weights that are calibrated are those that ship.
    dev : Clips
        Clips that the network was not trained on.
    is_bonafide : array of bool [shape=(n,)]
    basis : str
        What the clips are, for the card.
    how : str
        Why a higher score of a supervised network means more bona fide, for the card.

    Raises
    ------
    PolarityError
        When all scores are equal, or spoofs get higher ones than bona fide speech.
    """
    precision = _round_weights(detector, dev)
    raw = score_split(detector, dev, what="development clips")
    network = detector.network
    if network.supervised:
        polarity = Polarity(how=how)
    else:
        raw, polarity = _learn_polarity(network, raw, is_bonafide)
    check_polarity(raw, is_bonafide)
    calibration = fit_calibration(raw, is_bonafide)
    auc = check_polarity(raw, is_bonafide, slope=calibration.slope)
    decision = fit_decision(calibration.llr(raw), is_bonafide, basis=basis)
    return Calibrated(raw, calibration, decision, polarity.model_copy(update={"dev_auc": auc}), precision)


def _learn_polarity(
    network: Network, raw: NDArray[np.float64], real: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Polarity]:
    """Set the sign by which the reconstruction error means spoof, from development data."""
    sign: Literal[1, -1] = 1 if roc_auc(raw[real], raw[~real]) >= 0.5 else -1
    network.get_buffer("polarity").mul_(sign)
    better = "bona fide speech" if float(network.get_buffer("polarity")) > 0 else "spoofed speech"
    return sign * raw, Polarity(sign=sign, how=f"learnt on dev: {better} is reconstructed better than the other class")


def _round_weights(detector: Detector, waves: Clips) -> Literal["float32", "float16"]:
    """Round the weights to half precision where that moves no score of 40 clips noticeably."""
    rows = range(0, len(waves), max(1, len(waves) // 40))
    before = np.array([detector.score(waves[row]).raw for row in rows])
    kept = {k: v.clone() for k, v in detector.network.state_dict().items()}
    rounded = {k: v.half().float() if v.dtype == torch.float32 else v for k, v in kept.items()}
    detector.network.load_state_dict(rounded)
    after = np.array([detector.score(waves[row]).raw for row in rows])
    if np.abs(after - before).max() <= _HALF_TOLERANCE * before.std():
        return "float16"
    detector.network.load_state_dict(kept)
    return "float32"
