"""How far the people who judged the same clips agree."""

from collections.abc import Iterable

import numpy as np

from core.analysis.format import figure
from core.analysis.reliability import Reliability, reliability
from core.review.judgement import ANSWERS, Judgement
from core.review.store import latest

__all__ = ["agreement", "agreement_sentence"]


def agreement(judgements: Iterable[Judgement]) -> Reliability:
    """Return Krippendorff's alpha of what reviewers judged last; *unsure* is an answer like the others."""
    answered = [one for one in latest(judgements).values() if one.answer]
    reviewers, clips = (sorted({getattr(one, name) for one in answered}) for name in ("reviewer", "clip"))
    table = np.full((len(reviewers), len(clips)), -1, dtype=np.int8)
    rows, columns = ({name: at for at, name in enumerate(names)} for names in (reviewers, clips))
    for one in answered:
        table[rows[one.reviewer], columns[one.clip]] = ANSWERS.index(one.answer)
    return reliability(table)


def agreement_sentence(judgements: Iterable[Judgement]) -> str:
    """Return in one sentence how far reviewers agree, or why that is not known."""
    known = list(judgements)
    people = sorted({one.reviewer for one in known if one.answer})
    found = agreement(known)
    if len(people) < 2:
        return "Only one person has judged so far: agreement needs two." if people else "Nobody has judged a clip yet."
    if not found.clips:
        return f"{len(people)} reviewers have judged, but no clip in common."
    shared = f"{found.clips} clip{'' if found.clips == 1 else 's'} that two or more of {len(people)} reviewers judged"
    if found.alpha != found.alpha:
        return f"All answers to {shared} are one and the same: alpha is not defined."
    alpha = figure(found.alpha, (found.low, found.high))
    return f"Krippendorff's alpha {alpha} on {shared}; 1 is full agreement, 0 chance."
