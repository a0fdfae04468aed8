"""Timelines as files that others read: RTTM, Audacity labels, Praat TextGrid."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.timeline.track import Timeline

__all__ = ["SPOOF", "audacity_text", "rttm_text", "safe_name", "textgrid_text"]

SPOOF = "spoof"
"""What marked segments are called in every format."""

_SILENCE, _UNSCORED = "digital silence", "not scored"
# What pandas, by which pyannote reads RTTM, takes for a missing value.
_MISSING = frozenset({
    "#N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN",
    "None", "n/a", "nan", "null",
})  # fmt: skip


def safe_name(name: str) -> str:
    """Return a recording's name as one field of RTTM, in which blanks part the fields.

    Blanks, quotation marks and what cannot be printed become ``_``; so does an empty name, and one that readers take
    for a missing value gets a ``_`` before it.
    """
    plain = "".join("_" if sign.isspace() or sign in "\"'" or not sign.isprintable() else sign for sign in name)
    return f"_{plain}" if plain in _MISSING or not plain else plain


def rttm_text(timeline: Timeline, name: str, *, from_s: float = 0.0) -> str:
    """Return the marked segments as Rich Transcription Time Marked lines; empty where nothing is marked.

    ``SPEAKER file 1 start duration <NA> <NA> spoof P(spoof) <NA>``: NIST, "The 2009 (RT-09) rich transcription meeting
    recognition evaluation plan", appendix A, whose ninth field is a confidence. pyannote.database's ``load_rttm``
    reads the second, fourth, fifth and eighth.

    Parameters
    ----------
    timeline : Timeline
    name : str
        Of the recording; made safe by ``safe_name``.
    from_s : float
        Where in the recording the timeline begins: the times are the recording's.
    """
    return "".join(
        f"SPEAKER {safe_name(name)} 1 {from_s + segment.start_s:.3f} {segment.end_s - segment.start_s:.3f} <NA> <NA> "
        f"{SPOOF} {segment.p_spoof:.3f} <NA>\n"
        for segment in timeline.segments
    )


def audacity_text(timeline: Timeline, *, from_s: float = 0.0) -> str:
    """Return the marked segments as a label track: start, end and text, parted by tabs; ``from_s`` as in ``rttm_text``.

    https://manual.audacityteam.org/man/importing_and_exporting_labels.html
    """
    return "".join(
        f"{from_s + segment.start_s:.6f}\t{from_s + segment.end_s:.6f}\t{SPOOF} {segment.p_spoof:.2f}\n"
        for segment in timeline.segments
    )


def textgrid_text(timeline: Timeline, *, from_s: float = 0.0) -> str:
    """Return the timeline as a Praat TextGrid (long text format) of one tier of intervals.

    https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html. The intervals cover the recording without a gap,
    as Praat demands: marked segments with their P(spoof), digital silence, and what is neither with no text; what lies
    before a timeline that begins at ``from_s`` is not scored.
    """
    intervals = [_Interval(from_s + start_s, from_s + end_s, text) for start_s, end_s, text in _intervals(timeline)]
    if from_s > 0:
        intervals.insert(0, _Interval(0.0, from_s, _UNSCORED))
    until = f"xmax = {from_s + timeline.duration_s:.6f}"
    lines = [
        'File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", until,
        "tiers? <exists>", "size = 1", "item []:", "    item [1]:", '        class = "IntervalTier"',
        f'        name = "{SPOOF}"', "        xmin = 0", f"        {until}",
        f"        intervals: size = {len(intervals)}",
    ]  # fmt: skip
    for number, (start_s, end_s, text) in enumerate(intervals, 1):
        lines += [
            f"        intervals [{number}]:", f"            xmin = {start_s:.6f}", f"            xmax = {end_s:.6f}",
            f'            text = "{text}"',
        ]  # fmt: skip
    return "\n".join([*lines, ""])


class _Interval(NamedTuple):
    start_s: float
    end_s: float
    text: str


def _intervals(timeline: Timeline) -> Iterator[_Interval]:
    """Yield the recording's intervals in order; each begins where the one before ends."""
    at = 0.0
    for piece in sorted([*_marked(timeline), *_silences(timeline)]):
        if piece.start_s > at:
            yield _Interval(at, piece.start_s, "")
        # A segment may span a short silence: what was written already is not written again.
        if piece.end_s > max(at, piece.start_s):
            yield piece._replace(start_s=max(at, piece.start_s))
            at = piece.end_s
    if at < timeline.duration_s:
        yield _Interval(at, timeline.duration_s, "")


def _marked(timeline: Timeline) -> Iterator[_Interval]:
    return (_Interval(each.start_s, each.end_s, f"{SPOOF} {each.p_spoof:.2f}") for each in timeline.segments)


def _silences(timeline: Timeline) -> Iterator[_Interval]:
    silent = "".join("s" if silence else "-" for silence in np.isnan(timeline.llr))
    for run in re.finditer("s+", silent):
        end_s = min(run.end() * timeline.hop_s, timeline.duration_s)
        yield _Interval(run.start() * timeline.hop_s, end_s, _SILENCE)
