"""Group bootstrap: it covers what it should, widens with dependence, and says when it knows nothing."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from core.analysis import bootstrap, metrics, resampled
from core.analysis.bootstrap import interval, intervals, repeated
from core.analysis.det import equal_error_point

_mean_of_bonafide = repeated(lambda bonafide, spoof: float(bonafide.mean()))
roc_auc = resampled.auc


def _clips(n: int = 200, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    real = np.arange(2 * n) < n
    return rng.normal(np.where(real, 1.0, -1.0), 1.0), real


def test_interval_of_a_mean_is_the_normal_one_when_each_clip_is_its_own_group() -> None:
    scores, real = _clips(400)
    low, high = interval(_mean_of_bonafide, scores, real, np.arange(800), resamples=2000)
    mine = scores[real]
    half = norm.ppf(0.975) * mine.std() / math.sqrt(len(mine))
    assert (low, high) == pytest.approx((mine.mean() - half, mine.mean() + half), abs=0.15 * half)


def test_clips_of_one_speaker_count_as_one_piece_of_evidence() -> None:
    """Ten copies of each clip: the interval must be as wide as without the copies, not narrower by sqrt(10)."""
    scores, real = _clips(60)
    alone = interval(_mean_of_bonafide, scores, real, np.arange(120))
    copied = interval(_mean_of_bonafide, np.repeat(scores, 10), np.repeat(real, 10), np.repeat(np.arange(120), 10))
    naive = interval(_mean_of_bonafide, np.repeat(scores, 10), np.repeat(real, 10), np.arange(1200))
    assert copied == pytest.approx(alone)
    assert naive[1] - naive[0] < 0.5 * (copied[1] - copied[0])


def test_interval_contains_the_true_figure_about_as_often_as_it_says() -> None:
    truth, hits = norm.cdf(2 / math.sqrt(2)), 0
    for seed in range(60):
        scores, real = _clips(80, seed=seed)
        low, high = interval(roc_auc, scores, real, np.arange(160), resamples=200, level=0.9)
        hits += low <= truth <= high
    assert 47 <= hits <= 60


def test_same_seed_same_interval_and_another_seed_another() -> None:
    scores, real = _clips()
    groups = np.arange(400) // 4
    first, again, other = (interval(roc_auc, scores, real, groups, resamples=50, seed=s) for s in (1, 1, 2))
    assert first == again != other


def test_order_of_the_clips_does_not_matter() -> None:
    scores, real = _clips()
    groups = np.arange(400) // 4
    shuffled = np.random.default_rng(5).permutation(400)
    assert interval(roc_auc, scores, real, groups) == interval(
        roc_auc, scores[shuffled], real[shuffled], groups[shuffled]
    )


def test_several_figures_come_from_the_same_resamples_as_one() -> None:
    scores, real = _clips()
    groups = np.arange(400) // 4
    both = intervals({"auc": roc_auc, "mean": _mean_of_bonafide}, scores, real, groups, resamples=50)
    assert both["auc"] == interval(roc_auc, scores, real, groups, resamples=50)


def test_no_resample_lacks_a_class_even_when_one_is_rare() -> None:
    scores, real = np.array([1.0, 0.9, *np.linspace(-1, 0, 50)]), np.arange(52) < 2
    assert interval(roc_auc, scores, real, np.arange(52)) == (1.0, 1.0)


def test_groups_that_hold_both_classes_are_drawn_whole() -> None:
    seen: set[tuple[int, int]] = set()

    def count(bonafide: np.ndarray, spoof: np.ndarray) -> float:
        seen.add((len(bonafide), len(spoof)))
        return 0.0

    interval(repeated(count), np.arange(12.0), np.arange(12) % 3 == 0, np.arange(12) // 3, resamples=50)
    assert seen == {(4, 8)}


def test_one_group_gives_no_interval() -> None:
    scores, real = _clips(10)
    groups = np.where(real, "one speaker", np.arange(20).astype(str))
    assert all(math.isnan(end) for end in interval(roc_auc, scores, real, groups))


@pytest.mark.parametrize("wrong", [{"resamples": 0}, {"level": 1.0}, {"groups": [1, 2]}])
def test_senseless_requests_are_refused(wrong: dict[str, object]) -> None:
    scores, real = _clips(10)
    arguments = {"groups": np.arange(20), **wrong}
    with pytest.raises(ValueError, match=r"resample|groups"):
        interval(roc_auc, scores, real, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("decimals", [1, 12], ids=["many ties", "no tie"])
def test_figures_of_counts_are_those_of_the_clips_repeated(decimals: int) -> None:
    rng = np.random.default_rng(4)
    scores, real = _clips(70)
    scores = scores.round(decimals)
    order = np.lexsort((~real, scores))
    scores, real = scores[order], real[order]
    counts = rng.poisson(1.0, size=(300, 140))
    expected = {
        "auc": repeated(metrics.roc_auc)(scores, real, counts),
        "cllr": repeated(metrics.cllr)(scores, real, counts),
        "eer": repeated(lambda bonafide, spoof: equal_error_point(bonafide, spoof)[0])(scores, real, counts),
    }
    assert resampled.auc(scores, real, counts) == pytest.approx(expected["auc"])
    assert resampled.cllr(scores, real, counts) == pytest.approx(expected["cllr"])
    rates = resampled.eer(scores, real, counts)
    # Two thresholds may be equally near to equality: rounding then decides which of them the slow way takes.
    assert np.mean(np.isclose(rates, expected["eer"])) > 0.95
    assert rates == pytest.approx(expected["eer"], abs=1 / 70)


def test_a_separating_detector_and_a_turned_one_have_rates_of_none_and_all() -> None:
    scores, counts = np.arange(6.0), np.array([[1, 2, 0, 3, 1, 1], [0, 1, 0, 1, 0, 0]])
    assert resampled.eer(scores, scores > 2, counts).tolist() == [0, 0]
    assert resampled.eer(scores, scores < 3, counts).tolist() == [1, 1]


def test_blocks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, real = _clips()
    whole = interval(roc_auc, scores, real, np.arange(400) // 4, resamples=50)
    monkeypatch.setattr("core.analysis.bootstrap._BLOCK", 7 * 400)
    assert interval(roc_auc, scores, real, np.arange(400) // 4, resamples=50) == whole


def clustered(n, groups, seed=0):
    rng = np.random.default_rng(seed)
    owner = rng.integers(groups, size=n)
    real = owner % 2 == 0
    scores = np.where(real, 1.0, -1.0) + rng.normal(size=n) + 0.7 * rng.normal(size=groups)[owner]
    return scores, real, owner


TIES = {
    "no tie": lambda scores: scores,
    "whole numbers": np.round,
    "half of them 0": lambda scores: np.where(np.arange(len(scores)) % 2, scores, 0.0),
    "saturated": lambda scores: np.clip(scores, -0.5, 0.5),
    "two values": lambda scores: (scores > 1.0).astype(float),
    "a hundredth far off": lambda scores: np.where(np.arange(len(scores)) % 100, scores, -1e5),
}


@pytest.mark.parametrize("ties", TIES.values(), ids=TIES)
@pytest.mark.parametrize("metric", ["eer", "auc", "cllr"])
def test_intervals_counted_in_bins_are_those_counted_clip_by_clip(monkeypatch, metric, ties):
    scores, real, owner = clustered(6_000, 60)
    scores = ties(scores)
    exact = bootstrap.interval(getattr(resampled, metric), scores, real, owner)
    monkeypatch.setattr(bootstrap, "EXACT", 1_000)
    binned = bootstrap.interval(getattr(resampled, metric), scores, real, owner)
    width = exact[1] - exact[0]
    assert binned == pytest.approx(exact, abs=0.12 * width)


@pytest.mark.parametrize("n", [9_000, 12_000], ids=["clip by clip", "in bins"])
def test_an_interval_holds_the_rate_of_scores_that_are_tied(n):
    rng = np.random.default_rng(0)
    real = np.arange(2 * n) < n
    scores = np.where(real, rng.choice(5, 2 * n, p=[0.05, 0.1, 0.2, 0.3, 0.35]), rng.binomial(4, 0.25, 2 * n))
    low, high = interval(resampled.eer, scores, real, np.arange(2 * n), resamples=200)
    assert low < equal_error_point(scores[real], scores[~real])[0] < high
    assert high - low < 0.03


def test_groups_that_are_put_together_leave_the_interval_as_wide(monkeypatch):
    scores, real, owner = clustered(8_000, 1_600, seed=1)
    exact = bootstrap.interval(resampled.eer, scores, real, owner)
    monkeypatch.setattr(bootstrap, "EXACT", 1_000)
    monkeypatch.setattr(bootstrap, "MOST_GROUPS", 200)
    merged = bootstrap.interval(resampled.eer, scores, real, owner)
    assert merged[1] - merged[0] == pytest.approx(exact[1] - exact[0], rel=0.15)
    assert merged[0] < sum(exact) / 2 < merged[1]


def test_groups_may_be_numbers():
    scores, real, owner = clustered(300, 30)
    names = np.char.add("speaker:", np.char.zfill(owner.astype(str), 3))
    assert bootstrap.interval(resampled.eer, scores, real, owner) == bootstrap.interval(
        resampled.eer, scores, real, names
    )
