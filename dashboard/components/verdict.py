"""The answer: the verdict in words, P(spoof) on a gauge with its band of doubt, and who says so."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from core.analysis.calibration import p_spoof
from core.analysis.verdict import BONAFIDE, NOT_SURE, SPOOFED, Decision
from dashboard.components.markup import SHAPES, card, class_of, empty, esc, loading, number, problem

if TYPE_CHECKING:
    from core.usecases import Analysis

__all__ = ["verdict_card", "verdict_frame", "votes_in_words"]

_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_SAYING = {SPOOFED: "spoofed", BONAFIDE: "bona fide", NOT_SURE: "not sure"}


def verdict_frame(*, waiting: str = "", busy: str = "", wrong: str = "", todo: str = "") -> str:
    """Return the verdict's card without a verdict: waiting, at work, or with what went wrong."""
    inside = problem(wrong, todo=todo) if wrong else loading(busy) if busy else empty(waiting)
    return card("", f'<div class="ss-hold">{inside}</div>', name="ss-verdict")


def verdict_card(analysis: "Analysis", *, members: Collection[str], sentence: str = "", pending: str = "") -> str:
    """Return the verdict's card.

    Parameters
    ----------
    analysis : Analysis
    members : collection of str
        The detectors that the verdict is made of.
    sentence : str
        What the explanation says, plain text.
    pending : str
        What is said in its place while it is being made.
    """
    key = class_of(analysis.verdict)
    words = analysis.verdict[0].upper() + analysis.verdict[1:]
    head = (
        f'<div class="ss-vline"><span class="ss-badge ss-{key}"><i aria-hidden="true">{SHAPES[key]}</i> '
        f"{esc(words)}</span>"
        f'<span class="ss-big">{number(analysis.p_spoof)}</span>'
        '<span class="ss-lab">P(spoof)<small>at a prior of 0.50</small></span></div>'
    )
    votes = _votes(analysis, members)
    told = f"<span>{esc(sentence)}</span>" if sentence else f'<span class="ss-soft">{esc(pending)}</span>'
    body = f'{head}{gauge(analysis.p_spoof, analysis.decision)}<p class="ss-say">{esc(votes)} {told}</p>'
    return card("", f'<div class="ss-hold">{body}</div>{_doubt(analysis)}', name="ss-verdict")


def gauge(value: float, decision: Decision) -> str:
    """Return P(spoof) from 0 to 1 with the zones of the decision, named below them."""
    low, high = (100 * float(p_spoof(limit)) for limit in (decision.bonafide_above, decision.spoof_below))
    zones = "".join(
        f'<i class="ss-z-{kind}" style="width:{width:.2f}%"></i>'
        for kind, width in (("bonafide", low), ("unsure", high - low), ("spoof", 100 - high))
    )
    names = '<div class="ss-gl"><span>bona fide</span><span>not sure</span><span>spoofed</span></div>'
    mark = f'<b style="left:{100 * min(1.0, max(0.0, value)):.2f}%"></b>'
    label = f"P(spoof) {value:.2f}; not sure between {low / 100:.2f} and {high / 100:.2f}"
    return f'<div class="ss-gauge" role="img" aria-label="{esc(label)}">{zones}{mark}</div>{names}'


def _votes(analysis: "Analysis", members: Collection[str]) -> str:
    said = votes_in_words(result.verdict for name, result in analysis.detectors.items() if name in members)
    others = [result.verdict for name, result in analysis.detectors.items() if name not in members]
    if not others:
        return said
    alike = _count(others.count(analysis.verdict)) if analysis.verdict in others else "none"
    return f"{said} Of {_count(len(others))} without a say, {alike} {'says' if alike == 'one' else 'say'} the same."


def votes_in_words(verdicts: Iterable[str]) -> str:
    """Return how many detectors say what: "Three of four detectors say spoofed, one says not sure."."""
    counts = Counter(verdicts)
    total = sum(counts.values())
    if total == 1:
        return f"The only detector says {_SAYING[next(iter(counts))]}."
    ranked = [(verdict, counts[verdict]) for verdict, _ in counts.most_common()]
    first, n = ranked[0]
    if n == total:
        return f"All {_count(total)} detectors say {_SAYING[first]}."
    rest = ", ".join(f"{_count(k)} {'says' if k == 1 else 'say'} {_SAYING[verdict]}" for verdict, k in ranked[1:])
    lead = f"{_count(n)} of {_count(total)} detectors {'says' if n == 1 else 'say'} {_SAYING[first]}, {rest}."
    return lead[0].upper() + lead[1:]


def _count(n: int) -> str:
    return _WORDS[n].lower() if n < len(_WORDS) else str(n)


def _doubt(analysis: "Analysis") -> str:
    """Return what the verdict rests on: the basis of its band, its error rates, who is not calibrated."""
    decision = analysis.decision
    low, high = (float(p_spoof(limit)) for limit in (decision.bonafide_above, decision.spoof_below))
    parts = [f"Not sure between {low:.2f} and {high:.2f}"]
    if decision.false_alarm_rate is not None and decision.miss_rate is not None:
        parts[0] += (
            f": outside it {100 * decision.false_alarm_rate:.0f} % of real speech was called spoofed and "
            f"{100 * decision.miss_rate:.0f} % of spoofs bona fide ({decision.basis})"
        )
    elif decision.basis:
        parts[0] += f" ({decision.basis})"
    raw = [name for name, result in analysis.detectors.items() if not result.calibrated]
    if raw:
        parts.append(f"not calibrated: {', '.join(raw)}, whose P(spoof) is no measured probability")
    else:
        parts.append("calibrated on data the networks did not train on")
    return f'<p class="ss-note ss-doubt">{esc(" · ".join(parts))}.</p>'
