"""A checkpoint's calibration and thresholds from out-of-fold scores of its recipe."""

from pathlib import Path

from core.analysis.calibration import fit_calibration
from core.analysis.verdict import fit_decision
from core.detectors.card import HELD_OUT
from core.detectors.checkpoint import read_card, save_card
from core.detectors.polarity import check_polarity
from trainers.judged import JudgedError, basis_of, fitted_on, read_judged

__all__ = ["calibrate_held_out"]


def calibrate_held_out(folder: Path, judged: Path) -> None:
    """Write calibration, thresholds and figures of out-of-fold scores into a checkpoint's card.

    The detector may have been trained on all pages: the scores are those of networks that were trained by the same
    recipe without the page of the clip they scored.

    Parameters
    ----------
    folder : Path
        The checkpoint.
    judged : Path
        What ``Judge.recipe`` wrote.

    Raises
    ------
    JudgedError
        When the scores are those of another architecture.
    PolarityError
        When spoofs score higher than bona fide speech.
    """
    card = read_card(folder)
    frame, about = read_judged(judged)
    recipe = about.get("recipe", {})
    if recipe.get("architecture") != card.architecture:
        raise JudgedError(
            f"{judged} holds scores of {recipe.get('architecture', 'a finished checkpoint')!r}, and {card.name} is a "
            f"{card.architecture!r}: judge the recipe that it was trained by."
        )
    used = frame[fitted_on(frame)]
    raw, real = used["raw"].to_numpy(dtype=float), (used["label"] == "bonafide").to_numpy(dtype=bool)
    calibration = fit_calibration(raw, real)
    check_polarity(raw, real, slope=calibration.slope)
    decision = fit_decision(calibration.llr(raw), real, basis=basis_of(frame))
    metrics = card.metrics | {HELD_OUT: about["rows"]}
    save_card(folder, card.model_copy(update={"calibration": calibration, "decision": decision, "metrics": metrics}))
