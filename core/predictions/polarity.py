"""Which way scores point, settled by evidence: labels, else agreement with a reference, else a person's word.

A file's name is no evidence, nor is the sign that most detectors use.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.analysis.voters import midranks

__all__ = ["Polarity", "area", "by_agreement", "by_labels", "given"]

# How far from what chance would give, in standard deviations, and how much in itself, before a sign is believed.
_SURE, _LEAST_AUC, _LEAST_RHO = 4.0, 0.02, 0.1


@dataclass(frozen=True)
class Polarity:
    """Which way scores point, and how that was settled.

    Attributes
    ----------
    sign : {1, -1} or None
        What the scores are multiplied by so that higher is more bona fide; None where it is open.
    how : str
        ``labels``, ``agreement``, ``given``, ``run``, ``words`` or ``open``.
    words : str
        The evidence, in a sentence.
    evidence : dict
        The figures that the sentence names.
    """

    sign: Literal[1, -1] | None
    how: Literal["labels", "agreement", "given", "run", "words", "open"]
    words: str
    evidence: dict[str, Any]

    @property
    def higher(self) -> str:
        """What a higher score of the file means: ``bona fide``, ``spoof`` or ``unknown``."""
        return {1: "bona fide", -1: "spoof", None: "unknown"}[self.sign]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"higher": self.higher, **asdict(self)}


def by_labels(ranks: NDArray[np.float64], labels: NDArray[np.int8]) -> Polarity:
    """Settle by labelled clips: the class that is ranked higher.

    Parameters
    ----------
    ranks : ndarray [shape=(n,)]
        Of the scores as they are in the file (``midranks``).
    labels : ndarray of int8 [shape=(n,)]
        1 bona fide, 0 spoof, -1 unknown.
    """
    n_real, n_fake = int((labels == 1).sum()), int((labels == 0).sum())
    counts = {"n_bonafide": n_real, "n_spoof": n_fake}
    if not n_real or not n_fake:
        lacking = "bona fide" if not n_real else "spoofed"
        what = f"no labelled clip is {lacking}" if n_real or n_fake else "there are no labels"
        return _open(what, counts)
    auc = area(ranks, labels)
    chance = math.sqrt((n_real + n_fake + 1) / (12 * n_real * n_fake))
    evidence = {"auc": auc, **counts, "deviations_from_chance": (auc - 0.5) / chance}
    where = f"as the scores stand, AUC {auc:.4f} over {n_real:,} bona fide and {n_fake:,} spoofed clips"
    if abs(auc - 0.5) < max(_SURE * chance, _LEAST_AUC):
        return _open(f"{where} is too near to chance (0.5) for labels to settle it", evidence)
    sign: Literal[1, -1] = 1 if auc > 0.5 else -1
    meaning = "bona fide" if sign == 1 else "spoof"
    return Polarity(sign, "labels", f"settled by labels: {where}, so higher = {meaning}", evidence)


def area(ranks: NDArray[np.float64], labels: NDArray[np.int8]) -> float:
    """Return the area under the ROC curve of bona fide over spoof from ranks [shape=(n,)] (Mann-Whitney)."""
    known = labels >= 0
    own = ranks if known.all() else midranks(ranks[known])
    real = labels[known] == 1
    n_real, n = int(real.sum()), len(real)
    # Midranks run from 1/2 to n - 1/2, in units of n.
    total = float(own[real].sum()) * n
    return (total - n_real**2 / 2) / (n_real * (n - n_real))


def by_agreement(
    ranks: NDArray[np.float64], references: Mapping[str, NDArray[np.float64]], *, before: Polarity
) -> Polarity:
    """Settle by agreement with detectors whose polarity is known.

    Parameters
    ----------
    ranks : ndarray [shape=(n,)]
        Of the scores as they are in the file; NaN where there is none.
    references : mapping of str to ndarray [shape=(n,)]
        Ranks of the references' scores, higher = more bona fide.
    before : Polarity
        Why labels do not settle it.
    """
    for name, theirs in references.items():
        both = np.isfinite(ranks) & np.isfinite(theirs)
        n = int(both.sum())
        rho = float(np.corrcoef(ranks[both], theirs[both])[0, 1]) if n > 2 and _varies(ranks[both], theirs[both]) else 0
        if abs(rho) >= max(_LEAST_RHO, _SURE / math.sqrt(max(n - 1, 1))):
            sign: Literal[1, -1] = 1 if rho > 0 else -1
            meaning = "bona fide" if sign == 1 else "spoof"
            words = (
                f"settled by agreement: rank correlation {rho:+.3f} with {name} (higher = bona fide) over {n:,} clips, "
                f"so higher = {meaning}"
            )
            return Polarity(sign, "agreement", words, {"reference": name, "rank_correlation": rho, "n": n})
    tried = f"it agrees too little with {', '.join(references)}" if references else "there is no reference detector"
    return replace(before, words=f"{before.words}, and {tried}")


def given(higher: Literal["bonafide", "spoof"]) -> Polarity:
    """Return what a person states."""
    sign: Literal[1, -1] = 1 if higher == "bonafide" else -1
    return Polarity(sign, "given", f"given by you: higher = {'bona fide' if sign == 1 else 'spoof'}", {})


def _varies(*columns: NDArray[np.float64]) -> bool:
    return all(bool(np.ptp(column) > 0) for column in columns)


def _open(why: str, evidence: dict[str, Any]) -> Polarity:
    return Polarity(None, "open", f"not settled: {why}", evidence)
