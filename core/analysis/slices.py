"""The four slices of a run's clips that figures are stated on."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["BY_ATTACK", "SLICES", "in_slice"]

#: All clips; attacks that the detector was trained on; those that it was not; clips published elsewhere.
SLICES = ("all", "seen attacks", "unseen attacks", "published")
#: Those that mean something only where it is known what a detector was trained on.
BY_ATTACK = ("seen attacks", "unseen attacks")


def in_slice(
    frame: pd.DataFrame | Mapping[str, pd.Series], part: str, seen: Collection[str], *, n: int | None = None
) -> NDArray[np.bool_]:
    """Return which clips belong to a slice; bona fide clips stand against seen and unseen attacks alike.

    Parameters
    ----------
    frame : DataFrame, or mapping of str to Series
        One row a clip: label, system and, where the corpus has parts, part.
    part : str
        One of ``SLICES``.
    seen : collection of str
        Attacks that the detector was trained on.
    n : int, optional
        How many clips there are, where ``frame`` is a mapping.

    Returns
    -------
    ndarray of bool [shape=(n,)]

    Raises
    ------
    ValueError
        When there is no such slice.
    """
    if part not in SLICES:
        raise ValueError(f"There is no slice {part!r}: choose one of {', '.join(SLICES)}.")
    n = len(frame) if n is None else n
    if part == "published":
        return (frame["part"] == part).to_numpy(bool) if "part" in frame else np.zeros(n, dtype=bool)
    if part == "all":
        return np.ones(n, dtype=bool)
    real, known = (frame["label"] == "bonafide").to_numpy(bool), frame["system"].isin(list(seen)).to_numpy(bool)
    return real | known if part == "seen attacks" else real | ~known
