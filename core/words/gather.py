"""The facts of a recording, out of what the page and the commands found."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY
from core.caution import NEEDED_SPEECH_S, marks_by_chance
from core.words.facts import (
    ErrorRates,
    Facts,
    FileLine,
    Flip,
    MapFacts,
    Member,
    Place,
    Reason,
    SignFact,
    Stretch,
    Tried,
)

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.detectors.score import WindowScore
    from core.explain.base import Explanation
    from core.panel import Panel
    from core.robustness import Flip as FoundFlip
    from core.robustness import Held
    from core.usecases import Analysis

__all__ = ["FileStates", "error_rates", "facts_of", "map_facts"]


class FileStates(Protocol):
    """What a file states of itself, as ``core.provenance`` returns it."""

    @property
    def lines(self) -> Iterable[Any]:
        """Lines with a topic, a state and a text."""


def facts_of(
    analysis: "Analysis", panel: "Panel", *, detector: "Detector | None" = None,
    explanation: "Explanation | None" = None, provenance: FileStates | None = None, held: "Iterable[Held]" = (),
    flip: "FoundFlip | None" = None,
) -> Facts:  # fmt: skip
    """Return the facts of an analysed recording.

    Parameters
    ----------
    analysis : Analysis
    panel : Panel
        The one that made it.
    detector : Detector, optional
        The one whose evidence is shown.
    explanation : Explanation, optional
        Its map; while that is not checked, nothing is stated of it.
    provenance : Provenance, optional
        What the file states of itself.
    held : iterable of Held
        Whether the verdict holds when the recording is processed; what was tried on a part of a long one is left out.
    flip : Flip, optional
        The smallest removal that changes the verdict.
    """
    from core.session import part_to_try

    if part_to_try(analysis) != (0.0, analysis.clip.duration_s):
        held, flip = (), None
    clip, decision, found = analysis.clip, analysis.decision, analysis.localised
    false_marks = marks_by_chance(found) if found else 0.0
    return Facts(
        name=clip.name, duration_s=clip.duration_s, speech_s=analysis.speech_s, verdict=analysis.verdict,
        reason=_reason(analysis), needed_speech_s=NEEDED_SPEECH_S,
        p_spoof=analysis.p_spoof if analysis.verdict is not None else None, prior=analysis.prior,
        bonafide_below=float(p_spoof(decision.bonafide_above)), spoof_above=float(p_spoof(decision.spoof_below)),
        silent_s=analysis.silent_s, dropped_s=clip.record.dropped_s, padded_s=analysis.padded_s,
        parts=tuple(map(_stretch, found.sure_segments)) if found and analysis.verdict == PARTLY else (),
        worst=_worst(analysis), localiser=found.detector if found else "", marked_s=found.marked_s if found else 0.0,
        scored_s=found.scored_s if found else 0.0, false_mark_rate=found.rule.false_mark_rate if found else None,
        false_marks=false_marks if false_marks >= 1 else None,
        map=map_facts(detector, explanation) if detector is not None else None,
        file=tuple(FileLine(line.topic, line.state, line.text) for line in provenance.lines) if provenance else (),
        signs=tuple(SignFact(sign.name, sign.text) for sign in analysis.signs),
        members=tuple(
            Member(name, own.p_spoof, own.verdict) for name in panel.members if (own := analysis.detectors.get(name))
        ),
        tried=tuple(_tried(held, analysis.verdict)), flip=_flip(flip, analysis.verdict), rates=error_rates(panel),
    )  # fmt: skip


def _reason(analysis: "Analysis") -> Reason:
    if analysis.verdict is None:
        return "silent" if analysis.silent_s >= analysis.clip.duration_s else "no speech"
    if analysis.verdict != NOT_SURE:
        return ""
    if analysis.speech_s < NEEDED_SPEECH_S:
        return "little speech"
    return "worst stretch" if analysis.decision.verdict(analysis.score) == BONAFIDE else "between thresholds"


def _worst(analysis: "Analysis") -> Stretch | None:
    """Return the most suspicious seconds, where they made the verdict or the clip is long enough to have some."""
    worst = analysis.worst
    are_some = worst.end_s - worst.start_s <= analysis.clip.duration_s / 2
    return _stretch(worst) if are_some or _reason(analysis) == "worst stretch" else None


def _stretch(window: "WindowScore") -> Stretch:
    return Stretch(window.start_s, window.end_s, window.p_spoof)


def _tried(held: "Iterable[Held]", verdict: str | None) -> Iterator[Tried]:
    """Yield what came of each processing; nothing where the verdict is not plainly the score's, which is what moves."""
    for each in held:
        if each.panel is not None and each.panel.verdict_before == verdict:
            yield Tried(each.name, each.label, each.panel.p_after, each.panel.verdict_after)


def _flip(found: "FoundFlip | None", verdict: str | None) -> Flip | None:
    from core.robustness.flip import MOST

    if found is None or found.verdict_before != verdict:
        return None
    return Flip(MOST, found.energy_share, found.verdict_after) if found.found else Flip(MOST)


def map_facts(detector: "Detector", explanation: "Explanation | None") -> MapFacts | None:
    """Return what is known of a detector's map; None while there is none, or it is not checked."""
    from core.explain.earned import no_map_reason, planted

    if explanation is None:
        unmapped = bool(no_map_reason(detector))
        return MapFacts(detector.name, NOT_SURE, "unmapped") if unmapped else None
    found, verdict = explanation.faithfulness, explanation.score.verdict
    if found is None:
        return None
    if not found.faithful:
        return MapFacts(detector.name, verdict, "not faithful" if found.trials else "empty")
    region = explanation.regions[0] if explanation.regions else None
    has_frequency = "frequency" in explanation.axes
    hertz = (region.low_hz, region.high_hz) if region is not None and has_frequency else (None, None)
    lab = planted(detector, explanation.method)
    return MapFacts(
        detector.name, verdict, "faithful",
        place=Place(region.share, region.start_s, region.end_s, *hertz) if region is not None else None,
        random_count=min(len(trial.deletion.random) for trial in found.trials if trial.faithful),
        lab_clips=lab.clips if lab else None, lab_hits=lab.hits if lab else None,
        lab_chance=lab.unplanted_hits if lab else None,
    )  # fmt: skip


def error_rates(panel: "Panel") -> ErrorRates | None:
    """Return the panel's errors on held-out pages; None where they were not measured."""
    row = next((row for row in panel.held_out if row["group"] == "all"), None)
    names = ErrorRates.__dataclass_fields__
    if row is None or any(row.get(name) is None for name in names):
        return None
    return ErrorRates(**{name: row[name] for name in names})
