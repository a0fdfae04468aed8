"""Some clips of a run in figures: how many, how many are spoofs, how they score, and what is frequent among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.results.colouring import Groups, called_wrongly, coloured_by

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Frequent", "Picked", "picked"]

# What fewer of the picked clips have is not frequent.
_RARE = 0.05
_DESCRIBED = ("system", "kind", "speaker", "dataset", "part", "codec", "language", "source")


@dataclass(frozen=True)
class Frequent:
    """A value of a column: how many of the picked clips have it, their share, and its share of the whole run."""

    value: str
    n: int
    share: float
    overall: float


@dataclass(frozen=True)
class Picked:
    """Figures of some clips.

    Attributes
    ----------
    n, of : int
        Picked clips, and clips of the run.
    labelled : int
        Those that have a label.
    spoofed : float
        Share of spoofs among those; NaN where none has a label.
    mean_p_spoof : float
        Of the detector; NaN without clips.
    wrong : int
        Those that its own thresholds call the other class.
    frequent : dict of str to tuple of Frequent
        By column, the commonest values that at least 5 % of the clips have; columns in which all clips of the run have
        one value are left out.
    """

    n: int
    of: int
    labelled: int
    spoofed: float
    mean_p_spoof: float
    wrong: int
    frequent: dict[str, tuple[Frequent, ...]]


def picked(
    run: "Run", name: str, at: NDArray[np.integer], *, columns: Sequence[str] = _DESCRIBED, most: int = 3
) -> Picked:
    """Return the figures of some clips.

    Parameters
    ----------
    run : Run
    name : str
        The detector whose P(spoof) is meant.
    at : ndarray [shape=(k,)]
        The clips' positions in the run.
    columns : sequence of str
        Those that the run has are described.
    most : int
        Values of each.
    """
    fakes, reals = int(run.fake[at].sum()), int(run.real[at].sum())
    found: dict[str, tuple[Frequent, ...]] = {}
    for column in columns:
        values = coloured_by(run, name, column) if column in run.columns else None
        if isinstance(values, Groups) and len(values.names) > 1:
            found[column] = _frequent(values, at, most)
    return Picked(
        n=len(at), of=len(run), labelled=fakes + reals,
        spoofed=fakes / (fakes + reals) if fakes + reals else float("nan"),
        mean_p_spoof=float(np.mean(p_spoof(run.llr(name)[at]))) if len(at) else float("nan"),
        wrong=int(called_wrongly(run, name)[at].sum()), frequent=found,
    )  # fmt: skip


def _frequent(values: Groups, at: NDArray[np.integer], most: int) -> tuple[Frequent, ...]:
    counts = np.bincount(values.codes[at], minlength=len(values.names))
    order = np.argsort(-counts, kind="stable")[:most]
    return tuple(
        Frequent(values.names[code], int(counts[code]), counts[code] / len(at), values.counts[code] / len(values.codes))
        for code in order if counts[code] and counts[code] >= _RARE * len(at)
    )  # fmt: skip
