"""Error rates of a run without the clips whose recordings detectors were trained with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.tables import evaluation_table
from core.audio.decode_ahead import decode_ahead
from core.errors import AudioError, ResultsError
from core.fusion import PANEL
from core.overlap import overlap_of, shipped_prints
from core.results.library import recordings
from core.results.queries import members, rows

if TYPE_CHECKING:
    from core.detectors.card import Card
    from core.results.store import Run

__all__ = ["WithoutTraining", "clips_of_training", "without_clips_of_training"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class WithoutTraining:
    """A detector's equal error rate, and the same without the clips of its training.

    Attributes
    ----------
    detector : str
    n : int
        Clips with a label.
    n_trained : int
        Those of them that hold a recording of its training set.
    eer, eer_without : (float, float, float)
        The rate and the ends of its 95 % interval.
    """

    detector: str
    n: int
    n_trained: int
    eer: tuple[float, float, float]
    eer_without: tuple[float, float, float]


def clips_of_training(
    run: "Run", cards: Sequence["Card"], *, progress: Progress | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Return for each detector which clips of a run hold a recording of its training set, by sound alone.

    Raises
    ------
    ResultsError
        When no fingerprints ship, those of a detector's training set are not among them, or a recording is not on this
        machine or cannot be decoded.
    """
    prints = shipped_prints()
    strangers = [card.name for card in cards if prints is None or prints.of(card) is None]
    if prints is None or strangers:
        raise ResultsError(
            f"There are no fingerprints of what {', '.join(strangers)} was trained on: name other detectors, or make "
            "them with python -m trainers fingerprints."
        )
    paths = run.column("path").tolist()
    files = recordings(run, paths)
    if lacking := [path for path, file in zip(paths, files, strict=True) if file is None]:
        raise ResultsError(
            f"{len(lacking):,} recordings of the run are not on this machine ({lacking[0]}): set SPOOFSCOPE_CORPUS to "
            "the folder of its corpus."
        )
    found = {card.name: np.zeros(len(files), dtype=bool) for card in cards}
    decoded = decode_ahead((row, file) for row, file in enumerate(files) if file is not None)
    for done, (row, clip) in enumerate(decoded, start=1):
        if isinstance(clip, AudioError):
            raise ResultsError(f"{files[row]} cannot be compared with what detectors were trained on: {clip}")
        for name in overlap_of(clip.waveform, cards, prints).trained:
            found[name][row] = True
        if progress is not None:
            progress(done, len(files))
    return found


def without_clips_of_training(
    run: "Run", cards: Sequence["Card"], *, resamples: int, progress: Progress | None = None
) -> list[WithoutTraining]:
    """Return the error rates of the panel, where its members are among them, and of each detector.

    Intervals draw speakers and sources (``core.analysis.tables.evaluation_table``).
    """
    trained = clips_of_training(run, cards, progress=progress)
    in_panel = members(run)
    if in_panel and set(in_panel) <= trained.keys():
        trained = {PANEL: np.any([trained[name] for name in in_panel], axis=0), **trained}
    return [_figures(run, name, here, resamples=resamples) for name, here in trained.items()]


def _figures(run: "Run", name: str, trained: NDArray[np.bool_], *, resamples: int) -> WithoutTraining:
    frame = rows(run, name)
    labelled = frame["label"].isin(("bonafide", "spoof")).to_numpy(dtype=bool)
    eers = [_eer(frame[chosen], resamples=resamples) for chosen in (labelled, labelled & ~trained)]
    return WithoutTraining(name, int(labelled.sum()), int((labelled & trained).sum()), *eers)


def _eer(frame: pd.DataFrame, *, resamples: int) -> tuple[float, float, float]:
    row = evaluation_table(frame, seen_systems=[], resamples=resamples).iloc[0]
    return float(row["eer"]), float(row["eer_low"]), float(row["eer_high"])
