"""The recording itself: where it is dropped in, the examples to pick from, how it was decoded, its players."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard.components.markup import SHAPES, Markup, empty, joined

if TYPE_CHECKING:
    from core.audio.clip import DecodeRecord
    from core.showcase import Shown
    from core.usecases import Analysis

__all__ = ["drop_zone", "example_cards", "examples_button", "players", "record_lines"]

_CHANNELS = {1: "mono", 2: "stereo"}
_TRACKS = {"clip": "Clip", "evidence": "Evidence", "rest": "The rest"}
_WAITING = Markup('<div class="ss-meta"><span>What was decoded, padded and dropped appears here.</span></div>')
_DROP = Markup(
    '<div class="ss-drop" data-max-mb="{max_mb}"><label class="ss-drop-zone"><input type="file" multiple '
    'class="ss-unseen" aria-label="Choose a recording"><b>Drop a recording</b><span>or press to choose one: audio, or '
    'video with sound, at most {max_mb} MB</span></label>'
    '<button type="button" class="ss-remove" data-act="remove" aria-label="Remove the recording" '
    'title="Remove the recording">×</button><p class="ss-drop-note" role="status"></p></div>'
)


def drop_zone(max_mb: int) -> Markup:
    """Return the place to drop a recording, with the limit of its size; ``static/recording.js`` does the rest."""
    return _DROP.format(max_mb=max_mb)


def record_lines(analysis: "Analysis | None", *, truth: str = "") -> Markup:
    """Return the file's name and how it was decoded: format, seconds used, padded, dropped, remarks.

    Parameters
    ----------
    analysis : Analysis or None
    truth : str
        What the recording really is, where that is known.
    """
    if analysis is None:
        return _WAITING
    name, record = analysis.clip.name, analysis.clip.record
    channels = _CHANNELS.get(record.channels, f"{record.channels} channels")
    lines = [
        *([truth] if truth else []),
        f"{record.form} · {record.sample_rate_hz / 1000:g} kHz {channels} → 16 kHz mono",
        f"{record.used_s:.1f} s of {record.duration_s:.1f} s scored · {_filled(record, analysis.padded_s)}",
        *record.notes,
    ]
    rows = joined(Markup("<span>{}</span>").format(line) for line in lines)
    return Markup('<div class="ss-meta"><b>{}</b>{}</div>').format(name, rows)


def _filled(record: "DecodeRecord", padded_s: float) -> str:
    dropped = f"{record.dropped_s:.1f} s dropped" if record.dropped_s >= 0.05 else ""
    padded = f"{padded_s:.1f} s repeated to fill a window" if padded_s >= 0.05 else ""
    return ", ".join(filter(None, (padded, dropped))) or "nothing padded or dropped"


def players(urls: dict[str, str], *, evidence: bool = True) -> Markup:
    """Return a button for each of clip, evidence and rest; those without sound yet cannot be pressed.

    Parameters
    ----------
    urls : dict of str to str
        Track (``clip``, ``evidence``, ``rest``) to the address of its sound, relative to the page.
    evidence : bool
        Whether there is, or may come to be, evidence; without, the clip alone has a button.
    """
    tracks = _TRACKS if evidence else {"clip": _TRACKS["clip"]}
    return Markup('<div class="ss-players">{}</div>').format(
        joined(_player(track, words, urls.get(track, "")) for track, words in tracks.items())
    )


def _player(track: str, words: str, url: str) -> Markup:
    label = {"clip": "Hear the clip", "evidence": "Hear the evidence", "rest": "Hear the rest"}[track]
    title = f"{label}: most listeners notice nothing suspicious in it" if track == "evidence" else label
    sound = Markup('<audio preload="auto" src="{}"></audio>').format(url) if url else Markup("")
    return Markup(
        '<button type="button" class="ss-play" data-play="{0}" aria-label="{1}" title="{5}"{2}>'
        '<i aria-hidden="true">▶</i> {3}{4}</button>'
    ).format(track, label, Markup("") if url else Markup(" disabled"), words, sound, title)


def examples_button() -> Markup:
    """Return what opens the examples where a recording stands in their place."""
    return Markup('<details class="ss-menu"><summary>Examples <i aria-hidden="true">▾</i></summary></details>')


def example_cards(examples: "Sequence[Shown] | None", *, wrong: str = "") -> Markup:
    """Return the examples as cards: what each is, and what the panel makes of it; or why there are none (yet)."""
    if not examples:
        return empty(wrong or "Examples are being made and scored…")
    return joined(_card(shown) for shown in examples)


def _card(shown: "Shown") -> Markup:
    example, verdict = shown.example, shown.analysis.verdict
    key = "bonafide" if example.label == "bonafide" else "spoof"
    title = {"right": "A real voice" if key == "bonafide" else "A spoof", "wrong": "One that the panel gets wrong"}
    truth = "real" if key == "bonafide" else "spoof"
    how = example.how.removeprefix("real").removeprefix("re-synthesised").lstrip(": ")
    return Markup(
        '<button type="button" class="ss-example" data-act="example" data-value="{name}"><b>{title}</b>'
        '<span><span class="ss-{key}">{shape} {truth}</span> · {name}, {how}</span>'
        "<span>Panel: {verdict}, P(spoof) {p_spoof:.2f}</span></button>"
    ).format(
        name=example.name, title=title.get(shown.outcome, "An example"), key=key, shape=SHAPES[key], truth=truth,
        how=how, verdict=verdict, p_spoof=shown.analysis.p_spoof,
    )  # fmt: skip
