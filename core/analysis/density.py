"""How scores are spread, by few numbers: whatever their number, a figure is drawn from a grid."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["counts_between", "density", "quantile_curve"]


def counts_between(ordered: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many of ascending values [shape=(n,)] lie between edges [shape=(k,)]; what lies beyond is at the ends.

    Shape (k - 1,).
    """
    return np.diff(np.searchsorted(ordered, edges[1:-1], "left"), prepend=0, append=len(ordered))


def density(ordered: NDArray[np.float64], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a smooth density of ascending values [shape=(n,)] at an even grid [shape=(k,)]; 0 without values.

    A Gaussian kernel with the bandwidth of Silverman ("Density estimation", 1986, equation 3.31), summed over the
    counts of each step of the grid; what lies beyond the grid is counted at its ends.
    """
    if not len(ordered):
        return np.zeros(len(grid))
    step = float(grid[1] - grid[0])
    counts = counts_between(ordered, np.append(grid - step / 2, grid[-1] + step / 2)).astype(float)
    low, high = (float(ordered[int(share * (len(ordered) - 1))]) for share in (0.25, 0.75))
    spread = min(float(ordered.std()), (high - low) / 1.34) or float(ordered.std())
    width = max(0.9 * spread * len(ordered) ** -0.2, step)
    reach = min(int(4 * width / step) + 1, len(grid))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    return np.convolve(counts, kernel / kernel.sum())[reach:-reach] / (len(ordered) * step)


def quantile_curve(
    ordered: NDArray[np.float64], points: int = 1_000
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Return values and the share of ascending values [shape=(n,)] at or below each: all of them, or ``points``."""
    if len(ordered) <= points:
        places = np.arange(len(ordered))
    else:
        places = np.unique(np.linspace(0, len(ordered) - 1, points).astype(np.intp))
    return ordered[places], (places + 1) / max(len(ordered), 1)
