"""Judgements as a column of a run: labels of their own kind, which no figure rests on unless it is asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.review.judgement import ANSWERS, Judgement
from core.review.store import latest, reviews_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["DIFFER", "JUDGED", "clips_key_of", "judged_column", "verdicts", "with_judgements"]

JUDGED = "judged"
"""The column's name."""
DIFFER = "reviewers differ"
"""Its value where reviewers gave different answers; none has more right than another."""
_STATE = "state of the file"


def clips_key_of(run: "Run") -> str:
    """Return the key of a run's clips: the same whatever detectors have scored them."""
    return str(run.whole.manifest["corpus"]["part"])


def verdicts(judgements: Iterable[Judgement]) -> dict[str, str]:
    """Return what each judged clip was judged to be: the answer that all reviewers gave last, or ``DIFFER``."""
    answers: dict[str, set[str]] = {}
    for (_, clip), judgement in latest(judgements).items():
        if judgement.answer:
            answers.setdefault(clip, set()).add(judgement.answer)
    return {clip: next(iter(given)) if len(given) == 1 else DIFFER for clip, given in answers.items()}


def judged_column(run: "Run", judgements: Iterable[Judgement]) -> pd.Series:
    """Return what each clip of a run was judged to be [shape=(n,), category]; no value where nobody has judged it."""
    found = verdicts(judgements)
    codes = np.full(len(run), -1, dtype=np.int8)
    kinds = [*ANSWERS, DIFFER]
    if found:
        places = np.flatnonzero(run.column("path").isin(list(found)).to_numpy())
        paths = run.rows(places, ["path"])["path"]
        codes[places] = [kinds.index(found[str(path)]) for path in paths]
    return pd.Series(pd.Categorical.from_codes(codes.tolist(), pd.Index(kinds)), name=JUDGED)


def with_judgements(run: "Run") -> "Run":
    """Lend a run the column of what is kept in the user's data folder, anew where that has changed; return the run.

    One that nobody has judged is lent nothing.

    Raises
    ------
    ReviewError
        When the judgements cannot be read.
    """
    whole = run.whole
    reviews = reviews_of(clips_key_of(whole))
    try:
        about = reviews.file.stat()
    except OSError:
        return run
    state = (about.st_mtime_ns, about.st_size)
    known = whole.column(JUDGED) if JUDGED in whole.lent else None
    if JUDGED not in whole.columns and (known is None or known.attrs.get(_STATE) != state):
        column = judged_column(whole, reviews.read().judgements)
        column.attrs[_STATE] = state
        whole.lend(column)
    return run
