"""The answer: the verdict in words, P(spoof) on a gauge with its band of doubt, and what it rests on."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from core.analysis.calibration import EVEN, p_spoof
from core.analysis.format import rate
from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED, Decision
from core.caution import marks_by_chance
from core.timeline.segments import in_words
from dashboard.components.markup import (
    SHAPES,
    Markup,
    card,
    class_of,
    empty,
    esc,
    joined,
    number,
    problem,
    term,
)  # fmt: skip
from dashboard.components.progress import cancellable
from dashboard.components.promise import Figures, measured_elsewhere, promise

if TYPE_CHECKING:
    from core.results.elsewhere import Elsewhere
    from core.robustness.codec import Codec
    from core.timeline.track import Timeline
    from core.usecases import Analysis
    from core.watch import Progress

__all__ = ["verdict_card", "verdict_frame", "votes_in_words", "why_outvoted"]

_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_ANSWER = {SPOOFED: "spoofed", BONAFIDE: "bona fide", NOT_SURE: "not sure"}
_HOLD = Markup('<div class="ss-hold">{}</div>')


def verdict_frame(
    *, waiting: str = "", busy: str = "", wrong: str = "", todo: str = "", progress: "Progress | None" = None
) -> Markup:
    """Return the verdict's card without a verdict: waiting, at work with a way to cancel, or with what went wrong."""
    if wrong:
        inside = problem(wrong, todo=todo)
    else:
        inside = cancellable(busy, progress) if busy else empty(waiting)
    return card("", _HOLD.format(inside), name="ss-verdict")


def verdict_card(
    analysis: "Analysis", *, members: Collection[str], sentence: str = "", pending: str = "",
    held_out: Figures | None = None, elsewhere: "Elsewhere | None" = None, mark: str = "",
) -> Markup:  # fmt: skip
    """Return the verdict's card.

    Parameters
    ----------
    analysis : Analysis
    members : collection of str
        The detectors that the verdict is made of.
    sentence : str
        The explanation's sentence.
    pending : str
        What stands in its place while it is being made.
    held_out : mapping, optional
        The panel's figures on all held-out clips: a row of ``core.analysis.held_out``.
    elsewhere : Elsewhere, optional
        The panel's errors on recordings from elsewhere.
    mark : str
        What stands before all else: that this is an example, what the recording really is.
    """
    where = Markup("<span>{}</span>" if sentence else '<span class="ss-soft">{}</span>').format(sentence or pending)
    words = Markup('<p class="ss-say">{} {}</p>').format(_answer(analysis, members), where)
    marked = Markup('<p class="ss-mark">{}</p>').format(mark) if mark else Markup("")
    found = analysis.localised if analysis.verdict == PARTLY else None
    if found is not None:
        head, scale, doubt = _parts_headline(found), part_bar(found), _marks_doubt(found, analysis.codec)
    else:
        head, scale, doubt = _headline(analysis), Markup(""), Markup("")
        if analysis.verdict:
            doubt = _doubt(analysis, held_out, elsewhere)
        if analysis.relied_p_spoof is not None:
            scale = gauge(analysis.p_spoof, analysis.decision)
    body = joined([marked, head, scale, words])
    return card("", _HOLD.format(body) + doubt, name="ss-verdict")


def _answer(analysis: "Analysis", members: Collection[str]) -> str:
    if analysis.relied_p_spoof is None:
        return analysis.note
    votes = votes_in_words(own.verdict for name, own in analysis.detectors.items() if name in members)
    if analysis.verdict == PARTLY:
        return f"As a whole the clip has P(spoof) {analysis.p_spoof:.2f}. {votes}"
    if analysis.note:
        return " ".join(filter(None, (analysis.note, votes, _by_chance(analysis))))
    why = _why_codec(analysis) or why_outvoted(analysis, members)
    return " ".join(filter(None, (votes, why, _worst(analysis), _by_chance(analysis))))


def _why_codec(analysis: "Analysis") -> str:
    return analysis.codec.why_not_sure(analysis.score) if analysis.codec is not None else ""


def _by_chance(analysis: "Analysis") -> str:
    """Return why what is marked makes no verdict on parts; nothing where it does, or where the whole is spoofed."""
    found = analysis.localised
    if found is None or not found.sure_segments or analysis.verdict in (PARTLY, SPOOFED):
        return ""
    expected = marks_by_chance(found)
    return f"What {found.detector} marks may be chance: {_expected(expected)}." if expected else ""


def _expected(marks: float) -> str:
    return f"genuine speech of this length has about {marks:.{0 if marks >= 2 else 1}f} such marks by mistake"


def _worst(analysis: "Analysis") -> str:
    """Return which seconds are the most suspicious, where the clip is long enough to have some."""
    worst, seconds = analysis.worst, analysis.clip.duration_s
    if worst.end_s - worst.start_s > seconds / 2:
        return ""
    return f"The most suspicious seconds are {worst.start_s:.1f} to {worst.end_s:.1f} s (P(spoof) {worst.p_spoof:.2f})."


def _headline(analysis: "Analysis") -> Markup:
    words, value = analysis.verdict or "no verdict", analysis.relied_p_spoof
    which = _at_prior(analysis.prior)
    if value is None:
        which = esc("too little speech" if analysis.verdict else "no speech")
    elif analysis.note:
        # It is not what the verdict rests on: the sentence below has the seconds that are.
        which = Markup("of the whole, {}").format(which)
    return _line(class_of(analysis.verdict), words.capitalize(), value, which)


def _at_prior(prior: float) -> Markup:
    return Markup("at a {} of {:.2f}").format(term("prior"), prior)


def _parts_headline(found: "Timeline") -> Markup:
    """Return the verdict with the parts that it is about, and the highest P(spoof) among them."""
    parts = found.sure_segments
    part = "of that part" if len(parts) == 1 else "of the surest part"
    which = Markup("{}, {}").format(part, _at_prior(EVEN))
    words = Markup("{}: <span>{}</span>").format(PARTLY.capitalize(), in_words(parts, most=2))
    return _line(class_of(PARTLY), words, max(part.p_spoof for part in parts), which)


def _line(key: str, words: str, value: float | None, which: str) -> Markup:
    badge = Markup('<span class="ss-badge ss-{}"><i aria-hidden="true">{}</i> {}</span>')
    label = Markup('<span class="ss-lab">{}<small>{}</small></span>').format(term("P(spoof)"), which)
    line = Markup('<div class="ss-vline">{}<span class="ss-big">{}</span>{}</div>')
    return line.format(badge.format(key, SHAPES[key], words), number(value), label)


def part_bar(found: "Timeline") -> Markup:
    """Return the clip from start to end, with the parts that the verdict is about."""
    whole = found.duration_s
    parts = joined(
        Markup('<i style="left:{:.2f}%;width:{:.2f}%"></i>').format(
            100 * part.start_s / whole, 100 * (part.end_s - part.start_s) / whole
        )
        for part in found.sure_segments
    )
    label = f"Marked: {in_words(found.sure_segments, most=9)} of {whole:.1f} s"
    drawn = Markup('<div class="ss-gauge ss-parts" role="img" aria-label="{}">{}</div>').format(label, parts)
    return drawn + Markup('<div class="ss-gl"><span>0 s</span><span>{:.1f} s</span></div>').format(whole)


def gauge(value: float, decision: Decision) -> Markup:
    """Return P(spoof) from 0 to 1 with the zones of the decision, named below them."""
    low, high = (100 * float(p_spoof(limit)) for limit in (decision.bonafide_above, decision.spoof_below))
    zones = joined(
        Markup('<i class="ss-z-{}" style="width:{:.2f}%"></i>').format(kind, width)
        for kind, width in (("bonafide", low), ("unsure", high - low), ("spoof", 100 - high))
    )
    mark = Markup('<b style="left:{:.2f}%"></b>').format(100 * min(1.0, max(0.0, value)))
    label = f"P(spoof) {value:.2f}; not sure between {low / 100:.2f} and {high / 100:.2f}"
    names = Markup('<div class="ss-gl"><span>bona fide</span><span>not sure</span><span>spoofed</span></div>')
    drawn = Markup('<div class="ss-gauge" role="img" aria-label="{}">{}{}</div>').format(label, zones, mark)
    return drawn + names


def votes_in_words(verdicts: Iterable[str]) -> str:
    """Return how many detectors answer what: "Three of four detectors answer spoofed, one not sure."."""
    counts = Counter(verdicts)
    total = sum(counts.values())
    if total == 1:
        return f"The only detector answers {_ANSWER[next(iter(counts))]}."
    ranked = counts.most_common()
    first, n = ranked[0]
    if n == total == 2:
        return f"Both detectors answer {_ANSWER[first]}."
    if n == total:
        return f"All {_count(total)} detectors answer {_ANSWER[first]}."
    rest = ", ".join(f"{_count(k)} {_ANSWER[verdict]}" for verdict, k in ranked[1:])
    verb = "answers" if n == 1 else "answer"
    lead = f"{_count(n)} of {_count(total)} detectors {verb} {_ANSWER[first]}, {rest}."
    return lead[0].upper() + lead[1:]


def why_outvoted(analysis: "Analysis", members: Collection[str]) -> str:
    """Return why the panel's answer is that of fewer than half of its members; nothing where it is not."""
    own = [score for name, score in analysis.detectors.items() if name in members]
    alike = sum(score.verdict == analysis.verdict for score in own)
    if analysis.verdict == PARTLY or len(own) < 2 or 2 * alike >= len(own):
        return ""
    return (
        f"The panel adds up scores, not votes: together they pass its threshold though only {_count(alike)} of "
        f"{_count(len(own))} {'passes its' if alike == 1 else 'pass their'} own."
        if analysis.verdict != NOT_SURE
        else "The panel adds up scores, not votes: those of its members cancel each other."
    )


def _count(n: int) -> str:
    return _WORDS[n].lower() if n < len(_WORDS) else str(n)


def _marks_doubt(found: "Timeline", codec: "Codec | None") -> Markup:
    """Return what a verdict on parts rests on: who marks them, and how often bona fide clips are so marked."""
    rule = found.rule
    often, expected = "", marks_by_chance(found)
    if rule.false_mark_rate is not None:
        often = f", as it does in {rate(rule.false_mark_rate)} of bona fide clips of a few seconds"
    if expected >= 1:
        often += f"; {_expected(expected)}"
    words = Markup('<p class="ss-note ss-doubt">{} marks these {}{} ({}){}.</p>')
    after = f" · {codec.marks}" if codec is not None and codec.marks else ""
    return words.format(found.detector, term("segment", "segments"), often, rule.basis, after)


def _doubt(analysis: "Analysis", held_out: Figures | None, elsewhere: "Elsewhere | None") -> Markup:
    """Return what the verdict rests on: its band, its error rates there and elsewhere, who is not calibrated."""
    decision = analysis.decision
    low, high = (float(p_spoof(limit)) for limit in (decision.bonafide_above, decision.spoof_below))
    band = Markup("{} between {:.2f} and {:.2f}").format(term("not sure", "Not sure"), low, high)
    parts = [Markup("{}; {}").format(band, promise(decision, held_out))]
    if analysis.signs:
        found = ", ".join(sign.text for sign in analysis.signs)
        parts.insert(0, esc(f"Looks processed, perhaps not synthetic ({found}): that alone may move the scores"))
    parts.extend(map(esc, analysis.codec.errors if analysis.codec is not None else ()))
    if elsewhere is not None:
        parts.append(measured_elsewhere(elsewhere, decision))
    raw = [name for name, own in analysis.detectors.items() if not own.calibrated]
    if raw:
        parts.append(esc(f"not calibrated: {', '.join(raw)}, whose P(spoof) is no measured probability"))
    return Markup('<p class="ss-note ss-doubt">{}.</p>').format(Markup(" · ").join(parts))
