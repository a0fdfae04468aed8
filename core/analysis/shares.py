"""Shares that were counted, and how surely they are known."""

__all__ = ["wilson"]


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, Journal of the American Statistical Association 22, 1927).

    The whole range where nothing was counted.
    """
    from scipy.stats import binomtest

    if not n:
        return 0.0, 1.0
    ends = binomtest(count, n).proportion_ci(method="wilson")
    return float(ends.low), float(ends.high)
