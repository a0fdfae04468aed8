"""The control: what a map holds, before anything is planted, at places that are drawn as those of the evidence are."""

import numpy as np
from numpy.typing import NDArray

from core.lab.kinds.band import random_band
from core.lab.measures import area_share, mass_accuracy
from core.lab.planted import NYQUIST_HZ, Place, Source, audible_start, seed_of

__all__ = ["PLACES", "alike", "control_factor"]

PLACES = 20
"""Places of a clip that the control is the mean of: one alone is too much a matter of luck."""


def alike(place: Place, source: Source, rng: np.random.Generator) -> Place | None:
    """Return another place of a recording, as long and as wide, where no pause is; None where there is no room."""
    length_s, width_hz = place.end_s - place.start_s, place.high_hz - place.low_hz
    start_s: float | None = place.start_s
    # What spans the clip, or the spectrum, lies nowhere else.
    if place.start_s > 0:
        start_s = audible_start(source.real, length_s, rng)
    if start_s is None:
        return None
    low_hz, high_hz = random_band(rng, width_hz) if width_hz < NYQUIST_HZ else (place.low_hz, place.high_hz)
    return Place(start_s, start_s + length_s, low_hz, high_hz)


def control_factor(attribution: NDArray[np.floating], place: Place, source: Source) -> float:
    """Return the mean, over places alike, of the share of the evidence there by the place's share of the area.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
        Of the recording before anything was planted; positive = evidence for spoof.
    place : Place
        Where the evidence is planted; how the others are drawn depends on it and on the source's name alone.
    source : Source

    Returns
    -------
    float
        1 is chance. NaN where the map holds no evidence for spoof, or the recording has no such place.
    """
    rng = np.random.default_rng(seed_of(source.name, source.system, str(place), "control"))
    drawn = [found for _ in range(PLACES) if (found := alike(place, source, rng)) is not None]
    masks = [each.mask(attribution.shape[1]) for each in drawn]
    if not masks:
        return float("nan")
    return float(np.mean([mass_accuracy(attribution, mask) / area_share(mask) for mask in masks]))
