"""What a run knows beside the votes on a clip: its nearest clips in each voter's embedding, and its prosody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.format import rate
from core.results.embedded import embedded, has_embeddings
from core.results.prosodic import PROSODY, prosody_columns

if TYPE_CHECKING:
    import pandas as pd

    from core.results.store import Run

__all__ = ["Near", "Prosody", "near", "prosody_beside"]

_FACTS = ("path", "label", "system", "source")


@dataclass(frozen=True, eq=False)
class Near:
    """A clip's nearest clips in one detector's embedding.

    Attributes
    ----------
    detector : str
    clips : DataFrame
        The nearest first: ``path, label, system, source`` as far as the run has them, and ``distance`` (1 is how far
        two clips of the run usually are).
    """

    detector: str
    clips: "pd.DataFrame"


@dataclass(frozen=True)
class Prosody:
    """One figure of a clip's prosody, and the share of the run's bona fide clips that have no more of it."""

    name: str
    value: float
    percentile: float

    @property
    def words(self) -> str:
        """The figure in words."""
        share = rate(self.percentile, digits=0)
        return f"{self.name} {self.value:.1f}, as much or more than {share} of the bona fide clips"


def near(run: "Run", clip: str, detectors: Sequence[str], *, k: int = 5) -> list[Near]:
    """Return a clip's nearest clips in the embedding of each of these detectors of which the run keeps one."""
    whole = run.whole
    place = whole.place(clip)
    if place is None:
        return []
    found = []
    for name in detectors:
        if has_embeddings(whole, name):
            order, distances = embedded(whole, name).nearest(place, k)
            facts = [column for column in _FACTS if column in whole.columns]
            found.append(Near(name, whole.rows(order, facts).assign(distance=distances)))
    return found


def prosody_beside(run: "Run", clip: str) -> list[Prosody]:
    """Return what was measured of a clip's prosody, beside that of the run's bona fide clips."""
    whole = run.whole
    place = whole.place(clip)
    if place is None:
        return []
    found = []
    for name in prosody_columns(whole):
        values = whole.column(name).to_numpy(dtype=np.float64)
        others = values[whole.real & np.isfinite(values)]
        if np.isfinite(values[place]) and len(others):
            found.append(Prosody(PROSODY[name], float(values[place]), float((others <= values[place]).mean())))
    return found
