"""Figures of a timeline on clips that its rule was not fitted on."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.analysis.bootstrap import mean_interval
from core.analysis.localisation import error_seconds, excess_ms
from core.detectors.card import Localisation
from core.lab.joins import JOINS, REJOINED
from core.timeline.measured import OF_TRAINING, UNSEEN, Figure, Judged, measure
from trainers.localisation.clips import BONAFIDE, PARTIAL, THROUGHOUT, Scored

__all__ = ["HeldOut", "figures"]

# Of fewer clips a system has no row of its own.
_FEWEST = 4


class HeldOut(NamedTuple):
    """A clip as it was judged by a rule that was fitted on other pages and speakers."""

    clip: Scored
    judged: Judged
    rule: Localisation

    @property
    def has_verdict(self) -> bool:
        """Whether a segment is sure enough to make the clip *probably spoofed in part*."""
        limit = self.rule.verdict_below
        return limit is not None and any(segment.score < limit for segment in self.judged.segments)


def figures(held: Sequence[HeldOut], *, seen: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows of figures: partial spoofs by systems of training and by unseen ones, copies, bona fide clips, joins.

    Intervals are over spoofing systems, and over pages and speakers where nothing is spoofed. Then a row for each
    system with a few clips, the one that is missed most first; those intervals are over pages and speakers, too.
    """
    rows = []
    for name, wanted in ((OF_TRAINING, True), (UNSEEN, False)):
        own = [each for each in held if each.clip.kind == PARTIAL and (each.clip.system in seen) is wanted]
        if own:
            row = {"clips": name, "n_clips": len(own)}
            row["n_systems"] = len({each.clip.system for each in own})
            found = measure([each.judged for each in own])
            found["verdict_rate"] = _mean([each.has_verdict for each in own], [each.clip.system for each in own])
            rows.append(row | {what: figure.to_json() for what, figure in found.items()})
    return [*rows, *_throughout(held), _bonafide(held), *_joins(held), *_by_system(held)]


def _throughout(held: Sequence[HeldOut]) -> Iterator[dict[str, Any]]:
    own = [each for each in held if each.clip.kind == THROUGHOUT]
    if own:
        systems = [each.clip.system for each in own]
        shares = [sum(end - start for start, end in each.judged.marked) / each.clip.duration_s for each in own]
        yield {
            "clips": THROUGHOUT, "n_clips": len(own), "n_systems": len(set(systems)),
            "marked_share": _mean(shares, systems).to_json(),
        }  # fmt: skip


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


def _by_system(held: Sequence[HeldOut]) -> list[dict[str, Any]]:
    partial = [each for each in held if each.clip.kind == PARTIAL]
    missed: list[tuple[float, dict[str, Any]]] = []
    for system in sorted({each.clip.system for each in partial}):
        own = [each for each in partial if each.clip.system == system]
        if len(own) < _FEWEST:
            continue
        seconds = [error_seconds(each.judged.marked, each.clip.spans, duration_s=each.clip.duration_s) for each in own]
        groups = [each.clip.group for each in own]
        rate = _mean([each.miss_s / each.spoof_s for each in seconds], groups)
        row = {"clips": f"partial spoofs by {system}", "n_clips": len(own), "n_groups": len(set(groups))}
        missed.append((rate.value, row | {"miss_rate": rate.to_json()}))
    return [row for _, row in sorted(missed, key=lambda each: -each[0])]


def _mean(values: Sequence[float], groups: Sequence[str]) -> Figure:
    return Figure(float(np.mean(values)) if len(values) else np.nan, *mean_interval(values, groups))
