"""Clips whose spoofed spans are known, scored over time: partial spoofs, bona fide recordings, authentic joins."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.localisation import Span
from core.audio.clip import SAMPLE_RATE
from core.corpus.pairs import aligned_copy
from core.corpus.speakers import group_of, voices_of
from core.detectors.cells import map_cells
from core.detectors.detector import Detector
from core.errors import CorpusError
from core.lab.joins import joined
from core.lab.planted import Source
from core.timeline.partial import partial_spoof
from trainers.progress import counted
from trainers.splices import kept_pairs
from trainers.waveforms import Clips

__all__ = ["BONAFIDE", "PARTIAL", "THROUGHOUT", "Scored", "score_clips"]

PARTIAL, THROUGHOUT, BONAFIDE = "partial spoof", "spoofed throughout", "bona fide"


@dataclass(frozen=True, eq=False)
class Scored:
    """A clip made for this, with the mean of its cells over time.

    Attributes
    ----------
    kind : str
        A partial spoof, the whole copy that it is made with, a bona fide recording, one with an authentic join, or its
        self-rejoined control.
    over_time : ndarray [shape=(steps,)]
        Uncalibrated; NaN where nothing is scored.
    spans : tuple of (start, end)
    hop_s, duration_s : float
    system : str
        ``-`` where nothing is spoofed.
    group : str
        Its page, or else its speaker: what is not parted between fitting and measuring.
    number : int
        Of the pair or recording that it is made from.
    at_s : float
        Where it is joined; NaN where it is not.
    """

    kind: str
    over_time: NDArray[np.float64]
    spans: tuple[Span, ...]
    hop_s: float
    duration_s: float
    system: str
    group: str
    number: int
    at_s: float = np.nan


def score_clips(detector: Detector, frame: pd.DataFrame, waves: Clips, *, most: int, seed: int = 0) -> list[Scored]:
    """Make partial spoofs, joins and bona fide clips of a corpus, and score their cells over time."""
    pairs = kept_pairs(frame, waves)
    if pairs.empty:
        raise CorpusError(
            "No spoof of this corpus is the aligned copy of one of its bona fide clips: give one whose pages or "
            "sources hold vocoded, coded or re-synthesised copies."
        )
    rng = np.random.default_rng(seed)
    chosen = pairs.iloc[np.sort(rng.permutation(len(pairs))[:most])]
    real = np.flatnonzero((frame["label"] == "bonafide").to_numpy())
    bonafide = np.sort(rng.permutation(real)[:most])
    clips: list[Scored] = []
    for number, (_, pair) in enumerate(counted(list(chosen.iterrows()), "partial spoofs made and scored")):
        clips += _partial(detector, frame, waves, pair, number, rng)
    voices = voices_of(frame)
    for number, row in enumerate(counted([int(row) for row in bonafide], "bona fide recordings scored")):
        same = [other for other in voices.get(str(frame["speaker"].iloc[row]), ()) if other != row]
        other = waves[same[row % len(same)]] if same else None
        clips += _genuine(detector, frame.iloc[row], waves[row], other, number)
    return clips


def _partial(
    detector: Detector, frame: pd.DataFrame, waves: Clips, pair: pd.Series, number: int, rng: np.random.Generator
) -> Iterator[Scored]:
    real = waves[int(pair["real"])]
    made = partial_spoof(real, aligned_copy(real, waves[int(pair["copy"])], int(pair["lag"])), rng)
    if made is not None:
        group = group_of(frame.iloc[int(pair["real"])])
        system = str(pair["system"])
        yield _score(detector, made.waveform, PARTIAL, number, group, system=system, spans=made.spans)
        copy = waves[int(pair["copy"])]
        throughout = ((0.0, len(copy) / SAMPLE_RATE),)
        yield _score(detector, copy, THROUGHOUT, number, group, system=system, spans=throughout)


def _genuine(
    detector: Detector, row: pd.Series, wave: NDArray[np.float32], other: NDArray[np.float32] | None, number: int
) -> Iterator[Scored]:
    group = group_of(row)
    yield _score(detector, wave, BONAFIDE, number, group)
    for kind, made in joined(Source(str(row["path"]), wave, None, "-", group, other)).items():
        yield replace(_score(detector, made.waveform, kind, number, group), at_s=made.at_s)


def _score(
    detector: Detector, wave: NDArray[np.float32], kind: str, number: int, group: str, *, system: str = "-",
    spans: tuple[Span, ...] = (),
) -> Scored:  # fmt: skip
    cells = map_cells(wave, detector)
    return Scored(kind, cells.over_time, spans, cells.hop_s, len(wave) / SAMPLE_RATE, system, group, number)
