"""Authentic joins: a clip rejoined with itself, a deletion, a splice of the same speaker. None of them is a spoof."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import grid_times_s
from core.audio.splice import delete, join, rejoin
from core.lab.planted import FADE_S, Source, Waveform, audible_start, seed_of

__all__ = ["JOINS", "REACH_S", "REJOINED", "Joined", "joined", "marked_ms"]

REJOINED = "self-rejoin"
JOINS = ("deletion", "same-speaker splice")
"""What the self-rejoin at the same place is compared with."""
#: Seconds either side of a join within which evidence is put down to it.
REACH_S = 0.25
_DELETED_S = 0.3


class Joined(NamedTuple):
    """A clip with an authentic join: the waveform [shape=(n,), float32], and the second at which it was joined."""

    waveform: Waveform
    at_s: float


def joined(source: Source) -> dict[str, Joined]:
    """Return the joins that a source has room for, all at one second; the self-rejoin is one of them.

    Nothing where the clip is too short.
    """
    rng = np.random.default_rng(seed_of(source.name, "join"))
    start_s = audible_start(source.real, 2 * REACH_S + _DELETED_S, rng)
    if start_s is None:
        return {}
    at_s = start_s + REACH_S
    made = {
        REJOINED: rejoin(source.real, at_s, fade_s=FADE_S),
        "deletion": delete(source.real, at_s, at_s + _DELETED_S, fade_s=FADE_S),
    }
    if source.other is not None and len(source.other) > at_s * SAMPLE_RATE + SAMPLE_RATE:
        cut = round(at_s * SAMPLE_RATE)
        made["same-speaker splice"] = join(source.real[:cut], source.other[cut:], fade_s=FADE_S)
    return {name: Joined(waveform, at_s) for name, waveform in made.items()}


def marked_ms(attribution: NDArray[np.floating], at_s: float) -> float:
    """Return how much of a map lies around a join, in milliseconds.

    The share of the positive attribution that lies within a quarter of a second of the join, times the clip's length:
    a map that spreads its evidence evenly marks 500 ms. 0 where nothing speaks for spoof.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
    at_s : float
    """
    mass = np.maximum(attribution, 0).sum(0).astype(np.float64)
    if mass.sum() == 0:
        return 0.0
    times = grid_times_s(len(mass))
    near = np.abs(times - at_s) <= REACH_S
    return float(1000 * mass[near].sum() / mass.sum() * times[-1])
