"""A detector's timeline fitted and measured on partial spoofs that are made of aligned pairs."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.bootstrap import mean_interval
from core.analysis.calibration import fit_calibration
from core.analysis.localisation import EventCounts, Span, covered_s, event_counts, excess_ms, range_eer, step_durations
from core.analysis.verdict import MAX_FALSE_ALARM
from core.audio.clip import SAMPLE_RATE
from core.corpus.page import page_of
from core.corpus.pairs import aligned_copy
from core.corpus.table import Corpus
from core.detectors.card import Localisation
from core.detectors.cells import map_cells
from core.detectors.detector import Detector
from core.errors import CorpusError, PolarityError
from core.lab.joins import JOINS, REJOINED, joined
from core.lab.planted import Source
from core.progress import progress
from core.timeline.measured import Figure, Judged, measure
from core.timeline.partial import partial_spoof
from core.timeline.segments import calibrated, find_segments
from trainers.progress import counted
from trainers.splices import kept_pairs
from trainers.waveforms import Clips

__all__ = ["HeldOut", "Scored", "figures", "fit_rule", "localise", "score_clips"]

PARTIAL, BONAFIDE = "partial spoof", "bona fide"
_SMOOTH_S = (0.06, 0.1, 0.14, 0.18, 0.26, 0.34)
_MARKS = np.arange(-4.0, 1.01, 0.25)
_KEEPS, _SHORTEST_S, _GAPS_S = (0.0, 0.5, 1.0), (0.1, 0.16, 0.24), (0.06, 0.12, 0.2)


class HeldOut(NamedTuple):
    """A clip as it was judged by a rule that was fitted on other pages and speakers."""

    clip: "Scored"
    judged: Judged
    rule: Localisation

    @property
    def has_verdict(self) -> bool:
        """Whether a segment is sure enough to make the clip *probably spoofed in part*."""
        limit = self.rule.verdict_below
        return limit is not None and any(segment.score < limit for segment in self.judged.segments)


@dataclass(frozen=True, eq=False)
class Scored:
    """A clip made for this, with the mean of its cells over time.

    Attributes
    ----------
    kind : str
        A partial spoof, a bona fide recording, one with an authentic join, or its self-rejoined control.
    over_time : ndarray [shape=(steps,)]
        Uncalibrated; NaN where nothing is scored.
    spans : tuple of (start, end)
    hop_s, duration_s : float
    system : str
        ``-`` where nothing is spoofed.
    group : str
        Its page, or else its speaker: what is not parted between fitting and measuring.
    number : int
        Of the pair or recording that it is made from.
    at_s : float
        Where it is joined; NaN where it is not.
    """

    kind: str
    over_time: NDArray[np.float64]
    spans: tuple[Span, ...]
    hop_s: float
    duration_s: float
    system: str
    group: str
    number: int
    at_s: float = np.nan


def localise(
    detector: Detector, corpus: Corpus, waves: Clips, *, most: int, seed: int = 0
) -> tuple[Localisation, list[dict[str, Any]]]:
    """Fit the rule of a detector's timeline, and measure it on pages and speakers that it was not fitted on.

    Half of them fit the rule that is measured on the others, and the other way round; the rule that is returned is
    fitted on all, and the rows are on its ``figures``.

    Parameters
    ----------
    detector : Detector
        With cells.
    corpus : Corpus
        Clips that it was not trained on.
    waves : Clips
        Decoded, a row each.
    most : int
        Use at most so many pairs, and so many bona fide recordings.
    seed : int

    Raises
    ------
    CorpusError
        When the corpus has no aligned pairs, or too few.
    PolarityError
        When spoofed spans score higher than the recording around them.
    """
    clips = score_clips(detector, corpus.frame, waves, most=most, seed=seed)
    halves = _halves(clips)
    held: list[HeldOut] = []
    for fitted_on, measured_on in (halves, halves[::-1]):
        rule = fit_rule(fitted_on, basis="")
        held += [HeldOut(clip, _judged(clip, rule), rule) for clip in measured_on]
    rule = fit_rule(clips, basis=_basis(clips, corpus.frame["split"].unique()))
    rows = figures(held, seen=detector.card.training.systems if detector.card.training else [])
    return rule.model_copy(update={"figures": rows}), rows


def _halves(clips: Sequence[Scored]) -> list[list[Scored]]:
    """Part the clips by page or speaker: those that partial spoofs were made from in turns, then the others."""
    of_partial = {clip.group for clip in clips if clip.kind == PARTIAL}
    order = sorted(
        {clip.group for clip in clips}, key=lambda group: (group not in of_partial, zlib.crc32(group.encode()))
    )
    halves = [[clip for clip in clips if order.index(clip.group) % 2 == half] for half in (0, 1)]
    if any({PARTIAL, BONAFIDE} - {clip.kind for clip in half} for half in halves):
        raise CorpusError(
            "A timeline is fitted on one half of the pages and speakers and measured on the other, and here a half has "
            "no partial spoof or no bona fide recording: give more clips, or a higher --most."
        )
    return halves


def _basis(clips: Sequence[Scored], splits: Iterable[str]) -> str:
    partial = [clip for clip in clips if clip.kind == PARTIAL]
    return (
        f"{len(partial)} partial spoofs by {len({clip.system for clip in partial})} systems and "
        f"{sum(clip.kind == BONAFIDE for clip in clips)} bona fide recordings, from "
        f"{len({clip.group for clip in clips})} pages and speakers of {' and '.join(sorted(splits))}"
    )


def score_clips(detector: Detector, frame: pd.DataFrame, waves: Clips, *, most: int, seed: int = 0) -> list[Scored]:
    """Make partial spoofs, joins and bona fide clips of a corpus, and score their cells over time."""
    pairs = kept_pairs(frame, waves)
    if pairs.empty:
        raise CorpusError(
            "No spoof of this corpus is the aligned copy of one of its bona fide clips: give one whose pages or "
            "sources hold vocoded, coded or re-synthesised copies."
        )
    rng = np.random.default_rng(seed)
    chosen = pairs.iloc[np.sort(rng.permutation(len(pairs))[:most])]
    real = np.flatnonzero((frame["label"] == "bonafide").to_numpy())
    bonafide = np.sort(rng.permutation(real)[:most])
    clips: list[Scored] = []
    for number, (_, pair) in enumerate(counted(list(chosen.iterrows()), "partial spoofs made and scored")):
        clips += _partial(detector, frame, waves, pair, number, rng)
    for number, row in enumerate(counted([int(row) for row in bonafide], "bona fide recordings scored")):
        clips += _genuine(detector, frame, waves, row, number)
    return clips


def _partial(
    detector: Detector, frame: pd.DataFrame, waves: Clips, pair: pd.Series, number: int, rng: np.random.Generator
) -> Iterator[Scored]:
    real = waves[int(pair["real"])]
    made = partial_spoof(real, aligned_copy(real, waves[int(pair["copy"])], int(pair["lag"])), rng)
    if made is not None:
        group = _group_of(frame, int(pair["real"]))
        yield _score(detector, made.waveform, PARTIAL, number, group, system=str(pair["system"]), spans=made.spans)


def _genuine(detector: Detector, frame: pd.DataFrame, waves: Clips, row: int, number: int) -> Iterator[Scored]:
    group, wave = _group_of(frame, row), waves[row]
    yield _score(detector, wave, BONAFIDE, number, group)
    other = _other_of(frame, row)
    source = Source(
        str(frame["path"].iloc[row]), wave, None, "-", group, waves[other] if other is not None else None
    )  # fmt: skip
    for kind, made in joined(source).items():
        yield replace(_score(detector, made.waveform, kind, number, group), at_s=made.at_s)


def _other_of(frame: pd.DataFrame, row: int) -> int | None:
    """Return another bona fide recording of the same speaker; None where the speaker is not known."""
    speaker, page = frame["speaker"].iloc[row], frame["page"].iloc[row]
    if speaker in {"", "-"} or page not in {"", "-"}:
        return None
    same = np.flatnonzero((frame["speaker"] == speaker) & (frame["label"] == "bonafide"))
    others = same[same != row]
    return int(others[row % len(others)]) if len(others) else None


def _score(
    detector: Detector, wave: NDArray[np.float32], kind: str, number: int, group: str, *, system: str = "-",
    spans: tuple[Span, ...] = (),
) -> Scored:  # fmt: skip
    cells = map_cells(wave, detector)
    return Scored(kind, cells.over_time, spans, cells.hop_s, len(wave) / SAMPLE_RATE, system, group, number)


def _group_of(frame: pd.DataFrame, row: int) -> str:
    clip = frame.iloc[row]
    page = page_of(str(clip["source"]), str(clip["page"]))
    return page if page != "-" else str(clip["speaker"] if clip["speaker"] not in {"", "-"} else clip["source"])


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
    judged = [_judged(clip, rule) for clip in bonafide]
    lowest = np.array([min((each.score for each in clip.segments), default=np.inf) for clip in judged])
    # A clip's own score: segments must be strictly lower, so that the share is at most what is allowed.
    limit = float(np.quantile(lowest, MAX_FALSE_ALARM, method="lower"))
    below = min(limit, rule.keep_below)
    return rule.model_copy(update={"verdict_below": below, "false_mark_rate": float((lowest < below).mean())})


def _judged(clip: Scored, rule: Localisation) -> Judged:
    llr = calibrated(clip.over_time, rule, hop_s=clip.hop_s)
    segments = find_segments(llr, rule, hop_s=clip.hop_s, duration_s=clip.duration_s)
    return Judged(llr, segments, clip.spans, clip.hop_s, clip.duration_s, clip.system)


def figures(held: Sequence[HeldOut], *, seen: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows of figures: partial spoofs by systems of training and by unseen ones, bona fide clips, joins.

    Intervals are over spoofing systems, and over pages and speakers where nothing is spoofed.
    """
    rows = []
    for name, wanted in (("systems of training", True), ("unseen systems", False)):
        own = [each for each in held if each.clip.kind == PARTIAL and (each.clip.system in seen) is wanted]
        if own:
            row = {"clips": f"partial spoofs, {name}", "n_clips": len(own)}
            row["n_systems"] = len({each.clip.system for each in own})
            found = measure([each.judged for each in own])
            found["verdict_rate"] = _mean([each.has_verdict for each in own], [each.clip.system for each in own])
            rows.append(row | {what: figure.to_json() for what, figure in found.items()})
    return [*rows, _bonafide(held), *_joins(held)]


def _bonafide(held: Sequence[HeldOut]) -> dict[str, Any]:
    own = [each for each in held if each.clip.kind == BONAFIDE]
    groups = [each.clip.group for each in own]
    return {
        "clips": "bona fide", "n_clips": len(own), "n_groups": len(set(groups)),
        "marked_rate": _mean([bool(each.judged.segments) for each in own], groups).to_json(),
        "verdict_rate": _mean([each.has_verdict for each in own], groups).to_json(),
    }  # fmt: skip


def _joins(held: Sequence[HeldOut]) -> Iterator[dict[str, Any]]:
    controls = {each.clip.number: each.judged.marked for each in held if each.clip.kind == REJOINED}
    for kind in JOINS:
        own = [each for each in held if each.clip.kind == kind]
        if not own:
            continue
        excess = [excess_ms(each.judged.marked, controls[each.clip.number], at_s=each.clip.at_s) for each in own]
        groups = [each.clip.group for each in own]
        yield {
            "clips": f"authentic {kind}", "n_clips": len(own), "n_groups": len(set(groups)),
            "excess_ms": _mean(excess, groups).to_json(),
        }  # fmt: skip


def _mean(values: Sequence[float], groups: Sequence[str]) -> Figure:
    return Figure(float(np.mean(values)) if len(values) else np.nan, *mean_interval(values, groups))
