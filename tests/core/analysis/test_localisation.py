"""Figures of localisation, against brute force on a fine grid, scikit-learn, scipy and cases made by hand."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_curve

from core.analysis.localisation import (
    covered_s,
    error_seconds,
    event_counts,
    excess_ms,
    range_eer,
    segment_scores,
    step_durations,
)
from core.analysis.metrics import eer

HOP = 0.02


def random_spans(rng, duration_s, count):
    edges = np.sort(rng.uniform(0, duration_s, 2 * count))
    return [(float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def in_spans(times, spans):
    return np.any([(times >= start) & (times < end) for start, end in spans], axis=0)


def test_a_cell_is_covered_by_what_lies_in_it():
    assert covered_s([0, 1, 2, 3], [(0.5, 2.25)]) == pytest.approx([0.5, 1, 0.25])
    assert covered_s([0, 1], [(0.2, 0.6), (0.4, 0.7)]) == pytest.approx([0.5]), "overlapping spans count once"
    assert covered_s([0, 1], [(0.6, 0.2)]) == pytest.approx([0]), "a span that ends before it starts is empty"


def test_a_segment_is_spoofed_where_any_part_of_it_is():
    llr = np.arange(20.0)
    scores, real = segment_scores(llr, [(0.30, 0.33)], hop_s=HOP)
    # Segments of eight steps: 0 to 0.16, 0.16 to 0.32, 0.32 to 0.4 s.
    assert scores == pytest.approx([0, 8, 16]), "and scores as its lowest step"
    assert real.tolist() == [True, False, False]


def test_what_is_not_scored_is_no_segment():
    llr = np.array([np.nan] * 8 + [1.0] * 4 + [np.nan] * 4)
    scores, real = segment_scores(llr, [(0.0, 0.16), (0.24, 0.32)], hop_s=HOP)
    assert scores == pytest.approx([1.0])
    assert real.tolist() == [True], "the span lies on steps without speech"


def test_a_segment_is_a_whole_number_of_steps():
    with pytest.raises(ValueError, match="no whole number of steps"):
        segment_scores([0.0], [], hop_s=0.03)


def test_segment_eer_is_that_of_labels_on_a_fine_grid():
    rng = np.random.default_rng(0)
    llr, spans = rng.normal(size=400), random_spans(rng, 8.0, 4)
    scores, real = segment_scores(llr, spans, hop_s=HOP)
    fine = in_spans(np.arange(0, 8, 1e-4) + 5e-5, spans).reshape(-1, 1600)
    assert real.tolist() == (~fine.any(axis=1)).tolist()
    fpr, tpr, _ = roc_curve(~fine.any(axis=1), llr.reshape(-1, 8).min(axis=1))
    crossing = np.argmin(np.abs(1 - tpr - fpr))
    assert eer(scores[real], scores[~real]).rate == pytest.approx((1 - tpr + fpr)[crossing] / 2, abs=0.03)


def test_range_eer_is_that_of_time_on_a_fine_grid():
    rng = np.random.default_rng(1)
    clips, times, scores, truth = [], np.arange(0, 5, 5e-4) + 2.5e-4, [], []
    for _ in range(6):
        spans = random_spans(rng, 5.0, 3)
        llr = rng.normal(size=250) - 1.5 * in_spans(np.arange(250) * HOP + 0.01, spans)
        clips.append(step_durations(llr, spans, hop_s=HOP, duration_s=5.0))
        scores.append(np.repeat(llr, 40))
        truth.append(in_spans(times, spans))
    fpr, tpr, _ = roc_curve(~np.concatenate(truth), np.concatenate(scores), drop_intermediate=False)
    crossing = np.argmin(np.abs(1 - tpr - fpr))
    assert range_eer(clips).rate == pytest.approx((1 - tpr + fpr)[crossing] / 2, abs=2e-3)


def test_range_eer_by_hand():
    # One second: the first step of 0.5 s is spoofed for 0.4 s, the second for 0.1 s.
    clip = step_durations([-1.0, 1.0], [(0.1, 0.6)], hop_s=0.5, duration_s=1.0)
    assert clip.spoof_s == pytest.approx([0.4, 0.1])
    found = range_eer([clip])
    # Between the two scores a fifth of the bona fide time is rejected, and a fifth of the spoofed time accepted.
    assert found.rate == pytest.approx(0.2)
    assert found.threshold == -1.0


def test_range_eer_of_turned_scores_is_its_complement():
    spans = [(1.0, 2.0)]
    llr = np.where(in_spans(np.arange(200) * HOP + 0.01, spans), -1.0, 1.0)
    for sign, rate in ((1, 0.0), (-1, 1.0)):
        clip = step_durations(sign * llr, spans, hop_s=HOP, duration_s=4.0)
        assert range_eer([clip]).rate == pytest.approx(rate, abs=1e-9)


def test_range_eer_needs_both_classes():
    with pytest.raises(ValueError, match="both bona fide and spoofed time"):
        range_eer([step_durations([0.0, 1.0], [], hop_s=0.5, duration_s=1.0)])


def test_the_last_step_ends_with_the_clip():
    clip = step_durations([0.0, 0.0], [], hop_s=0.5, duration_s=0.7)
    assert clip.bonafide_s == pytest.approx([0.5, 0.2])


def test_events_by_hand():
    # The first mark covers 0.5 of 1 s (IoU 0.5), the second only a tenth; the third is a false alarm.
    counts = event_counts([(1.0, 1.5), (3.0, 3.1), (7.0, 8.0)], [(1.0, 2.0), (3.0, 4.0)])
    assert counts == (1, 2, 1)
    assert counts.f1 == pytest.approx(2 / 5)
    assert np.isnan(event_counts([], []).f1)
    assert event_counts([(0.0, 4.0)], [(0.0, 2.0), (2.0, 4.0)]) == (1, 0, 1), "one mark finds one event"


@pytest.mark.parametrize("seed", range(5))
def test_events_are_matched_as_by_the_best_assignment(seed):
    rng = np.random.default_rng(seed)
    spans = random_spans(rng, 20, 6)
    marks = [(a + rng.normal(0, 0.3), b + rng.normal(0, 0.3)) for a, b in spans] + [(30.0, 31.0)]
    marks = [(a, max(b, a + 0.01)) for a, b in marks]
    overlap = np.array([[max(0, min(a[1], b[1]) - max(a[0], b[0])) for b in spans] for a in marks])
    sizes = np.array([a[1] - a[0] for a in marks])[:, None] + np.array([b[1] - b[0] for b in spans])
    agree = (overlap / (sizes - overlap)) >= 0.5
    best = agree[linear_sum_assignment(-agree.astype(float))].sum()
    assert event_counts(marks, spans) == (best, len(marks) - best, len(spans) - best)


def test_error_seconds_are_those_of_a_fine_grid():
    rng = np.random.default_rng(2)
    marks, spans, times = random_spans(rng, 10, 5), random_spans(rng, 10, 3), np.arange(0, 10, 1e-3) + 5e-4
    marked, spoofed = in_spans(times, marks), in_spans(times, spans)
    found = error_seconds(marks, spans, duration_s=10)
    assert found.miss_s == pytest.approx((spoofed & ~marked).mean() * 10, abs=0.02)
    assert found.false_alarm_s == pytest.approx((marked & ~spoofed).mean() * 10, abs=0.02)
    assert found.spoof_s + found.bonafide_s == pytest.approx(10)
    assert (found + found).miss_s == pytest.approx(2 * found.miss_s)


def test_excess_is_what_is_marked_at_a_joint_beyond_the_control():
    assert excess_ms([(0.9, 1.05)], [(1.0, 1.02)], at_s=1.0) == pytest.approx(130)
    assert excess_ms([(0.0, 0.5)], [], at_s=1.0) == 0, "far from the joint nothing counts"
    assert excess_ms([], [(0.8, 0.9)], at_s=1.0) == pytest.approx(-100)
