"""One plain sentence that says where the evidence lies."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.explain.regions import Region

__all__ = ["describe", "time_span"]

NOT_FAITHFUL = (
    "Not faithful: taking out what this map marks moves the detector's score hardly towards bona fide, or no further "
    "than taking out as much elsewhere, so that no place is named."
)


def describe(
    attribution: NDArray[np.floating], regions: Sequence[Region], *, verdict: str, has_frequency: bool = True,
    faithful: bool | None = None,
) -> str:  # fmt: skip
    """Return the sentence.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
    regions : sequence of Region
        The one with the largest share first; empty where the evidence is spread.
    verdict : str
        The detector's own, in the words of ``core.analysis.verdict``.
    has_frequency : bool
        Without, only times are named.
    faithful : bool or None
        Outcome of the faithfulness check, where it was made. A map that failed it names no place.
    """
    if not (np.asarray(attribution) > 0).any():
        return "Nothing in this clip speaks for spoof."
    if faithful is False:
        return NOT_FAITHFUL
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


def time_span(start_s: float, end_s: float) -> str:
    """Return a stretch of time with as many decimals as it takes to tell its ends apart: ``0.8–1.1``, ``0.08–0.12``.

    Examples
    --------
    >>> time_span(0.8, 1.13)
    '0.8–1.1'
    >>> time_span(0.08, 0.12)
    '0.08–0.12'
    """
    digits = 1 if end_s - start_s >= 0.1 - 1e-9 else 2
    return f"{start_s:.{digits}f}–{end_s:.{digits}f}"


def _place(region: Region, has_frequency: bool) -> str:
    times = f"{time_span(region.start_s, region.end_s)} s"
    if not has_frequency:
        return times
    return f"{times}, {region.low_hz / 1000:.1f}–{region.high_hz / 1000:.1f} kHz"
