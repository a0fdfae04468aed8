"""The marked segments of a recording: buttons that loop them, and the files that hold them."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.explain.sentence import time_span
from core.timeline.formats import audacity_text, rttm_text, safe_name, textgrid_text
from dashboard.components.markup import SHAPES, Markup, joined, number, term

if TYPE_CHECKING:
    from core.detectors.score import WindowScore
    from core.timeline.track import Timeline

__all__ = ["LISTED", "segments_line"]

#: Segments that are listed at once; the others wait behind a button.
LISTED = 4
_LINE = Markup('<div class="ss-segments" role="group" aria-label="Marked segments">{}</div>')
_LOOP = Markup(
    '<button type="button" class="ss-loop" data-start="{start}" data-end="{end}" aria-pressed="false" '
    'aria-label="{name}" title="{name}: press to play it over and over, Escape ends it">'
    '<i aria-hidden="true">↻</i><b aria-hidden="true">{number}</b><span aria-hidden="true">{span} s</span>'
    '<span aria-hidden="true" class="ss-partly">{p_spoof}</span></button>'
)
_MORE = Markup('<details class="ss-menu ss-more"><summary>{} more <i aria-hidden="true">▾</i></summary>{}</details>')
_FILE = Markup(
    '<a class="ss-file" href="data:text/plain;charset=utf-8,{text}" download="{file}" title="{title}">{word}</a>'
)


def segments_line(timeline: "Timeline | None", name: str = "", *, from_s: float = 0.0) -> Markup:
    """Return the segments that a recording's timeline marks, each with a button that loops it, and their files.

    Parameters
    ----------
    timeline : Timeline or None
        Nothing is shown where there is none.
    name : str
        Of the recording.
    from_s : float
        Where in the recording the timeline begins: the files hold the recording's times.
    """
    if timeline is None:
        return Markup("")
    if not timeline.segments:
        return _LINE.format(_none(timeline))
    buttons = [_button(place, segment) for place, segment in enumerate(timeline.segments, 1)]
    rest = [_MORE.format(len(buttons) - LISTED, _of(buttons[LISTED:]))] if len(buttons) > LISTED else []
    head = Markup('<span class="ss-soft">{}, with {}</span>').format(term("segment", "Marked"), term("P(spoof)"))
    return _LINE.format(joined([head, *buttons[:LISTED], *rest, _files(timeline, Path(name).stem, from_s)]))


def _none(timeline: "Timeline") -> Markup:
    words = '<span><b>No {} is marked</b> <span class="ss-soft">by {}, {} ms by {} ms.</span></span>'
    step = round(1000 * timeline.hop_s)
    return Markup(words).format(term("segment"), timeline.detector, step, step)


def _button(place: int, segment: "WindowScore") -> Markup:
    span = time_span(segment.start_s, segment.end_s)
    value = number(segment.p_spoof)
    name = f"Segment {place}: {span.replace('–', ' to ')} s, P(spoof) {value}, loop"
    return _LOOP.format(
        start=f"{segment.start_s:.3f}", end=f"{segment.end_s:.3f}", name=name, number=place, span=span,
        p_spoof=Markup("{} {}").format(SHAPES["partly"], value),
    )  # fmt: skip


def _of(buttons: Iterable[Markup]) -> Markup:
    return Markup('<div tabindex="0">{}</div>').format(joined(buttons))


def _files(timeline: "Timeline", stem: str, from_s: float) -> Markup:
    """Return the links to the files; they hold the text themselves, so that nothing is left on the server."""
    safe = safe_name(stem)
    kinds = (
        ("RTTM", f"{safe}.rttm", rttm_text(timeline, stem, from_s=from_s), "as pyannote reads them"),
        ("Labels", f"{safe}.txt", audacity_text(timeline, from_s=from_s), "a label track of Audacity"),
        ("TextGrid", f"{safe}.TextGrid", textgrid_text(timeline, from_s=from_s), "for Praat"),
    )
    links = joined(
        _FILE.format(word=word, file=file, text=quote(text), title=f"Download the segments: {title}")
        for word, file, text, title in kinds
    )
    notes = [f"saved as {safe}: RTTM takes no blanks"] if safe != stem else []
    notes += ["saved with the times of the whole recording"] if from_s else []
    named = joined(Markup('<small class="ss-soft">{}</small>').format(words) for words in notes)
    return Markup('<span class="ss-files">{}{}</span>').format(named, links)
