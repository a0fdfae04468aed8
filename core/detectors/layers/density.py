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

__all__ = ["GaussianMixture", "OneClassSvm", "TwoClassSvm"]

_NEVER = -1e9


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
        Support vectors at most.
    d : int
        Length of a sample.
    """

    def __init__(self, n_support: int, d: int) -> None:
        super().__init__()
        self.support = _fitted(torch.zeros(n_support, d))
        self.weights = _fitted(torch.zeros(n_support))
        self.offset = _fitted(torch.zeros(()))
        self.gamma = _fitted(torch.ones(()))

    def _take_over(self, estimator: "OneClassSVM | SVC", gamma: float, remedy: str) -> None:
        n = len(estimator.support_vectors_)
        if n > len(self.weights):
            raise ValueError(f"{n} support vectors are needed, there is room for {len(self.weights)}: {remedy}.")
        self.support.zero_()
        self.weights.zero_()
        self.support[:n] = torch.from_numpy(estimator.support_vectors_).float()
        self.weights[:n] = torch.from_numpy(estimator.dual_coef_[0]).float()
        self.offset.fill_(float(estimator.intercept_[0]))
        self.gamma.fill_(gamma)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the signed distance [shape=(batch,)] of samples [shape=(batch, d)] from the boundary."""
        squares = (samples[:, None] - self.support).square().sum(-1)
        inside: torch.Tensor = torch.exp(-self.gamma * squares) @ self.weights + self.offset
        return inside


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
        """Fit to samples [shape=(n, d)].

        Raises
        ------
        ValueError
            When more support vectors are needed than there is room for.
        """
        from sklearn.svm import OneClassSVM

        gamma = _gamma(samples)
        self._take_over(OneClassSVM(kernel="rbf", nu=self.nu, gamma=gamma).fit(samples), gamma, "lower nu")


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
        """Fit to samples [shape=(n, d)], those of one class above 0.

        Raises
        ------
        ValueError
            When more support vectors are needed than there is room for.
        """
        from sklearn.svm import SVC

        gamma = _gamma(samples)
        estimator = SVC(C=self.penalty, kernel="rbf", gamma=gamma, class_weight="balanced").fit(samples, is_positive)
        self._take_over(estimator, gamma, "raise n_support")


def _gamma(samples: NDArray[np.float32]) -> float:
    """Return scikit-learn's scale of the kernel, one over the samples' total variance."""
    return 1 / (samples.shape[1] * float(samples.var()))
