"""Hear the evidence: a soft mask over the strongest cells, and the two sounds it parts the clip into."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.audio.edit import apply_mask

__all__ = ["SHARE", "evidence_mask", "split"]

SHARE = 0.5
_SOFT_BINS, _SOFT_FRAMES = 1.5, 1.5


def evidence_mask(attribution: NDArray[np.floating], *, share: float = SHARE) -> NDArray[np.float32]:
    """Return a gain for each cell, near 1 on the strongest cells that together hold ``share`` of the evidence.

    Parameters
    ----------
    attribution : ndarray [shape=(257, frames)]
        Positive = evidence for spoof.
    share : float
        In (0, 1].

    Returns
    -------
    ndarray [shape=(257, frames), float32]
        In [0, 1]; its edges fall off over about 50 Hz and 15 ms, because hard edges ring. All zero where nothing
        speaks for spoof.
    """
    if not 0 < share <= 1:
        raise ValueError(f"The share must lie in (0, 1], not {share}.")
    positive = np.maximum(np.asarray(attribution, dtype=np.float64), 0)
    ranked = np.sort(positive, axis=None)[::-1]
    total = ranked.sum()
    if total <= 0:
        return np.zeros(positive.shape, np.float32)
    cut = min(int(np.searchsorted(np.cumsum(ranked), share * total)), ranked.size - 1)
    strongest = (positive >= max(ranked[cut], np.finfo(float).tiny)).astype(np.float64)
    soft = gaussian_filter(strongest, (_SOFT_BINS, _SOFT_FRAMES), mode="reflect")
    return np.clip(soft, 0, 1).astype(np.float32)


def split(waveform: NDArray[np.float32], mask: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the mask keeps and what it leaves [shape=(n,), float32 each]; they add up to the waveform."""
    kept = apply_mask(waveform, mask)
    return kept, (waveform - kept).astype(np.float32)
