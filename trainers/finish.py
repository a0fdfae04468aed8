"""From a trained network to a checkpoint: calibrated on dev, measured on dev and eval, saved with its card."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.tables import evaluation_table
from core.corpus.table import Corpus
from core.detectors.checkpoint import save_checkpoint
from core.detectors.detector import Detector
from trainers.calibrate import Calibrated, calibrate
from trainers.card import Trained, blank_card
from trainers.scoring import score_split
from trainers.waveforms import SomeWaveforms, Waveforms

__all__ = ["finish"]


def finish(
    trained: Trained, splits: dict[str, Corpus], waves: dict[str, SomeWaveforms], decoded: Waveforms, *, corpus: str,
    digest: str, out: Path,
) -> Path:  # fmt: skip
    """Calibrate, measure and save a trained network.

    Calibration and decision thresholds come from ``dev``, the polarity gate too; the card's figures from ``dev`` and
    from ``eval``, which nothing was tuned on.

    Parameters
    ----------
    trained : Trained
    splits : dict of str to Corpus
        ``train``, ``dev`` and ``eval``.
    waves : dict of str to SomeWaveforms
        The clips of ``train`` and ``dev``.
    decoded : Waveforms
        Those of both.
    corpus, digest : str
        Name and digest of the corpus, for the card.
    out : Path
        Folder of checkpoints.

    Raises
    ------
    PolarityError
        When all dev scores are equal, or spoofs get higher ones than bona fide speech.
    """
    network, recipe = trained.network, trained.recipe
    dev = splits["dev"].frame
    real = (dev["label"] == "bonafide").to_numpy()
    used = _trained_on(trained, splits["train"].frame)
    seconds = decoded.total_s(waves["train"].rows[used])
    card = blank_card(trained, splits["train"].frame[used], corpus=corpus, digest=digest, seconds=seconds)
    detector = Detector(network, card)
    fitted = "fitted so that what is likely for bona fide speech is high"
    how = "trained with bona fide as class 1" if recipe.phases else fitted
    seen_dev = "dev" in set(splits["train"].frame["split"])
    basis = f"the dev split of {corpus}, {len(dev)} clips" + (", which it was trained on" if seen_dev else "")
    calibrated = calibrate(detector, waves["dev"], real, basis=basis, how=how)
    unseen = Waveforms(splits["eval"], decoded.cache, limit_gb=decoded.limit_gb)
    metrics = _metrics(detector, calibrated, splits, unseen)
    if seen_dev:
        del metrics["dev"]
    card = card.model_copy(update={
        "calibration": calibrated.calibration, "decision": calibrated.decision, "polarity": calibrated.polarity,
        "precision": calibrated.precision, "embedding_dim": len(detector.embed(waves["dev"][0])),
        "metrics": metrics,
    })  # fmt: skip
    curves = pd.DataFrame(trained.curves).to_csv(index=False).encode()
    return save_checkpoint(
        out / recipe.name, network, card, dev_raw=calibrated.raw, dev_is_bonafide=real, extra={"curves.csv": curves},
        overwrite=True,
    )  # fmt: skip


def _trained_on(trained: Trained, train: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which clips of the split were used: its spoofs are not where bona fide speech alone is wanted."""
    without_spoofs = not trained.network.supervised or (trained.recipe.phases and trained.recipe.sampling.invented == 1)
    return (train["label"] == "bonafide").to_numpy(dtype=bool) | (not without_spoofs)


def _metrics(
    detector: Detector, calibrated: Calibrated, splits: dict[str, Corpus], unseen: Waveforms
) -> dict[str, list[dict[str, object]]]:
    train = splits["train"].frame
    seen = set(train.loc[train["label"] == "spoof", "system"])
    llr = calibrated.calibration.llr(score_split(detector, unseen, what="evaluation clips"))
    return {
        "dev": _figures(splits["dev"].frame, calibrated.llr, seen), "eval": _figures(splits["eval"].frame, llr, seen),
    }  # fmt: skip


def _figures(frame: pd.DataFrame, llr: NDArray[np.float64], seen: set[str]) -> list[dict[str, object]]:
    table = evaluation_table(frame.assign(score=llr), seen_systems=seen)
    records: list[dict[str, object]] = json.loads(table.to_json(orient="records", double_precision=6))
    return records
