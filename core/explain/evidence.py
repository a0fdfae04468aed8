"""The sound of the evidence: a soft mask over the strongest cells, and the two sounds it parts the clip into."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.audio.clip import Clip
from core.audio.edit import apply_mask

if TYPE_CHECKING:
    from core.explain.base import Explanation

__all__ = ["SHARE", "evidence", "evidence_mask", "softened"]

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
    return softened(positive >= max(ranked[cut], np.finfo(float).tiny))


def softened(marked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return marked cells [shape=(257, frames)] as gains in [0, 1] whose edges fall off; all marked stay all 1."""
    soft = gaussian_filter(marked.astype(np.float64), (_SOFT_BINS, _SOFT_FRAMES), mode="reflect")
    return np.clip(soft, 0, 1).astype(np.float32)


def evidence(
    clip: Clip, explanation: "Explanation", *, share: float = SHARE
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the marked evidence and the rest, as two waveforms [shape=(n,), float32 each] that add up to the clip.

    Parameters
    ----------
    clip : Clip
        The one that was explained.
    explanation : Explanation
    share : float
        Share of the evidence for spoof that the marked cells hold, in (0, 1].
    """
    marked = apply_mask(clip.waveform, evidence_mask(explanation.attribution, share=share))
    return marked, (clip.waveform - marked).astype(np.float32)
