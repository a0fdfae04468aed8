"""From trained weights to a checkpoint: calibrate on dev, measure on dev and eval, write the card."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import save as save_tensors

from core.analysis.calibration import Calibration, fit_calibration
from core.analysis.tables import evaluation_table
from core.analysis.verdict import fit_decision
from core.corpus.table import Corpus
from core.detectors.card import Card, Polarity, Training
from core.detectors.checkpoint import save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import Network
from core.errors import PolarityError
from core.files import sha256_bytes, write_bytes
from trainers.data import ChangedWaveforms, Waveforms
from trainers.recipe import Recipe

__all__ = ["finish", "score_split"]

# Half precision is kept only when no score moves by more than this share of the scores' spread.
_HALF_TOLERANCE = 0.01


def score_split(detector: Detector, waves: Waveforms | ChangedWaveforms) -> NDArray[np.float64]:
    """Return the raw score of every clip [shape=(n,)], over all its windows, as a user gets it.

    Scores are kept in the cache folder by the digests of weights and clips, so that nothing is heard twice.
    """
    weights = save_tensors({k: v.contiguous() for k, v in detector.network.state_dict().items()})
    digest = sha256_bytes(weights + f"{detector.window} {waves.key}".encode())
    path = waves.cache / f"scores-{digest[:24]}.npy"
    if not path.exists():
        scores = np.array([detector.score(waves[row]).raw for row in range(len(waves))])
        buffer = io.BytesIO()
        np.save(buffer, scores)
        write_bytes(path, buffer.getvalue())
    return np.asarray(np.load(path, allow_pickle=False))


def finish(
    network: Network, recipe: Recipe, corpus: Corpus, *, waves: dict[str, Waveforms], out: Path,
    curves: list[dict[str, float]], steps: int, minutes: float,
) -> Path:  # fmt: skip
    """Calibrate, measure and save a trained network.

    Calibration and decision thresholds come from ``dev``, the polarity gate too; the card's figures from ``dev`` and
    from ``eval``, which nothing was tuned on.

    Raises
    ------
    PolarityError
        When the dev scores call spoofs more bona fide than speech.
    """
    frames = {
        name: corpus.frame[corpus.frame["split"] == name].reset_index(drop=True) for name in ("train", "dev", "eval")
    }
    detector = Detector(network, _blank_card(network, recipe, frames["train"], corpus, steps, minutes))
    real = (frames["dev"]["label"] == "bonafide").to_numpy()
    precision = _round_weights(detector, waves["dev"])
    dev_raw = score_split(detector, waves["dev"])
    fitted = "fitted so that what is likely for bona fide speech is high"
    polarity = Polarity(how="trained with bona fide as class 1" if recipe.phases else fitted)
    if not network.supervised:
        dev_raw, polarity = _learn_polarity(network, dev_raw, real)
    calibration = fit_calibration(dev_raw, real)
    _require_positive(calibration)
    update = {
        "calibration": calibration,
        "decision": fit_decision(calibration.llr(dev_raw), real, basis=f"the corpus' dev split, {len(real)} clips"),
        "polarity": polarity,
        "precision": precision,
        "embedding_dim": len(detector.embed(waves["dev"][0])),
    }
    detector.card = detector.card.model_copy(update=update)
    seen = set(frames["train"].loc[frames["train"]["label"] == "spoof", "system"])
    cache = waves["dev"]
    waves_eval = Waveforms(replace(corpus, frame=frames["eval"]), cache.cache, limit_gb=cache.limit_gb)
    eval_llr = calibration.llr(score_split(detector, waves_eval))
    metrics = {
        "dev": _figures(frames["dev"], calibration.llr(dev_raw), seen),
        "eval": _figures(frames["eval"], eval_llr, seen),
    }
    card = detector.card.model_copy(update={"metrics": metrics})
    table = pd.DataFrame(curves).to_csv(index=False).encode()
    return save_checkpoint(
        out / recipe.name, network, card, dev_raw=dev_raw, dev_is_bonafide=real, extra={"curves.csv": table},
        overwrite=True,
    )  # fmt: skip


def _blank_card(
    network: Network, recipe: Recipe, train: pd.DataFrame, corpus: Corpus, steps: int, minutes: float
) -> Card:
    if not network.supervised:
        train = train[train["label"] == "bonafide"]
    spoofs = train[train["label"] == "spoof"]
    # An encoder that others published is named among the hyper-parameters.
    start = recipe.initial_weights or recipe.hyperparameters.get("model") or ""
    training = Training(
        corpus="spoofscope corpus", corpus_digest=corpus.digest, n_bonafide=int((train["label"] == "bonafide").sum()),
        n_spoof=len(spoofs), systems=sorted(set(spoofs["system"])),
        licences={str(k): int(n) for k, n in train["licence"].value_counts().items()},
        initial_weights=Path(str(start)).name or "random", recipe=recipe.model_dump(mode="json"),
        steps=steps, minutes=round(minutes, 1),
    )  # fmt: skip
    # Where files lay on the machine that trained is nobody's business.
    training.recipe["initial_weights"] = Path(recipe.initial_weights).name or "random"
    training.recipe["hyperparameters"] = network.rebuilt_by(recipe.hyperparameters)
    training.recipe["teachers"] = [Path(teacher).name for teacher in recipe.teachers]
    return Card(
        name=recipe.name, architecture=recipe.architecture, hyperparameters=recipe.hyperparameters,
        summary=recipe.summary, polarity=Polarity(how="not settled yet"), training=training, limits=list(recipe.limits),
        licence="MIT (weights); learnt partly from recordings that are free for research only, see the licences",
    )  # fmt: skip


def _learn_polarity(
    network: Network, raw: NDArray[np.float64], real: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Polarity]:
    """Set the sign by which the reconstruction error speaks for spoof, from development data."""
    from sklearn.metrics import roc_auc_score

    sign: Literal[1, -1] = 1 if roc_auc_score(real, raw) >= 0.5 else -1
    network.get_buffer("polarity").mul_(sign)
    better = "bona fide speech" if float(network.get_buffer("polarity")) > 0 else "spoofed speech"
    return sign * raw, Polarity(sign=sign, how=f"learnt on dev: {better} is reconstructed better than the other class")


def _require_positive(calibration: Calibration) -> None:
    if calibration.slope <= 0:
        raise PolarityError(
            "On dev the scores say spoof where they should say bona fide: calibration turns them round."
        )


def _round_weights(detector: Detector, waves: Waveforms) -> Literal["float32", "float16"]:
    """Round the weights to half precision where that moves no score of 40 clips noticeably.

    The rounded weights stay in the network: what is calibrated and measured from here on is what ships.
    """
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


def _figures(frame: pd.DataFrame, llr: NDArray[np.float64], seen: set[str]) -> list[dict[str, object]]:
    table = evaluation_table(frame.assign(score=llr), seen_systems=seen)
    records: list[dict[str, object]] = json.loads(table.to_json(orient="records", double_precision=6))
    return records
