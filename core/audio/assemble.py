"""One recording out of a file: its pieces, read one after the other, then judged and joined as a whole."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.containers.survey import Survey
from core.audio.levels import too_long
from core.audio.limits import Limits
from core.audio.reading import MISSING_S, Part, Reading
from core.audio.source import Refusal, TooShort, Unreadable

__all__ = ["Answer", "decode_file"]

Answer = tuple[dict[str, Any], NDArray[np.float32]]

# What is left of the sound below 8 kHz, by RMS, before it counts as none.
AUDIBLE_SHARE = 1e-3


def decode_file(
    path: str, *, limits: Limits, ffmpeg: str | None, announce: Callable[[float], None] = lambda cpu_s: None
) -> Answer:
    """Decode one file: the fields of its decode record, and its samples.

    The pieces that a file holds end to end are read one after the other and joined. libsndfile reads
    first; what it cannot open, or finds damaged or too short, goes to ffmpeg.

    Parameters
    ----------
    path : str
        A regular file.
    limits : Limits
        What the file is held to.
    ffmpeg : str or None
        Path of ffmpeg's binary, if there is one.
    announce : callable
        Given the seconds of computing allowed, as soon as a header has stated how long the file is.

    Raises
    ------
    Refusal
        When the file cannot be used; its text completes "this file ...".
    """
    reading = Reading(path, limits=limits, ffmpeg=ffmpeg, announce=announce)
    found = reading.survey()
    if found.is_playlist:
        raise Refusal("is a list of other files, not a recording: give the recording itself.")
    parts: list[Part] = []
    lost = found.unread_bytes + sum(piece.unread_bytes for piece in found.pieces)
    refusals: list[Refusal] = []
    for piece in found.pieces:
        try:
            parts.append(reading.read(piece, keep_s=limits.keep_s - sum(part.used_s for part in parts)))
        except (Unreadable, TooShort) as refusal:
            refusals.append(refusal)
            lost += piece.stop - piece.start - piece.unread_bytes
    if not parts and found.unread_format:
        raise Refusal(f"is in a format that is not read ({found.unread_format}): convert it to WAV or FLAC.")
    if not parts:
        raise refusals[0]
    _judge(parts, limits=limits)
    return _joined(parts, found, lost)


def _judge(parts: list[Part], *, limits: Limits) -> None:
    """Refuse a recording that is too long, too short or silent as a whole."""
    duration_s = sum(part.duration_s for part in parts)
    if duration_s == 0:
        raise TooShort("holds no samples: it is empty or cut off, so record or export it again.")
    if duration_s < limits.min_duration_s:
        raise TooShort(f"holds only {1000 * duration_s:.1f} ms of sound: give {limits.min_duration_s:g} s or more.")
    if duration_s > limits.max_duration_s:
        raise Refusal(too_long(None, limits=limits))
    if max(part.rms for part in parts) < limits.silence_rms:
        raise Refusal("is silent from beginning to end: check the microphone or the export, and try again.")
    loudest = max(part.kept_rms for part in parts)
    if loudest < limits.silence_rms:
        raise Refusal(f"is silent in its first {limits.keep_s:g} s, and no more is examined: cut the silence away.")
    if max(part.mixed_rms for part in parts) < AUDIBLE_SHARE * loudest:
        raise Refusal(
            f"is silent below {SAMPLE_RATE / 2000:g} kHz, and no detector examines what lies above: "
            "give the recording as it was before it was filtered or shifted."
        )


def _joined(parts: list[Part], found: Survey, lost_bytes: int) -> Answer:
    first = parts[0]
    read_s = sum(part.duration_s for part in parts)
    read_bytes = sum(piece.stop - piece.start for piece in found.pieces) + found.unread_bytes - lost_bytes
    lost_s = read_s * lost_bytes / max(1, read_bytes)
    cut_s = sum(piece.unread_s for piece in found.pieces)
    duration_s = read_s + lost_s + cut_s
    used_s = sum(part.used_s for part in parts)
    notes = [] if len(parts) == 1 else [f"{len(parts)} recordings stand end to end in the file: read as one"]
    notes += [note for piece in found.pieces for note in piece.notes]
    notes += [note for part in parts for note in part.notes]
    if cut_s:
        notes.append(f"the file's own edits cut {cut_s:.1f} s: they were dropped")
    if lost_bytes:
        length = f" (about {lost_s:.1f} s)" if lost_s >= MISSING_S else ""
        notes.append(f"{lost_bytes:,} bytes of the file{length} could not be read as sound and were dropped")
    record = {
        "container": first.source.container,
        "codec": first.source.codec,
        "sample_rate_hz": first.source.rate_hz,
        "channels": first.source.channels,
        "duration_s": duration_s,
        "used_s": used_s,
        "dropped_s": duration_s - used_s,
        "notes": list(dict.fromkeys(notes)),
    }
    return record, np.concatenate([part.samples for part in parts])
