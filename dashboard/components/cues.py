"""In what kind of place the evidence lies: classes of cells, each taken out in turn, as a table that can be played."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, loading, note, problem, table, term

if TYPE_CHECKING:
    from core.explain.cues import Cue

__all__ = ["cue_note", "cue_sentence", "cue_table"]

_PLAY = Markup(
    '<button type="button" class="ss-play ss-cue" data-play="{0}" aria-label="Play {1} alone" title="Play {1} alone">'
    '<i aria-hidden="true">▶</i><audio preload="none" src="{2}"></audio></button>'
)
_LISTENERS = (
    "Most listeners notice nothing in these sounds, nor in the evidence alone: they play where a detector looks, which "
    "is often below what a person perceives."
)


def cue_note(*, busy: str = "", wrong: str = "") -> Markup:
    """Return what the table would show, what is being done for it, or why there is none."""
    if wrong:
        return problem(wrong)
    what = Markup(
        "Made when asked for, once there is a map: silence, voiced sound, fricatives and bursts, onsets, what is above "
        "6 kHz and below 300 Hz, each taken out in turn beside random parts as large ({})."
    )
    return loading(busy) if busy else note(what.format(term("cue classes")))


def cue_sentence(cues: Sequence["Cue"], detector: str) -> str:
    """Return which classes a detector's score depends on, in one sentence."""
    found = sorted((cue for cue in cues if cue.stands_out), key=lambda cue: -(cue.change or 0.0))
    if not found:
        return (
            f"The score of {detector} depends on no kind of place in particular: without each, it moves no further "
            "towards bona fide than without random parts as large."
        )
    first, *others = found
    more = f"; so does it without {', '.join(cue.words for cue in others)}" if others else ""
    return (
        f"Without {first.words} the score of {detector} moves by {first.change:+.2f} towards bona fide, further than "
        f"without random parts as large ({_random(first)}){more}."
    )


def cue_table(cues: Sequence["Cue"], detector: str, urls: Mapping[str, str]) -> Markup:
    """Return the classes as a table below their sentence; each that the clip holds can be played.

    Parameters
    ----------
    cues : sequence of Cue
    detector : str
    urls : mapping of str to str
        A class' name to the address of its sound.
    """
    columns = ("", "Kind of place", "Of the clip", "Of the evidence", "Score without it", "Without as much at random")
    rows = [
        (
            _PLAY.format(cue.name, cue.words, urls[cue.name]) if cue.name in urls else "",
            Markup("<b>{}</b>" if cue.stands_out else "{}").format(cue.words),
            f"{100 * cue.clip_share:.0f} %", f"{100 * cue.evidence_share:.0f} %",
            cue.untried or f"{cue.change:+.2f}", _random(cue),
        )
        for cue in cues
    ]  # fmt: skip
    sentence = Markup('<p class="ss-lead">{}</p>').format(cue_sentence(cues, detector))
    below = Markup("Change of the {}, up = towards bona fide. {}").format(term("log-likelihood ratio"), _LISTENERS)
    return sentence + table(columns, rows, numeric=range(2, 6)) + note(below)


def _random(cue: "Cue") -> str:
    low, high = cue.random_low, cue.random_high
    return "–" if low is None or high is None else f"{low:+.2f} to {high:+.2f}"
