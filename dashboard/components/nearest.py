"""The clips of a run that a recording is most like: what they are, how far they lie, their sound where it is here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.analysis.format import enumerated, rate
from core.nearest import UNLIKE
from dashboard.components.corpus_audit import alarm
from dashboard.components.markup import Markup, empty, joined, label_word, note, number, table, term

if TYPE_CHECKING:
    from core.nearest import Known, Nearest
    from core.overlap import Overlap

__all__ = ["NEAREST", "nearest_frame", "training_line"]

NEAREST = "Nearest known clips"
_WAITING = "The clips of the chosen run that are most like the recording appear here."
_PLAY = Markup(
    '<button type="button" class="ss-play" data-play="known" aria-label="Play {}"><i aria-hidden="true">▶</i>'
    '<audio preload="none" src="{}"></audio></button>'
)


def nearest_frame(
    found: "Nearest | None", sounds: Mapping[str, str] | None = None, *, missing: str = "",
    whose: str = "the reference run",
) -> Markup:  # fmt: skip
    """Return the nearest clips as a table, and in one sentence whether they are near at all.

    Parameters
    ----------
    found : Nearest or None
    sounds : mapping of str to str, optional
        Addresses of their sound by their paths, where the corpus is on this machine.
    missing : str
        Why there is none.
    whose : str
        The run that the clips are of.
    """
    if found is None:
        return empty(missing or _WAITING)
    rows = [_row(clip, (sounds or {}).get(clip.path, "")) for clip in found.clips]
    clips = table(("What it is", "Attack", "Clip", "Distance", ""), rows, numeric=[3])
    listed = Markup('<div class="ss-known">{}</div>').format(clips)
    return joined([_lead(found, whose), listed, _note(found, bool(sounds))])


def training_line(overlap: "Overlap | None") -> Markup:
    """Return whether the recording was in training, as one line; nothing where it is not known at all.

    Parameters
    ----------
    overlap : Overlap or None
        Of the members of the panel.
    """
    if overlap is None:
        return Markup("")
    if overlap.trained:
        assert overlap.match is not None
        return alarm(
            f"This recording, or part of it, or one that it was made from, was in training of "
            f"{enumerated(overlap.trained)}: the verdict is no evidence. {rate(overlap.match.distance, digits=0)} of "
            "the bits of the fingerprint differ."
        )
    unknown = f" Of {enumerated(overlap.unknown)} it is not known." if overlap.unknown else ""
    if overlap.match is None:
        return note(f"Whether it was in training is not known: it is too short for a fingerprint.{unknown}")
    return note(f"By its fingerprint it was not in training of the panel.{unknown}")


def _lead(found: "Nearest", whose: str) -> Markup:
    nearest = found.clips[0]
    if found.is_unlike:
        words = (
            '<p class="ss-lead"><b>Unlike anything known.</b> The nearest of the {} clips of {} lies {} times as far '
            "away as a known clip's neighbour does. Trust the verdict less: the detectors' figures were measured on "
            "other material.</p>"
        )
        return Markup(words).format(f"{found.n_clips:,}", whose, number(nearest.distance, digits=1))
    spoofs, real = (sum(clip.label == label for clip in found.clips) for label in ("spoof", "bonafide"))
    where = Markup("the {} most similar of the {} clips of {}").format(len(found.clips), f"{found.n_clips:,}", whose)
    if not spoofs and not real:
        words = '<p class="ss-lead">None of {} has a label: they show what it is like, not what it is.</p>'
        return Markup(words).format(where)
    words = '<p class="ss-lead">Of {} {} {} spoofed and {} bona fide.</p>'
    return Markup(words).format(where, spoofs, "is" if spoofs == 1 else "are", real)


def _row(clip: "Known", url: str) -> tuple[object, ...]:
    name = clip.path.rsplit("/", 1)[-1]
    play = _PLAY.format(name, url) if url else ""
    shown = Markup('<span class="ss-name">{}</span>').format(name)
    return label_word(clip.label), clip.system if clip.system != "-" else "–", shown, number(clip.distance), play


def _note(found: "Nearest", playable: bool) -> Markup:
    text = (
        "In the {} of {}. A distance of 1 is that within which {} of these clips have a clip of another "
        "recording; beyond it a recording is unlike anything known. Likeness is no verdict{}.{}"
    )
    alike = (
        f": {rate(found.label_rate, digits=0)} of these clips have a nearest clip with their own label, and "
        f"{rate(found.system_rate, digits=0)} of the spoofs one of their own attack among the nearest five"
        if found.label_rate == found.label_rate else ""
    )  # fmt: skip
    sound = "" if playable else " Their sound is not on this machine (SPOOFSCOPE_CORPUS names its folder)."
    return note(
        Markup(text).format(
            term("embedding"), found.detector, rate(UNLIKE, digits=0), alike, sound
        )
    )  # fmt: skip
