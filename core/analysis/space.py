"""The space that a detector's embeddings span, as principal components: what maps, clusters and neighbours look at.

It is fitted on at most 20,000 clips, drawn at random, and placed on all of them block by block: a million clips need
no copy of their embeddings. An embedding that is made of principal components already must not be standardised: that
would blow its last one up to the size of its first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["COMPONENTS", "MOST_FITTED", "Space", "drawn", "fit_space"]

#: Clips that a space, a map or a clustering is fitted on; the others are placed.
MOST_FITTED = 20_000
#: Principal components that are kept: distances in thousands of dimensions are slow and mostly noise.
COMPONENTS = 50
_BLOCK = 65_536
# Up to so many dimensions the covariance is decomposed: exact, and faster than it takes to import anything.
_NARROW = 1_024


@dataclass(frozen=True, eq=False)
class Space:
    """Principal components, and how an embedding becomes a point among them.

    Attributes
    ----------
    mean, spread : ndarray [shape=(d,), float32]
        Of the embeddings it was fitted on; the spread is infinite where a dimension does not vary, and 1 throughout
        where the embeddings are not standardised.
    components : ndarray [shape=(m, d), float32]
    shares : ndarray [shape=(m,), float64]
        Share of the variance (of the standardised embeddings, where they are) that each component holds.
    fitted_on : int
        Number of clips.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    components: NDArray[np.float32]
    shares: NDArray[np.float64]
    fitted_on: int

    def scaled(self, embeddings: ArrayLike) -> NDArray[np.float32]:
        """Return embeddings with the mean taken off and their dimensions made even [shape=(n, d)]."""
        return (np.asarray(embeddings, np.float32) - self.mean) / self.spread

    def place(self, embeddings: ArrayLike, n: int | None = None) -> NDArray[np.float32]:
        """Return the first ``n`` components of embeddings [shape=(clips, n), float32]; all when not given.

        Components beyond the embeddings' rank are 0.

        Raises
        ------
        ValueError
            When the embeddings have another width than the space, or are not finite.
        """
        values = np.asanyarray(embeddings)
        if values.ndim != 2 or values.shape[1] != len(self.mean):
            raise ValueError(f"This space takes {len(self.mean)} numbers a clip, not an array of shape {values.shape}.")
        # To make the few axes even is to make all clips even, and the mean is taken off first, lest digits are lost.
        axes = (self.components[:n] / self.spread).T
        points = np.zeros((len(values), axes.shape[1] if n is None else n), np.float32)
        for rows in blocks(len(values)):
            points[rows, : axes.shape[1]] = np.subtract(values[rows], self.mean, dtype=np.float32) @ axes
        if not np.isfinite(points).all():
            raise ValueError("The embeddings hold numbers that are not finite: leave those clips out first.")
        return points


def fit_space(
    embeddings: ArrayLike, *, standardise: bool = True, components: int = COMPONENTS, most: int = MOST_FITTED,
    seed: int = 0,
) -> Space:  # fmt: skip
    """Find the principal components of embeddings.

    Parameters
    ----------
    embeddings : array [shape=(n_clips, n_dims)]
        May be mapped from a file: only the drawn rows are read.
    standardise : bool
        Give every dimension the same spread first.
    components : int
        How many are kept, at most.
    most : int
        Clips it is fitted on.
    seed : int
        Of the draw, and of the randomised decomposition that wide embeddings get.

    Raises
    ------
    ValueError
        When the embeddings are not a table of finite numbers with at least one row and column, or none is to be kept.
    """
    values = np.asanyarray(embeddings)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"Embeddings are a table of clips by dimensions, not an array of shape {values.shape}.")
    if components < 1:
        raise ValueError(f"Ask for at least one principal component, not {components}.")
    fitted = np.asarray(values[drawn(len(values), most, seed=seed)], np.float32)
    if not np.isfinite(fitted).all():
        raise ValueError("The embeddings hold numbers that are not finite: leave those clips out first.")
    mean, spread = fitted.mean(axis=0, dtype=np.float64), fitted.std(axis=0, dtype=np.float64)
    # What rounding leaves of a constant dimension would be blown up to a whole one.
    flat = spread <= 1e-6 * np.abs(mean)
    divisor = np.where(flat, np.inf, spread if standardise else 1.0).astype(np.float32)
    centred = (fitted - mean.astype(np.float32)) / divisor
    axes, shares = _axes(centred, components, seed)
    return Space(mean.astype(np.float32), divisor, axes, shares, len(fitted))


def drawn(n: int, most: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Return which of ``n`` clips are looked at: all, or ``most`` of them at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def blocks(n: int, size: int = _BLOCK) -> Iterator[slice]:
    """Yield slices that cover ``n`` rows one after the other."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def _axes(centred: NDArray[np.float32], components: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    kept = min(components, *centred.shape)
    # Clips that are all alike have no variance to share out.
    if not centred.any():
        return np.zeros((kept, centred.shape[1]), np.float32), np.zeros(kept)
    if centred.shape[1] <= _NARROW:
        return _eigenvectors(centred, kept)
    from sklearn.decomposition import PCA

    model = PCA(kept, random_state=seed).fit(centred)
    # The drawn clips' own mean is 0 but for rounding: placed points and fitted ones are the same.
    return np.asarray(model.components_, np.float32), np.asarray(model.explained_variance_ratio_, np.float64)


def _eigenvectors(centred: NDArray[np.float32], kept: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    values = centred - centred.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(values.T @ values)
    variances, axes = np.maximum(variances[::-1], 0.0), axes[:, ::-1].T[:kept]
    # Either sign would do: the one whose largest entry is positive comes out the same everywhere.
    signs = np.sign(axes[np.arange(kept), np.abs(axes).argmax(axis=1)])
    return (axes * signs[:, np.newaxis]).astype(np.float32), variances[:kept] / variances.sum()
