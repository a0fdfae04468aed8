"""Watermarks: the one that can be read here, with its measured errors, and those that cannot."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.format import rate
from core.audio.clip import SAMPLE_RATE
from core.errors import CheckpointError
from core.provenance.lines import Line

__all__ = ["mark_lines"]

_ELSEWHERE = Line(
    "watermark", "Not looked for: AudioSeal, SynthID, WavMark and others.",
    "They cannot be read offline: their makers' networks or services are needed.", "unread",
)  # fmt: skip
_LOST, _KEPT = 0.1, 0.9


def mark_lines(waveform: NDArray[np.float32]) -> tuple[Line, ...]:
    """Return the lines on the watermarks in a clip [shape=(n,)] at 16 kHz."""
    from core.provenance.perth import mark_card, read_mark, shipped_decoder

    try:
        card = mark_card()
        value = read_mark(waveform, shipped_decoder())
    except CheckpointError as error:
        return Line("watermark", f"Perth could not be looked for. {error}", "", "unread"), _ELSEWHERE
    return _perth(value, card["bar"], seconds=len(waveform) / SAMPLE_RATE), _measured(card), _ELSEWHERE


def _perth(value: float, bar: float, *, seconds: float) -> Line:
    from core.provenance.perth import MOST_S

    where = f" in the first {MOST_S:.0f} s" if seconds > MOST_S else ""
    reading = f"{where} (reading {value:.2f}; found above {bar:.2f})."
    if value > bar:
        text, meaning = "Resemble's Perth watermark was found", "Chatterbox and Resemble mark so what they generate."
        return Line("watermark", text + reading, meaning, "notable")
    text, meaning = "Resemble's Perth watermark was not found", "None found says little: few programs write it."
    return Line("watermark", text + reading, meaning, "nothing")


def _measured(card: dict[str, Any]) -> Line:
    """Return how sure a reading is: its false alarms, and which processings a mark survives."""
    shares = {name: found / of for name, (found, of) in card["survival"].items() if name != "as it is"}
    kept = [name for name, share in shares.items() if share >= _KEPT]
    lost = [name for name, share in shares.items() if share <= _LOST]
    often = rate(card["false_alarm_rate"], card["false_alarm_interval"])
    text = f"Of {card['real_clips']:,} real clips without that mark, {often} read as marked."
    survived = f"A mark survives {', '.join(kept) or 'none of what was tried'}"
    return Line("watermark", text, f"{survived}; it is lost after {', '.join(lost) or 'none of it'}.", "fact")
