"""The rule of a detector's timeline, fitted on clips whose spoofed spans are known."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from core.analysis.calibration import fit_calibration
from core.analysis.localisation import EventCounts, covered_s, event_counts, range_eer, step_durations
from core.analysis.verdict import MAX_FALSE_ALARM
from core.detectors.card import Localisation
from core.errors import PolarityError
from core.progress import progress
from core.timeline.measured import Judged
from core.timeline.segments import calibrated, find_segments
from trainers.localisation.clips import BONAFIDE, PARTIAL, Scored

__all__ = ["fit_rule", "judged"]

_SMOOTH_S = (0.06, 0.1, 0.14, 0.18, 0.26, 0.34)
_MARKS = np.arange(-4.0, 1.01, 0.25)
_KEEPS, _SHORTEST_S, _GAPS_S = (0.0, 0.5, 1.0), (0.1, 0.16, 0.24), (0.06, 0.12, 0.2)


def fit_rule(clips: Sequence[Scored], *, basis: str) -> Localisation:
    """Fit smoothing, calibration and the rule that marks segments.

    The smoothing is that of the lowest range-based equal error rate on the partial spoofs; slope and intercept make the
    steps log-likelihood ratios (balanced logistic regression); the rule is that of the highest event F1, in which marks
    on bona fide recordings are false alarms too. Segments are sure enough for a verdict below the score that at most
    5 % of the bona fide recordings fall short of.
    """
    partial = [clip for clip in clips if clip.kind == PARTIAL]
    bonafide = [clip for clip in clips if clip.kind == BONAFIDE]
    plain = Localisation(
        slope=1.0, intercept=0.0, smooth_s=0.0, mark_below=0.0, keep_below=0.0, shortest_s=0.0, gap_s=0.0, basis=basis
    )
    smooth_s = min(_SMOOTH_S, key=lambda each: _range_eer(partial, plain.model_copy(update={"smooth_s": each})))
    rule = _with_calibration(partial, plain.model_copy(update={"smooth_s": smooth_s}))
    rule = _with_best_marks([*partial, *bonafide], rule)
    return _with_verdict(bonafide, rule)


def _range_eer(clips: Sequence[Scored], rule: Localisation) -> float:
    return range_eer([
        step_durations(calibrated(clip.over_time, rule, hop_s=clip.hop_s), clip.spans, hop_s=clip.hop_s,
                       duration_s=clip.duration_s)
        for clip in clips
    ]).rate  # fmt: skip


def _with_calibration(clips: Sequence[Scored], rule: Localisation) -> Localisation:
    raw, real = [], []
    for clip in clips:
        mean = calibrated(clip.over_time, rule, hop_s=clip.hop_s)
        spoofed = covered_s(np.arange(len(mean) + 1) * clip.hop_s, clip.spans) / clip.hop_s
        # A step that a span's end lies in is neither.
        whole = ~np.isnan(mean) & ((spoofed < 0.01) | (spoofed > 0.99))
        raw.append(mean[whole])
        real.append(spoofed[whole] < 0.5)
    fitted = fit_calibration(np.concatenate(raw), np.concatenate(real))
    if fitted.slope <= 0:
        raise PolarityError(
            "This detector's cells score spoofed spans no lower than the recording around them: it cannot mark places; "
            "train it on splices, or choose another."
        )
    return rule.model_copy(update={"slope": float(fitted.slope), "intercept": float(fitted.intercept)})


def _with_best_marks(clips: Sequence[Scored], rule: Localisation) -> Localisation:
    llrs = [calibrated(clip.over_time, rule, hop_s=clip.hop_s) for clip in clips]

    def f1(candidate: Localisation) -> float:
        counts = np.zeros(3, int)
        for clip, llr in zip(clips, llrs, strict=True):
            found = find_segments(llr, candidate, hop_s=clip.hop_s, duration_s=clip.duration_s)
            counts += event_counts([(each.start_s, each.end_s) for each in found], clip.spans)
        return EventCounts(*counts).f1

    def marked(mark: float, keep: float, shortest_s: float, gap_s: float) -> Localisation:
        return rule.model_copy(update={
            "mark_below": float(mark), "keep_below": float(mark + keep), "shortest_s": shortest_s, "gap_s": gap_s,
        })  # fmt: skip

    best = max((marked(mark, 0.5, 0.16, 0.12) for mark in _MARKS), key=f1)
    near = best.mark_below + np.array([-0.5, -0.25, 0.0, 0.25])
    with progress("rules tried") as report:
        tried = list(product(near, _KEEPS, _SHORTEST_S, _GAPS_S))
        scores = []
        for done, each in enumerate(tried, 1):
            scores.append(f1(marked(*each)))
            report(done, len(tried))
    return marked(*tried[int(np.argmax(scores))])


def _with_verdict(bonafide: Sequence[Scored], rule: Localisation) -> Localisation:
    found = [judged(clip, rule).segments for clip in bonafide]
    lowest = np.array([min((segment.score for segment in each), default=np.inf) for each in found])
    # A clip's own score: segments must be strictly lower, so that the share is at most what is allowed.
    limit = float(np.quantile(lowest, MAX_FALSE_ALARM, method="lower"))
    below = min(limit, rule.keep_below)
    return rule.model_copy(update={
        "verdict_below": below, "false_mark_rate": float((lowest < below).mean()),
        "counted_s": round(float(np.mean([clip.duration_s for clip in bonafide])), 2),
    })  # fmt: skip


def judged(clip: Scored, rule: Localisation) -> Judged:
    """Return what a rule marks of a clip, beside what is spoofed there."""
    llr = calibrated(clip.over_time, rule, hop_s=clip.hop_s)
    segments = find_segments(llr, rule, hop_s=clip.hop_s, duration_s=clip.duration_s)
    return Judged(llr, segments, clip.spans, clip.hop_s, clip.duration_s, clip.system)
