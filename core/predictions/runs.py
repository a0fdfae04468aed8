"""The detectors of a run as predictions, so that runs and imported files vote together."""

from pathlib import Path

import numpy as np

from core.analysis.verdict import Decision
from core.predictions.columns import Columns
from core.predictions.predictions import Predictions
from core.results.store import MANIFEST, read_run

__all__ = ["is_run", "run_predictions"]


def is_run(path: Path) -> bool:
    """Return whether a path is the folder of a run."""
    return path.is_dir() and (path / MANIFEST).is_file()


def run_predictions(folder: Path) -> list[Predictions]:
    """Return the log-likelihood ratios of a run's detectors, each with its thresholds, and the run's labels.

    Raises
    ------
    ResultsError
        When there is no run, or a part of it is damaged.
    """
    import pyarrow as pa

    run = read_run(folder)
    ids = pa.array(run.column("path").astype(object), pa.string())
    labels = np.where(run.real, 1, np.where(run.fake, 0, -1)).astype(np.int8)
    attacks, groups = (
        pa.array(run.column(name).astype(object), pa.string()) if name in run.columns else None
        for name in ("system", "speaker")
    )
    return [
        Predictions(
            name=name, source=str(folder), format="run", columns=Columns(id="path", score=name, label="label"),
            ids=ids, scores=run.llr(name), labels=labels,
            decision=Decision(**run.manifest["detectors"][name]["decision"]), attacks=attacks, groups=groups,
        )
        for name in run.detectors
    ]  # fmt: skip
