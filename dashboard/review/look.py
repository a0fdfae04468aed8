"""A closer look at a disputed clip, which takes seconds: timelines and maps, and how the votes move."""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.audio.clip import SAMPLE_RATE
from dashboard.components.markup import Markup, note
from dashboard.components.revealed import beside_text, looked_text, moved_text, sounds_text, votes_text

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from dashboard.resources import Resources
    from dashboard.review.source import Source

__all__ = ["Looked", "asked", "looked_at", "moved", "revealed"]

# Whoever looks waits for each of them: the surest of every camp are asked, about the beginning of a long clip.
_MOST_ASKED = 6
_LONGEST_S = 20
_TRIED = ("trim-silence", "noise-20db", "mp3-64k", "opus-24k", "telephone")
_IMPORTED = "the clip is not one of the run that is open."
_NO_DETECTOR = "None of these detectors is on this machine: of imported predictions there are only their scores."


def revealed(source: "Source", clip: str) -> Markup:
    """Return what is known of a clip at once: label, votes, how it sounds, prosody and its nearest clips."""
    from core.results.one_clip import clip as clip_of
    from core.review.beside import near, prosody_beside

    disputed, run = source.disputed, source.run
    at = disputed.ids.index(clip)
    row = None if run is None else clip_of(run.whole, clip)
    system = str(row["system"]) if row is not None and "system" in row else ""
    votes = votes_text(
        disputed.names, disputed.llr[at], disputed.votes[at], disputed.is_llr, source.label(clip), system
    )
    votes += sounds_text(_sounds(source, clip))
    if run is None or row is None:
        return votes + beside_text([], [], {}, why_not=_IMPORTED)
    names = asked(source, clip, disputed.names)[0]
    return votes + beside_text(prosody_beside(run, clip), near(run, clip, names), source.camps(clip))


def _sounds(source: "Source", clip: str) -> str:
    from core.review.phrases import phrases, phrases_text

    sound = _part(source.decoded(clip))
    return "" if isinstance(sound, str) else phrases_text(phrases(sound.waveform), len(sound.waveform) / SAMPLE_RATE)


def asked(source: "Source", clip: str, known: Container[str]) -> tuple[list[str], list[str]]:
    """Return the detectors that are asked about a clip, and those that are not.

    Parameters
    ----------
    source : Source
    clip : str
    known : container of str
        Those that can be asked; the surest of each camp come first.
    """
    disputed = source.disputed
    at = disputed.ids.index(clip)
    llr, votes = disputed.llr[at], disputed.votes[at]
    turns = []
    for camp in (0, 1, -1):
        places = [place for place, name in enumerate(disputed.names) if name in known and votes[place] == camp]
        places.sort(key=lambda place: -abs(float(llr[place])))
        turns += [(rank, place) for rank, place in enumerate(places)]
    chosen = [disputed.names[place] for _, place in sorted(turns, key=lambda turn: turn[0])[:_MOST_ASKED]]
    return chosen, [name for name in disputed.names if name not in chosen]


@dataclass(frozen=True, eq=False)
class Looked:
    """What detectors see in a clip: in words, and as a figure in the page's scheme (None where there is none)."""

    text: Markup
    figure: Callable[[bool], Any] | None = None


def looked_at(resources: "Resources", source: "Source", clip: str) -> Looked:
    """Return timelines and maps of a clip by the detectors that can be asked."""
    from core.review.evidence import look, overlap
    from dashboard.plots.review import camps_figure

    names, left_out = asked(source, clip, resources.panel.detectors)
    sound = _part(source.decoded(clip))
    if isinstance(sound, str) or not names:
        return Looked(note(sound if isinstance(sound, str) else _NO_DETECTOR))
    seen = look(sound, [resources.detector(name) for name in names], source.camps(clip))
    found, waveform = overlap(seen), sound.waveform
    text = looked_text(seen, found) + _scope(sound, left_out)
    return Looked(text, lambda dark: camps_figure(waveform, seen, found, dark=dark))


def moved(resources: "Resources", source: "Source", clip: str) -> Markup:
    """Return how each detector's vote moves when the clip is trimmed, noisy, or encoded."""
    from core.panel import Panel
    from core.robustness.hold import does_it_hold

    names, left_out = asked(source, clip, resources.panel.detectors)
    sound = _part(source.decoded(clip))
    if isinstance(sound, str) or not names:
        return note(sound if isinstance(sound, str) else _NO_DETECTOR)
    held = does_it_hold(Panel({name: resources.detector(name) for name in names}), sound.waveform, names=_TRIED)
    return moved_text(held, names) + _scope(sound, left_out)


def _part(sound: "Clip | str") -> "Clip | str":
    if isinstance(sound, str):
        return sound
    return replace(sound, waveform=sound.waveform[: _LONGEST_S * SAMPLE_RATE])


def _scope(sound: "Clip", left_out: list[str]) -> Markup:
    """Return what was left out."""
    long = len(sound.waveform) == _LONGEST_S * SAMPLE_RATE
    rest = f"Not asked: {', '.join(left_out)}." if left_out else ""
    parts = [f"The first {_LONGEST_S} s count." if long else "", rest]
    return note(" ".join(filter(None, parts))) if any(parts) else Markup("")
