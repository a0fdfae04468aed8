"""Densities of vectors and boundaries between them.

They are fitted by scikit-learn and computed by torch, so that gradients pass through them.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

if TYPE_CHECKING:
    from sklearn.svm import SVC, OneClassSVM

__all__ = ["GaussianMixture", "LogisticBoundary", "OneClassSvm", "TwoClassSvm"]

_NEVER = -1e9
# Of the kernel, while a machine is fitted.
_CACHE_MB = 1000
_ROWS_AT_ONCE = 1000
_REDUCED_PENALTY = 1e-6
# Of the solver of a logistic regression; whitened samples need some 30.
_ITERATIONS = 500


def _fitted(start: torch.Tensor) -> nn.Parameter:
    """Return a parameter that counts as one, but that no gradient moves."""
    return nn.Parameter(start, requires_grad=False)


class GaussianMixture(nn.Module):
    """Mixture of Gaussians with diagonal covariances.

    Parameters
    ----------
    n_components : int
        At most; fewer are used where there are fewer than ``per_component`` samples for each.
    d : int
        Length of a sample.
    per_component : int
        Samples that a component needs.
    """

    def __init__(self, n_components: int, d: int, *, per_component: int = 200) -> None:
        super().__init__()
        self.per_component = per_component
        self.log_weights = _fitted(torch.full((n_components,), -math.log(n_components)))
        self.means = _fitted(torch.zeros(n_components, d))
        self.precisions = _fitted(torch.ones(n_components, d))

    def fit(self, samples: NDArray[np.float32], *, iterations: int = 20, seed: int = 0) -> None:
        """Fit to samples [shape=(n, d)] by expectation maximisation."""
        from sklearn.mixture import GaussianMixture as Estimator

        n_used = max(1, min(len(self.log_weights), len(samples) // self.per_component))
        estimator = Estimator(
            n_used, covariance_type="diag", max_iter=iterations, init_params="random_from_data", reg_covar=1e-3,
            random_state=seed, tol=1e-3,
        )  # fmt: skip
        estimator.fit(samples)
        self.log_weights.fill_(_NEVER)
        self.log_weights[:n_used] = torch.from_numpy(np.log(estimator.weights_ + 1e-12)).float()
        self.means[:n_used] = torch.from_numpy(estimator.means_).float()
        self.precisions[:n_used] = torch.from_numpy(1 / estimator.covariances_).float()

    def joint(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the log density of samples [shape=(..., d)] with each component [shape=(..., n_components)]."""
        precise = self.means * self.precisions
        distance = samples.square() @ self.precisions.T - 2 * samples @ precise.T + (precise * self.means).sum(1)
        constant = self.precisions.log().sum(1) - samples.shape[-1] * math.log(2 * math.pi)
        return self.log_weights + 0.5 * (constant - distance)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the log density of samples [shape=(..., d)]."""
        return self.joint(samples).logsumexp(-1)


class _KernelMachine(nn.Module):
    """A weighted sum of Gaussian bells around support vectors.

    Parameters
    ----------
    n_support : int
        Support vectors at most; where more are found, so many of them stand for all.
    d : int
        Length of a sample.
    """

    def __init__(self, n_support: int, d: int) -> None:
        super().__init__()
        self.support = _fitted(torch.zeros(n_support, d))
        self.weights = _fitted(torch.zeros(n_support))
        self.offset = _fitted(torch.zeros(()))
        self.gamma = _fitted(torch.ones(()))

    def _take_over(self, estimator: "OneClassSVM | SVC", gamma: float, samples: NDArray[np.float32]) -> None:
        support = torch.from_numpy(estimator.support_vectors_).double()
        weights = torch.from_numpy(estimator.dual_coef_[0]).double()
        if len(weights) > len(self.weights):
            support, weights = _fewer(support, weights, len(self.weights), gamma, torch.from_numpy(samples))
        self.support.zero_()
        self.weights.zero_()
        self.support[: len(support)] = support.float()
        self.weights[: len(weights)] = weights.float()
        self.offset.fill_(float(estimator.intercept_[0]))
        self.gamma.fill_(gamma)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the signed distance [shape=(batch,)] of samples [shape=(batch, d)] from the boundary."""
        # In double precision: thousands of weights of either sign cancel, and what is left would be rounding.
        parts = (samples, self.support, self.weights, self.gamma, self.offset)
        samples, support, weights, gamma, offset = (part.double() for part in parts)
        inside: torch.Tensor = _bells(samples, support, gamma) @ weights + offset
        return inside.float()


def _bells(samples: torch.Tensor, centres: torch.Tensor, gamma: torch.Tensor | float) -> torch.Tensor:
    """Return the Gaussian kernel [shape=(n, m)] of samples [shape=(n, d)] and centres [shape=(m, d)]."""
    # Not by differences, which are a table of n * m * d.
    lengths = samples.square().sum(1)[:, None] + centres.square().sum(1)
    return torch.exp(-gamma * (lengths - 2 * samples @ centres.T))


def _fewer(
    support: torch.Tensor, weights: torch.Tensor, room: int, gamma: float, samples: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return some support vectors, with weights by which they come closest to the sum of all on training samples.

    Closest by least squares, held small in the space of the kernel: a reduced set (Burges, ICML 1996). Closest in that
    space itself was far off on samples; the heaviest vectors served no better than any.
    """
    # They are sorted by class, so that evenly spaced ones keep the share of each.
    kept = support[torch.linspace(0, len(support) - 1, room).round().long()]
    among = _bells(kept, kept, gamma)
    system = _REDUCED_PENALTY * len(samples) * (among + 1e-6 * torch.eye(room, dtype=among.dtype))
    wanted = torch.zeros(room, dtype=among.dtype)
    for some in samples.double().split(_ROWS_AT_ONCE):
        near = _bells(some, kept, gamma)
        system += near.T @ near
        wanted += near.T @ (_bells(some, support, gamma) @ weights)
    return kept, torch.linalg.solve(system, wanted)


class OneClassSvm(_KernelMachine):
    """Support of a distribution, with a Gaussian kernel (Schoelkopf et al. 2001); higher is more inside.

    Parameters
    ----------
    n_support, d : int
        Support vectors at most, length of a sample.
    nu : float
        Share of the training samples that may lie outside.
    """

    def __init__(self, n_support: int, d: int, *, nu: float = 0.1) -> None:
        super().__init__(n_support, d)
        self.nu = nu

    def fit(self, samples: NDArray[np.float32]) -> None:
        """Fit to samples [shape=(n, d)]."""
        from sklearn.svm import OneClassSVM

        gamma = _gamma(samples)
        self._take_over(OneClassSVM(kernel="rbf", nu=self.nu, gamma=gamma).fit(samples), gamma, samples)


class TwoClassSvm(_KernelMachine):
    """Boundary between two classes, with a Gaussian kernel (Cortes and Vapnik 1995); both classes weigh the same.

    Parameters
    ----------
    n_support, d : int
        Support vectors at most, length of a sample.
    penalty : float
        Price of a sample on the wrong side.
    """

    def __init__(self, n_support: int, d: int, *, penalty: float = 3.0) -> None:
        super().__init__(n_support, d)
        self.penalty = penalty

    def fit(self, samples: NDArray[np.float32], is_positive: NDArray[np.bool_]) -> None:
        """Fit to samples [shape=(n, d)], those of one class [shape=(n,)] above 0."""
        from sklearn.svm import SVC

        gamma = _gamma(samples)
        estimator = SVC(C=self.penalty, kernel="rbf", gamma=gamma, cache_size=_CACHE_MB, class_weight="balanced")
        self._take_over(estimator.fit(samples, is_positive), gamma, samples)


class LogisticBoundary(nn.Module):
    """Boundary between two classes by logistic regression; both classes weigh the same.

    Parameters
    ----------
    d : int
        Length of a sample.
    penalty : float
        Price of a sample on the wrong side.
    """

    def __init__(self, d: int, *, penalty: float = 0.03) -> None:
        super().__init__()
        self.penalty = penalty
        self.weights = _fitted(torch.zeros(d))
        self.offset = _fitted(torch.zeros(()))

    def fit(self, samples: NDArray[np.float32], is_positive: NDArray[np.bool_]) -> None:
        """Fit to samples [shape=(n, d)], those of one class [shape=(n,)] above 0."""
        from sklearn.linear_model import LogisticRegression

        estimator = LogisticRegression(C=self.penalty, max_iter=_ITERATIONS, class_weight="balanced")
        estimator.fit(samples, is_positive)
        self.weights.copy_(torch.from_numpy(estimator.coef_[0]))
        self.offset.fill_(float(estimator.intercept_[0]))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the log odds [shape=(batch,)] of samples [shape=(batch, d)]."""
        return samples @ self.weights + self.offset


def _gamma(samples: NDArray[np.float32]) -> float:
    """Return scikit-learn's scale of the kernel, one over the samples' total variance."""
    return 1 / (samples.shape[1] * float(samples.var()))
