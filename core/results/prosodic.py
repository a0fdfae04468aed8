"""P(spoof) of bona fide speech against how much its pitch, its energy and its pace vary."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.calibration import p_spoof
from core.analysis.trend import Trend, trend
from core.results.clusters import owners
from core.results.queries import cut

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["PROSODY", "Trend", "prosody_columns", "prosody_trend"]

#: Columns of prosody, with what they are called.
PROSODY = {
    "pitch_range_st": "pitch range, semitones", "energy_sd_db": "energy variation, dB",
    "speaking_rate": "speaking rate, syllables a second",
}  # fmt: skip


def prosody_columns(run: "Run") -> list[str]:
    """Return the columns of prosody that a run has."""
    return [name for name in PROSODY if name in run.columns]


@lru_cache(maxsize=32)
def prosody_trend(run: "Run", name: str, part: str, column: str) -> Trend:
    """Return P(spoof) of a slice's bona fide clips along a column of prosody, by speaker."""
    real = cut(run, name, part).real
    values = run.column(column).to_numpy(dtype=np.float64)[real]
    return trend(values, p_spoof(run.llr(name)[real]), owners(run)[real])
