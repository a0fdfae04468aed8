"""The detectors of a run as predictions, so that runs and imported files vote together."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from core.analysis.verdict import Decision
from core.corpus.reader import Row
from core.detectors.card import Card
from core.detectors.checkpoint import find_checkpoint, read_card, shipped
from core.predictions.columns import Columns
from core.predictions.predictions import Predictions
from core.results.manifest import MANIFEST
from core.results.store import PROSODY_COLUMNS, Run, read_run

__all__ = ["cards_of", "is_run", "predictions_of_run", "prosody_of", "rows_of"]


def is_run(path: Path) -> bool:
    """Return whether a path is the folder of a run."""
    return path.is_dir() and (path / MANIFEST).is_file()


def predictions_of_run(run: Run, names: Iterable[str]) -> list[Predictions]:
    """Return the log-likelihood ratios of some detectors of a run, each with its thresholds, and the run's labels."""
    import pyarrow as pa

    ids = pa.array(run.column("path").astype(object), pa.string())
    labels = np.where(run.real, 1, np.where(run.fake, 0, -1)).astype(np.int8)
    attacks, groups = (
        pa.array(run.column(name).astype(object), pa.string()) if name in run.columns else None
        for name in ("system", "speaker")
    )
    return [
        Predictions(
            name=name, source=str(run.folder), format="run", columns=Columns(id="path", score=name, label="label"),
            ids=ids, scores=run.llr(name), labels=labels,
            decision=Decision(**run.manifest["detectors"][name]["decision"]), attacks=attacks, groups=groups,
        )
        for name in names
    ]  # fmt: skip


def cards_of(voters: Iterable[Predictions], given: Mapping[str, str]) -> dict[str, Card]:
    """Return what is known of detectors: the cards that are given, and those of a run's detectors that ship.

    Parameters
    ----------
    voters : iterable of Predictions
    given : mapping of str to str
        Folders of checkpoints, or names of shipped ones, by the voter's name. A file that is called as a shipped
        detector need not be of it.
    """
    ships = set(shipped())
    # A detector of a run may be called otherwise beside another of its name; its column is not.
    own = {one.name: one.columns.score for one in voters if one.format == "run"}
    found = {name: shown for name, shown in own.items() if shown in ships}
    return {name: read_card(find_checkpoint(place)) for name, place in {**found, **given}.items()}


def prosody_of(folders: Iterable[Path]) -> dict[str, tuple[float, float]]:
    """Return pitch range (semitones) and energy variation (dB) of the clips of runs, by path, where they are kept."""
    found: dict[str, tuple[float, float]] = {}
    for folder in folders:
        run = read_run(folder)
        if set(PROSODY_COLUMNS) <= set(run.columns):
            pitch, energy = (run.column(name).to_numpy(dtype=float).tolist() for name in PROSODY_COLUMNS)
            found |= dict(zip(run.column("path").astype(str), zip(pitch, energy, strict=True), strict=True))
    return found


def rows_of(folders: Iterable[Path]) -> dict[str, Row]:
    """Return the clips of runs as rows of a manifest, by path."""
    found: dict[str, Row] = {}
    for folder in folders:
        run = read_run(folder)
        names = [name for name in Row._fields if name in run.columns]
        columns = {name: run.column(name).astype(str).tolist() for name in names}
        for at, path in enumerate(columns["path"]):
            found[path] = Row(**{name: columns[name][at] for name in names})
    return found
