"""What a student is trained on: clips and their perturbed copies, with targets that teachers score."""

import time
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.held_out import AS_IS, PERTURBED
from core.audio.clip import SAMPLE_RATE
from core.audio.segment import window_spans
from core.corpus.table import Corpus
from core.detectors.card import Card
from core.detectors.checkpoint import find_checkpoint, load_detector, read_card
from core.detectors.detector import Detector
from core.panel import load_panel
from trainers.recipe import Recipe
from trainers.scoring import score_split
from trainers.versions import versions_of
from trainers.waveforms import Clips, JoinedWaveforms

__all__ = [
    "find_teachers", "pages_of_teachers", "saw", "seconds_of_teachers", "training_material", "without_teachers_of",
]  # fmt: skip

_PANEL = "panel"
_VERSIONS = (AS_IS, PERTURBED)


def find_teachers(teachers: Sequence[str]) -> None:
    """Look for the checkpoints of all teachers, before the corpus is read.

    Raises
    ------
    UnknownNameError
        When there is no such checkpoint.
    """
    for name in teachers:
        if name != _PANEL:
            find_checkpoint(name)


def seconds_of_teachers(teachers: Sequence[str], clips_s: Iterable[float]) -> float:
    """Return about how many seconds of one core all teachers take for clips and their perturbed copies.

    Each is tried on one window of noise, before any recording is decoded.

    Parameters
    ----------
    teachers : sequence of str
        Checkpoints, or ``panel``.
    clips_s : iterable of float
        Length of each clip, in seconds; one that is not known counts as one window.
    """
    lengths = [max(1, int(SAMPLE_RATE * seconds)) for seconds in np.nan_to_num(np.fromiter(clips_s, float))]
    return sum(
        _window_s(detector) * sum(len(window_spans(n, window=detector.window, hop=detector.hop)) for n in lengths)
        for name in teachers for detector in _detectors(name)
    ) * len(_VERSIONS)  # fmt: skip


def _window_s(detector: Detector) -> float:
    noise = 0.1 * np.random.default_rng(0).standard_normal(detector.window).astype(np.float32)
    detector.score(noise)  # warms up
    started = time.perf_counter()
    detector.score(noise)
    return time.perf_counter() - started


def _detectors(teacher: str) -> Iterator[Detector]:
    yield from load_panel().detectors.values() if teacher == _PANEL else [load_detector(teacher)]


def without_teachers_of(recipe: Recipe, pages: Set[str]) -> Recipe:
    """Return a recipe without the teachers that were trained on any of some pages.

    What such a teacher scores on other clips still holds what it learnt on those pages, so that a student of its own
    would not be blind to them. Where none is left, the student is trained on labels. A teacher whose card does not name
    its pages counts as trained on all.
    """
    blind = [name for name in recipe.teachers if not any(saw(card, pages) for card in _cards(name))]
    return recipe.model_copy(update={"teachers": blind})


def pages_of_teachers(recipe: Recipe) -> set[str] | None:
    """Return the published pages that a recipe's teachers were trained on; None where a card does not name them."""
    pages: set[str] = set()
    for card in (card for name in recipe.teachers for card in _cards(name)):
        seen = None if card.training is None else card.training.pages
        if seen is None:
            return None
        pages |= set(seen)
    return pages


def _cards(teacher: str) -> list[Card]:
    if teacher == _PANEL:
        panel = load_panel()
        return [panel.card(name) for name in panel.members]
    return [read_card(find_checkpoint(teacher))]


def saw(card: Card, pages: Set[str]) -> bool:
    """Return whether a detector was trained on any of some pages; one whose card does not name its own counts so."""
    seen = None if card.training is None else card.training.pages
    return seen is None or not pages.isdisjoint(seen)


def training_material(recipe: Recipe, train: Corpus, waves: Clips) -> tuple[Corpus, Clips, NDArray[np.float32]]:
    """Return clips to train on, and the target P(bona fide) of each [shape=(n,)].

    Without teachers these are the training clips and their labels. A student has a perturbed copy of each clip besides
    (``trainers.versions``): what its teachers score where a codec, a band, noise or a room has touched a voice is as
    much to learn as what they score on clean speech. Of each label the share ``recipe.distillation`` is replaced by the
    mean P(bona fide) of the teachers for that version of the clip.
    """
    labels = (train.frame["label"] == "bonafide").to_numpy().astype(np.float32)
    if not recipe.teachers:
        return train, waves, labels
    versions = versions_of(waves, _VERSIONS).values()
    targets = [_targets(recipe, labels, version) for version in versions]
    frame = pd.concat([train.frame] * len(targets), ignore_index=True)
    return replace(train, frame=frame), JoinedWaveforms(list(versions)), np.concatenate(targets)


def _targets(recipe: Recipe, labels: NDArray[np.float32], waves: Clips) -> NDArray[np.float32]:
    score = np.mean([_teacher_score(name, waves) for name in recipe.teachers], axis=0)
    p_bonafide = 1 / (1 + np.exp(-score))
    return np.asarray((1 - recipe.distillation) * labels + recipe.distillation * p_bonafide, dtype=np.float32)


def _teacher_score(teacher: str, waves: Clips) -> NDArray[np.float64]:
    """Return the log odds of bona fide of every clip by a checkpoint, or by the panel."""
    if teacher == _PANEL:
        panel = load_panel()
        return panel.fused({name: d.calibration.llr(score_split(d, waves)) for name, d in panel.detectors.items()})
    detector = load_detector(teacher)
    return detector.calibration.llr(score_split(detector, waves))
