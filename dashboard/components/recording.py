"""The recording itself: what was decoded, padded and dropped; its players; the examples to pick from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard.components.markup import SHAPES, empty, esc

if TYPE_CHECKING:
    from core.audio.clip import DecodeRecord
    from core.audio.examples import Example
    from core.usecases import Analysis

__all__ = ["examples_button", "examples_list", "players", "record_lines"]

_CHANNELS = {1: "mono", 2: "stereo"}
TRACKS = (("clip", "Clip"), ("evidence", "Evidence"), ("rest", "The rest"))


def record_lines(analysis: "Analysis | None") -> str:
    """Return the file's name and how it was heard: format, seconds used, padded, dropped, remarks."""
    if analysis is None:
        return '<div class="ss-meta"><span>What was decoded, padded and dropped appears here.</span></div>'
    name, record = analysis.clip.name, analysis.clip.record
    channels = _CHANNELS.get(record.channels, f"{record.channels} channels")
    # "FLAC" of "FLAC (16-bit)" need not be said twice.
    told = record.codec.lower().startswith(record.container.lower())
    kind = record.codec if told else f"{record.container} ({record.codec})" if record.codec else record.container
    lines = [
        f"{kind} · {record.sample_rate_hz / 1000:g} kHz {channels} → 16 kHz mono",
        f"{record.used_s:.1f} s of {record.duration_s:.1f} s heard · {_filled(record, analysis.padded_s)}",
        *record.notes,
    ]
    return f'<div class="ss-meta"><b>{esc(name)}</b>{"".join(f"<span>{esc(line)}</span>" for line in lines)}</div>'


def _filled(record: "DecodeRecord", padded_s: float) -> str:
    dropped = f"{record.dropped_s:.1f} s dropped" if record.dropped_s >= 0.05 else ""
    padded = f"{padded_s:.1f} s repeated to fill a window" if padded_s >= 0.05 else ""
    return ", ".join(filter(None, (padded, dropped))) or "nothing padded or dropped"


def players(urls: dict[str, str]) -> str:
    """Return a button for each of clip, evidence and rest; those without sound yet cannot be pressed.

    Parameters
    ----------
    urls : dict of str to str
        Track (``clip``, ``evidence``, ``rest``) to the address of its sound, relative to the page.
    """
    buttons = []
    for track, words in TRACKS:
        url = urls.get(track, "")
        state = "" if url else " disabled"
        sound = f'<audio preload="auto" src="{esc(url)}"></audio>' if url else ""
        label = {"clip": "Hear the clip", "evidence": "Hear the evidence", "rest": "Hear the rest"}[track]
        buttons.append(
            f'<button type="button" class="ss-play" data-play="{track}" aria-label="{label}" title="{label}"{state}>'
            f'<i aria-hidden="true">▶</i> {words}{sound}</button>'
        )
    return f'<div class="ss-players">{"".join(buttons)}</div>'


def examples_button() -> str:
    """Return what opens the menu of examples; the list is apart, so that filling it does not close the menu."""
    return '<details class="ss-menu"><summary>Examples <i aria-hidden="true">▾</i></summary></details>'


def examples_list(examples: Sequence["Example"] | None, *, wrong: str = "") -> str:
    """Return the examples; without any, why there are none (yet)."""
    if examples is None:
        return empty(wrong or "The examples are being made…")
    return "".join(_example(example) for example in examples)


def _example(example: "Example") -> str:
    key = "bonafide" if example.label == "bonafide" else "spoof"
    word = "real" if key == "bonafide" else "re-synthesised"
    how = example.how.removeprefix(word).lstrip(": ")
    return (
        f'<button type="button" data-value="{esc(example.name)}"><b>{esc(example.name)}</b>'
        f'<span><span class="ss-{key}">{SHAPES[key]} {word}</span> · {esc(how)}</span></button>'
    )
