"""One plain sentence that says where the evidence lies."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.explain.regions import Region

__all__ = ["describe"]


def describe(
    attribution: NDArray[np.floating], regions: Sequence[Region], *, verdict: str, has_frequency: bool = True
) -> str:
    """Return the sentence.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
        Positive = evidence for spoof.
    regions : sequence of Region
        Densest first; empty where the evidence is spread.
    verdict : str
        The detector's own, in the words of ``core.analysis.verdict``.
    has_frequency : bool
        Without, only times are named.
    """
    if not (np.asarray(attribution) > 0).any():
        return "Nothing in this clip speaks for spoof."
    what = "evidence for spoof"
    if verdict == BONAFIDE:
        what = "little that speaks for spoof"
    elif verdict != SPOOFED:
        what = "evidence for spoof (the detector is not sure)"
    if not regions:
        axes = "time and frequency" if has_frequency else "time"
        return f"The {what} is spread over {axes}: no region stands out."
    places = [_place(region, has_frequency) for region in regions[:2]]
    first = f"{_percent(regions[0].share)} of the {what} lies at {places[0]}"
    if len(places) == 1:
        return f"{first}."
    return f"{first}, and {_percent(regions[1].share)} at {places[1]}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _place(region: Region, has_frequency: bool) -> str:
    times = f"{region.start_s:.1f}–{region.end_s:.1f} s"
    if not has_frequency:
        return times
    return f"{times}, {region.low_hz / 1000:.1f}–{region.high_hz / 1000:.1f} kHz"
