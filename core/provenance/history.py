"""The history of a file, as far as its form and its samples show it; each line says what that means for the verdict."""

import math
from collections.abc import Iterator
from typing import Any

from core.audio.clip import DecodeRecord
from core.audio.codecs import is_lossless
from core.audio.segment import SILENCE_S as UNSCORED_S
from core.provenance.exports import export_of, origin_of
from core.provenance.holes import MOST_HOLES
from core.provenance.lines import Line, State, plain
from core.provenance.tags import bit_rate_text

__all__ = ["form_lines", "sample_lines"]

Facts = dict[str, Any]

_NARROW_HZ = 4_250.0
_SILENT_SHARE, _SILENT_S = 0.02, 0.2
_QUIET_DBFS, _OFFSET = -45.0, 0.01


def _line(text: str, meaning: str = "", state: State = "fact") -> Line:
    return Line("history", text, meaning, state)


def form_lines(record: DecodeRecord, tags: Facts) -> Iterator[Line]:
    """Yield the lines on the form in which a recording is stored.

    Parameters
    ----------
    record : DecodeRecord
    tags : dict
        What ``read_tags`` found.
    """
    channels = "mono" if record.channels == 1 else f"{record.channels} channels"
    rate = bit_rate_text(tags)
    form = ", ".join(filter(None, (record.form, f"{record.sample_rate_hz:,} Hz", channels, rate)))
    if is_lossless(record.codec):
        yield _line(f"{form}.", "Stored without loss; what came before is another question.")
    else:
        meaning = "A lossy codec changed the sound: detectors make more errors on such recordings."
        yield _line(f"{form}.", meaning, "notable")
    if whose := export_of(record, tags.get("bit_rate_kbps")):
        yield _line(
            f"This is the form in which {whose} export.".replace("ElevenLabs export", "ElevenLabs exports by default"),
            "Recorders seldom write it; converted real speech has it, too: a hint, no proof.",
        )


def sample_lines(facts: Facts) -> Iterator[Line]:
    """Yield the lines on what the samples reveal.

    Parameters
    ----------
    facts : dict
        What ``measure_file`` found.
    """
    if "unread" in facts:
        yield _line(f"The samples could not be measured: {plain(facts['unread'])}", state="unread")
        return
    yield _band(facts)
    yield from _holes(facts)
    yield _level(facts)
    yield from _defects(facts)
    if facts["pieces"] > 1:
        text = f"Measured on the longest of {facts['pieces']} recordings that stand end to end in the file."
        yield _line(text, "The others were not measured.")
    if not facts["whole"]:
        yield _line(f"Measured on the first {facts['seconds']:.0f} s.", "What comes later was not measured.")


def _band(facts: Facts) -> Line:
    limit_hz, half_hz = facts["limit_hz"], facts["rate_hz"] / 2
    if limit_hz is None:
        text = f"No edge in the spectrum below {half_hz / 1000:.4g} kHz, half of the sample rate."
        if half_hz <= _NARROW_HZ:
            return _line(text, "The file itself is narrow-band: detectors were seldom trained on that.", "notable")
        return _line(text, "The band fits the sample rate.")
    text = f"Band-limited at {limit_hz / 1000:.1f} kHz, inside a file that could hold {half_hz / 1000:.4g} kHz"
    origin = origin_of(limit_hz, facts["rate_hz"])
    text += f": perhaps a recording at {origin}." if origin else "."
    if limit_hz <= _NARROW_HZ:
        return _line(text, "Detectors were seldom trained on such a narrow band.", "notable")
    if limit_hz < 8_000:
        return _line(text, "Detectors look up to 8 kHz: what they look for above the edge is missing.", "notable")
    return _line(text, "Converted from a lower rate, or cut by a codec; detectors look below 8 kHz only.", "notable")


def _holes(facts: Facts) -> Iterator[Line]:
    share = facts["holes"]
    if share is not None and share >= MOST_HOLES:
        yield _line(
            f"Holes as MP3 or Vorbis at a low bit rate leave them, in {100 * share:.0f} % of bands and frames.",
            "A lossy codec was probably used before: detectors make more errors on such recordings.", "notable",
        )  # fmt: skip
    else:
        yield _line(
            "No holes of an earlier MP3 or Vorbis." if share is not None else "Too narrow a band to look for holes.",
            "AAC, Opus and high bit rates leave none: an earlier codec is not ruled out.",
        )


def _level(facts: Facts) -> Line:
    rms_db, peak_db = (20 * math.log10(max(facts[key], 1e-9)) for key in ("rms", "peak"))
    text = f"Level {rms_db:.0f} dBFS on average, {peak_db:.1f} dBFS at the peak."
    if rms_db < _QUIET_DBFS:
        return _line(text, "Very quiet: noise of the storage may cover what detectors look for.", "notable")
    return _line(text, "A usual level.")


def _defects(facts: Facts) -> Iterator[Line]:
    clipped, silent_s, offset = facts["clipped"], facts["silent_s"], facts["offset"]
    if clipped:
        places = "one place" if clipped == 1 else f"{clipped:,} places"
        yield _line(f"Clipped at {places}.", "Overload adds harmonics that no voice has.", "notable")
    if silent_s >= max(_SILENT_S, _SILENT_SHARE * facts["seconds"]):
        yield _line(
            f"{silent_s:.1f} s of digital silence.",
            f"No microphone gives one value again and again: a gate, an edit or a generator does. {_unscored(facts)}",
            "notable",
        )
    if abs(offset) >= _OFFSET:
        yield _line(f"Constant offset of {100 * offset:.1f} % of full scale.", "Simple sound cards add it.")
    if not (clipped or silent_s or abs(offset) >= _OFFSET):
        yield _line("No clipping, no digital silence, no constant offset.")


def _unscored(facts: Facts) -> str:
    """Return which of the silent seconds the detectors leave out: the long stretches alone."""
    if facts["unscored_s"] == facts["silent_s"]:
        return "Such seconds are not scored."
    if not facts["unscored_s"]:
        return f"Being in stretches of at most {UNSCORED_S:g} s, they are scored all the same."
    return f"{facts['unscored_s']:.1f} s of it are not scored; stretches of at most {UNSCORED_S:g} s are."
