"""Tags: what programs and people wrote beside the sound, and which of it names a voice generator."""

import json
import re
from collections.abc import Mapping
from typing import Any

from core.analysis.format import first_few
from core.provenance.lines import Line, plain

__all__ = ["bit_rate_text", "read_tags", "tag_lines"]

Facts = dict[str, Any]

_MOST_TAGS, _MOST_SIGNS = 40, 300
_ENCODERS = ("encoder", "encoder_settings", "encoded_by", "isft", "tool", "software", "technician")
# Names as their makers write them in tags, titles and comments.
_GENERATORS = (
    "ElevenLabs", "Eleven Labs", "Suno", "Udio", "OpenAI", "PlayHT", "Murf", "Resemble AI", "Descript", "Speechify",
    "WellSaid", "Amazon Polly", "Google TTS", "gTTS", "Azure Neural", "Edge TTS", "Kokoro", "Piper TTS", "XTTS",
    "Coqui", "Bark TTS", "Chatterbox", "F5-TTS", "CosyVoice", "GPT-SoVITS", "RVC", "eSpeak", "MaryTTS",
    "text-to-speech", "AI-generated", "AI generated", "synthetic speech", "voice clone",
)  # fmt: skip
_NAMED = re.compile(
    r"(?<![a-z0-9])(" + "|".join(re.escape(name).replace(r"\ ", r"[ _-]?") for name in _GENERATORS) + r")(?![a-z0-9])",
    re.IGNORECASE,
)
# GB 45438-2025 has generators write such a tag; "1" is generated, "2" and "3" are possibly and suspectedly so.
_LABEL, _LABELLED = "aigc", {"1": "generated", "2": "possibly generated", "3": "suspected to be generated"}
_RECORDERS = re.compile(r"voice ?memos?|com\.apple|com\.android|zoom h\d|tascam|olympus|sony ic|rec(order)?\b", re.I)


def read_tags(path: str) -> Facts:
    """Return a file's tags and bit rate as plain values; runs in the child.

    The type is seen from the content: a FLAC may begin with the tags of an MP3.
    """
    from tinytag import TinyTag, TinyTagException

    try:
        with open(path, "rb") as file:
            found = TinyTag.get(file_obj=file)
    except (TinyTagException, OSError, ValueError, KeyError, IndexError) as error:
        return {"unread": f"{type(error).__name__}: {error}"}
    stored = found.as_dict()
    about = ("filename", "filesize", "mime_type", "is_lossless", "duration", "channels", "bitrate", "bitdepth")
    names = [name for name in stored if name not in (*about, "samplerate")][:_MOST_TAGS]
    # Keyed tags of MP4 come with the number of their key for a name (findings/tinytag_mp4_keys.sh).
    shown = {name: plain(name, 40) or f"tag {number}" for number, name in enumerate(names, 1)}
    tags = {shown[name]: plain(_joined(stored[name]), _MOST_SIGNS) for name in names}
    return {
        "tags": {name: text for name, text in tags.items() if text},
        "bit_rate_kbps": found.bitrate, "lossless": found.is_lossless,
    }  # fmt: skip


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def bit_rate_text(facts: Facts) -> str:
    """Return the bit rate in words; empty where it is not known."""
    rate = facts.get("bit_rate_kbps")
    return f"{rate:.0f} kbit/s" if rate else ""


def tag_lines(facts: Facts) -> tuple[Line, ...]:
    """Return the lines on what is written beside the sound."""
    if "unread" in facts:
        return (Line("history", f"Tags could not be read ({plain(facts['unread'])}).", "", "unread"),)
    tags: Mapping[str, str] = facts["tags"]
    named = [*_labelled(tags), *_generators(tags)]
    encoders = dict.fromkeys(plain(text, 60) for name, text in tags.items() if name.lower().lstrip("_") in _ENCODERS)
    written = f"Written by {', '.join(encoders)}." if encoders else "No program is named in the tags."
    lines = [*named, Line("history", written, _meaning(" ".join(encoders)), "fact")]
    rest = [(name, text) for name, text in tags.items() if name.lower().lstrip("_") not in _ENCODERS]
    if rest:
        texts = [f"{plain(name, 24).lstrip('_')}: {plain(text, 60)}" for name, text in rest]
        shown = first_few(texts, 6, separator="; ")
        lines.append(Line("history", f"Tags: {shown}.", "Anybody can write and change tags.", "fact"))
    return tuple(lines)


def _meaning(encoders: str) -> str:
    if re.search(r"Lav[fc]|LAME|Xiph|libopus|libvorbis", encoders):
        return "A converter or an export wrote this file: it is no recorder's original."
    if _RECORDERS.search(encoders):
        return "A recorder names itself; anybody can write such a tag."
    return "" if encoders else "Recorders mostly name themselves; converters and messengers take such names out."


def _labelled(tags: Mapping[str, str]) -> list[Line]:
    for name, text in tags.items():
        if name.lower().lstrip("_") == _LABEL or ('"Label"' in text and '"ContentProducer"' in text):
            try:
                label = str(json.loads(text).get("Label", ""))
            except (ValueError, AttributeError):
                label = ""
            what = _LABELLED.get(label, "of an unknown kind")
            text = f"A tag labels the sound as AI-generated content ({what}; GB 45438)."
            return [Line("history", text, "The generator or a platform wrote it: a strong hint, no proof.", "notable")]
    return []


def _generators(tags: Mapping[str, str]) -> list[Line]:
    found = {match[0]: name.lstrip("_") for name, text in tags.items() if (match := _NAMED.search(text))}
    return [
        Line(
            "history", f"The tag “{plain(tag, 24)}” names {plain(name, 40)}.",
            "That is a voice generator or its word for one: a hint, no proof, since anybody can write tags.", "notable",
        )
        for name, tag in found.items()
    ]  # fmt: skip
