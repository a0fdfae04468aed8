"""A detector's timeline fitted and measured on partial spoofs that are made of aligned pairs."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from core.corpus.table import Corpus
from core.detectors.card import Localisation
from core.detectors.detector import Detector
from core.errors import CorpusError
from trainers.localisation.clips import BONAFIDE, PARTIAL, Scored, score_clips
from trainers.localisation.figures import HeldOut, figures
from trainers.localisation.rule import fit_rule, judged
from trainers.waveforms import Clips

__all__ = ["localise"]


def localise(
    detector: Detector, corpus: Corpus, waves: Clips, *, most: int, seed: int = 0
) -> tuple[Localisation, list[dict[str, Any]]]:
    """Fit the rule of a detector's timeline, and measure it on pages and speakers that it was not fitted on.

    Half of them fit the rule that is measured on the others, and the other way round; the rule that is returned is
    fitted on all, and the rows are on its ``figures``.

    Parameters
    ----------
    detector : Detector
        With cells.
    corpus : Corpus
        Clips that it was not trained on.
    waves : Clips
        Decoded, a row each.
    most : int
        Use at most so many pairs, and so many bona fide recordings.
    seed : int

    Raises
    ------
    CorpusError
        When the corpus has no aligned pairs, or too few.
    PolarityError
        When spoofed spans score higher than the recording around them.
    """
    clips = score_clips(detector, corpus.frame, waves, most=most, seed=seed)
    halves = _halves(clips)
    held: list[HeldOut] = []
    for fitted_on, measured_on in (halves, halves[::-1]):
        rule = fit_rule(fitted_on, basis="")
        held += [HeldOut(clip, judged(clip, rule), rule) for clip in measured_on]
    rule = fit_rule(clips, basis=_basis(clips, corpus.frame["split"].unique()))
    rows = figures(held, seen=detector.card.training.systems if detector.card.training else [])
    return rule.model_copy(update={"figures": rows}), rows


def _halves(clips: Sequence[Scored]) -> list[list[Scored]]:
    """Part the clips by page or speaker: those that partial spoofs were made from in turns, then the others."""
    of_partial = {clip.group for clip in clips if clip.kind == PARTIAL}
    order = sorted(
        {clip.group for clip in clips}, key=lambda group: (group not in of_partial, zlib.crc32(group.encode()))
    )
    halves = [[clip for clip in clips if order.index(clip.group) % 2 == half] for half in (0, 1)]
    if any({PARTIAL, BONAFIDE} - {clip.kind for clip in half} for half in halves):
        raise CorpusError(
            "A timeline is fitted on one half of the pages and speakers and measured on the other, and here a half has "
            "no partial spoof or no bona fide recording: give more clips, or a higher --most."
        )
    return halves


def _basis(clips: Sequence[Scored], splits: Iterable[str]) -> str:
    partial = [clip for clip in clips if clip.kind == PARTIAL]
    return (
        f"{len(partial)} partial spoofs by {len({clip.system for clip in partial})} systems and "
        f"{sum(clip.kind == BONAFIDE for clip in clips)} bona fide recordings, from "
        f"{len({clip.group for clip in clips})} pages and speakers of {' and '.join(sorted(splits))}"
    )
