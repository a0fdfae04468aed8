"""Windows: how a clip of any length is covered by pieces that a detector can hear."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["cut_windows", "fit_length", "window_spans"]


def window_spans(n_samples: int, *, window: int, hop: int) -> list[tuple[int, int]]:
    """Return the (start, stop) sample pairs of the windows that cover a clip.

    Windows start every ``hop`` samples; the last one is moved back to end with the clip, so that every
    sample is heard and none is invented. A clip no longer than a window is one span.

    Parameters
    ----------
    n_samples : int
        Length of the clip in samples, at least 1.
    window, hop : int
        Length of a window and distance between starts, in samples, ``0 < hop <= window``.
    """
    if not 0 < hop <= window:
        raise ValueError(f"hop must lie in 1..{window} samples, not {hop}.")
    if n_samples <= window:
        return [(0, n_samples)]
    starts = list(range(0, n_samples - window, hop))
    return [(start, start + window) for start in [*starts, n_samples - window]]


def fit_length(waveform: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return the first ``length`` samples; a shorter waveform is repeated until it fills them."""
    if len(waveform) < length:
        waveform = np.tile(waveform, -(-length // len(waveform)))
    return waveform[:length]


def cut_windows(
    waveform: NDArray[np.float32], *, window: int, hop: int
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """Cut a waveform into windows.

    Returns
    -------
    windows : ndarray [shape=(n_windows, window), float32]
        The pieces; a clip shorter than a window is repeated to fill it.
    spans : list of (int, int)
        The samples of the clip that each window heard.
    """
    spans = window_spans(len(waveform), window=window, hop=hop)
    pieces = [fit_length(waveform[start:stop], window) for start, stop in spans]
    return np.stack(pieces).astype(np.float32, copy=False), spans
