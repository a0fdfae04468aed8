"""Recordings longer than what is looked at in one piece: decoded to an hour, and a part of one cut out."""

import threading
from dataclasses import replace
from pathlib import Path

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.decode import decode
from core.audio.limits import DEFAULT_LIMITS
from core.errors import AudioError

__all__ = ["LONGEST_S", "clock", "decode_excerpt", "decode_long", "part_name"]

LONGEST_S = 3600.0
"""Seconds of a recording that are scored as a whole; what lies behind them is counted as dropped."""


def decode_long(path: Path | str, *, name: str | None = None, cancel: threading.Event | None = None) -> Clip:
    """Decode up to an hour of a recording; see ``core.audio.decode.decode``. An hour takes 230 MB.

    Raises
    ------
    AudioError
        When the file cannot be read.
    """
    return decode(path, name=name, limits=replace(DEFAULT_LIMITS, keep_s=LONGEST_S), cancel=cancel)


def decode_excerpt(
    path: Path | str, start_s: float, end_s: float, *, name: str | None = None, cancel: threading.Event | None = None
) -> Clip:
    """Decode a part of a recording, sample for sample as it stands in the whole.

    Parameters
    ----------
    path : Path or str
    start_s, end_s : float
        In seconds; what lies behind the end, or behind an hour, is left out.
    name : str, optional
        What the person calls the file; the part's times are added to it.
    cancel : Event, optional
        Set from another thread, it ends the decoding.

    Returns
    -------
    Clip
        Its time begins at 0; the record counts the rest of the recording as dropped.

    Raises
    ------
    AudioError
        When the file cannot be read, or has nothing there.
    """
    whole = decode_long(path, name=name, cancel=cancel)
    part = whole.waveform[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)].copy()
    span = _words(start_s, min(end_s, whole.duration_s))
    if not len(part):
        raise AudioError(f"“{whole.name}” has no {span}: it ends at {clock(whole.duration_s)}.")
    used_s = len(part) / SAMPLE_RATE
    note = f"only {span} of {clock(whole.record.duration_s)}: times count from {clock(start_s)}"
    record = replace(
        whole.record, used_s=used_s, dropped_s=whole.record.duration_s - used_s, notes=(note, *whole.record.notes)
    )
    name = part_name(whole.name, start_s, min(end_s, whole.duration_s))
    return replace(whole, name=name, waveform=part, record=record)


def part_name(name: str, start_s: float, end_s: float) -> str:
    """Return what a part of a recording is called: ``call.mp3, 5:00 to 6:00``."""
    return f"{name}, {_words(start_s, end_s)}"


def _words(start_s: float, end_s: float) -> str:
    return f"{clock(start_s)} to {clock(end_s)}"


def clock(seconds: float) -> str:
    """Return a time in a long recording as minutes and seconds: ``7:05``, ``60:00``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
