"""The detectors' own verdicts as rows that can be pressed: the panel's members, and the others once they are asked."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from core.analysis.calibration import p_spoof
from core.analysis.format import bracket, rate
from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.markup import Markup, card, empty, note, term
from dashboard.components.progress import time_words

if TYPE_CHECKING:
    from core.detectors.score import ClipScore
    from core.fusion import Loss
    from core.usecases import Analysis

__all__ = ["others_label", "panel_card"]

#: With more detectors than these the rows are set closer.
_ROOMY = 17
#: With no more than these their card is as high as they need.
_FEW = 8
_WAITING = "Each detector’s own verdict appears here, the most suspicious first."
_NO_SPEECH = "No verdict, and no scores: without speech those of the detectors mean nothing."
_HOLD = Markup('<div class="ss-hold">{}{}</div>')


def panel_card(
    analysis: "Analysis | None", *, members: Collection[str] = (), selected: str | None = None, basis: str = "",
    losses: "Mapping[str, Loss] | None" = None, weights: Mapping[str, float] | None = None,
) -> Markup:  # fmt: skip
    """Return the detectors' verdicts, the highest P(spoof) first; the chosen detector is marked.

    Parameters
    ----------
    analysis : Analysis or None
    members : collection of str
        The detectors that the panel's score is made of.
    selected : str, optional
        The detector that is explained.
    basis : str
        What the panel was set on; without any, its score is the detectors' mean.
    losses : mapping of str to Loss, optional
        What the panel loses without each member, where that was measured.
    weights : mapping of str to float, optional
        How much each member's score counts in the panel's.
    """
    if analysis is None or analysis.verdict is None:
        words = _WAITING if analysis is None else _NO_SPEECH
        return card("The panel", _HOLD.format(empty(words), ""), name="ss-panel")
    scores = analysis.detectors
    panel = _rows((scores[name] for name in scores if name in members), selected)
    others = _rows((scores[name] for name in scores if name not in members), selected)
    if others:
        others = Markup('<h3 class="ss-sub">Not in the panel</h3>') + others
    several = len(members) > 1
    return card(
        f"The panel of {len(members)}" if several else "The detector",
        _HOLD.format(panel + _lost(losses or {}), others) + note(_legend(several, basis, weights or {})),
        aside=Markup('<span class="ss-soft">{}</span>').format(term("P(spoof)")),
        name=f"ss-panel {'ss-close' if len(scores) > _ROOMY else 'ss-few' if len(scores) <= _FEW else ''}".rstrip(),
    )


def _lost(losses: "Mapping[str, Loss]") -> Markup:
    """Return the equal error rate without each member, the one that is missed most first."""
    ordered = sorted(losses.items(), key=lambda one: -one[1].loss)
    each = [
        f"{name} {rate(lost.eer_without)} ({100 * lost.loss:+.1f}{_span(lost)})" for name, lost in ordered
    ]  # fmt: skip
    if not each:
        return Markup("")
    html = Markup('<p class="ss-note ss-lost">{} on {} without one of them: {}.</p>')
    return html.format(term("EER"), term("held-out pages"), "; ".join(each))


def _span(lost: "Loss") -> str:
    span = bracket((lost.low, lost.high))
    return f" {span}" if span else ""


def _legend(several: bool, basis: str, weights: Mapping[str, float]) -> Markup:
    text = Markup("Press a detector for its evidence. Where its bar ends in the grey band it is {}; each has its own.")
    worth = f"{_sum(weights)} as set on {basis}." if basis else " The panel’s score is its detectors’ mean."
    return text.format(term("not sure")) + (worth if several else "")


def _sum(weights: Mapping[str, float]) -> str:
    """Return how the members' scores become the panel's, and why its P(spoof) need not lie between theirs."""
    whole = sum(weights.values())
    each = ", ".join(f"{name} {rate(weight / whole, digits=0)}" for name, weight in weights.items())
    return (
        f" Their scores are added up{f' ({each})' if each else ''} and calibrated anew, so that the panel’s P(spoof) "
        "may lie beyond all of theirs:"
    )


def _rows(scores: "Iterable[ClipScore]", selected: str | None) -> Markup:
    ordered = sorted(scores, key=lambda own: -own.p_spoof)
    rows = [BarRow(own.name, own.p_spoof, own.verdict, _remark(own), _band(own)) for own in ordered]
    return bar_rows(rows, selected=selected, brief=True) if rows else Markup("")


def _band(own: "ClipScore") -> tuple[float, float]:
    return float(p_spoof(own.decision.bonafide_above)), float(p_spoof(own.decision.spoof_below))


def _remark(own: "ClipScore") -> str:
    kind = "log-likelihood ratio" if own.calibrated else "raw output, not calibrated"
    low, high = _band(own)
    return (
        f"{own.name}: {own.verdict}; not sure between {low:.2f} and {high:.2f}; {kind} {own.score:+.2f} "
        "(higher = more bona fide)"
    )


def others_label(waiting: int, *, done: int = 0, left_s: float = 0.0, running: bool = False) -> str:
    """Return the words on the button that has the detectors outside of the panel score the clip, or stops them.

    Parameters
    ----------
    waiting, done : int
        How many have not scored the clip, and how many have.
    left_s : float
        About how many seconds those that have not will take.
    running : bool
        Whether they are at work.
    """
    about = f"about {time_words(left_s)}"
    if running:
        return f"Stop: {done} of {done + waiting} others scored, {about} left"
    if not waiting:
        return "All others are scored"
    return f"Score the {waiting} others too ({about})" if waiting > 1 else f"Score the other one too ({about})"
