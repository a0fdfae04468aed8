"""What decoding alone reveals of a file's history: its container, codec, sample rate and channels."""

from pathlib import Path

from core.audio.decode import decode
from core.provenance.lines import Line

__all__ = ["decoded_lines"]


def decoded_lines(path: Path) -> tuple[Line, ...]:
    """Return the lines that the decode record gives.

    Raises
    ------
    AudioError
        When the file cannot be decoded.
    """
    record = decode(path).record
    channels = "mono" if record.channels == 1 else f"{record.channels} channels"
    text = f"{record.container}, {record.codec}, {record.sample_rate_hz:,} Hz, {channels}"
    return (Line("history", text, "The form in which the recording is stored.", "fact"),)
