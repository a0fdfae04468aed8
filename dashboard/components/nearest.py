"""The reference clips that a recording is most like: what they are, how far they lie, their sound where it is here."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.analysis.format import rate
from core.nearest import UNLIKE
from dashboard.components.corpus_audit import alarm
from dashboard.components.markup import Markup, class_word, empty, joined, note, number, table, term

if TYPE_CHECKING:
    from core.nearest import Known, Nearest
    from core.overlap import Overlap

__all__ = ["NEAREST", "nearest_frame", "training_line"]

NEAREST = "Nearest known clips"
_WAITING = "The clips of the reference run that are most like the recording appear here."
_PLAY = Markup(
    '<button type="button" class="ss-play" data-play="known" aria-label="Play {}"><i aria-hidden="true">▶</i>'
    '<audio preload="none" src="{}"></audio></button>'
)


def nearest_frame(
    found: "Nearest | None", sounds: Mapping[str, str] | None = None, *, missing: str = ""
) -> Markup:  # fmt: skip
    """Return the nearest clips as a table, and in one sentence whether they are near at all.

    Parameters
    ----------
    found : Nearest or None
    sounds : mapping of str to str, optional
        Addresses of their sound by their paths, where the corpus is on this machine.
    missing : str
        Why there is none.
    """
    if found is None:
        return empty(missing or _WAITING)
    rows = [_row(clip, (sounds or {}).get(clip.path, "")) for clip in found.clips]
    clips = table(("What it is", "Attack", "Clip", "Distance", ""), rows, numeric=[3])
    return joined([_lead(found), Markup('<div class="ss-known">{}</div>').format(clips), _note(found, bool(sounds))])


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
            f"{_listed(overlap.trained)}: the verdict is no evidence. {rate(overlap.match.distance, digits=0)} of the "
            "bits of the fingerprint differ."
        )
    unknown = f" Of {_listed(overlap.unknown)} it is not known." if overlap.unknown else ""
    if overlap.match is None:
        return note(f"Whether it was in training is not known: it is too short for a fingerprint.{unknown}")
    return note(f"By its fingerprint it was not in training of the panel.{unknown}")


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _lead(found: "Nearest") -> Markup:
    nearest = found.clips[0]
    if found.is_unlike:
        words = (
            '<p class="ss-lead"><b>Unlike anything known.</b> The nearest of {} reference clips lies {} times as far '
            "away as a known clip's neighbour does. Trust the verdict less: the detectors' figures were measured on "
            "other material.</p>"
        )
        return Markup(words).format(f"{found.n_clips:,}", number(nearest.distance, digits=1))
    spoofs = sum(clip.label == "spoof" for clip in found.clips)
    words = '<p class="ss-lead">Of the {} most similar of {} reference clips {} {} spoofed and {} bona fide.</p>'
    verb = "is" if spoofs == 1 else "are"
    return Markup(words).format(len(found.clips), f"{found.n_clips:,}", spoofs, verb, len(found.clips) - spoofs)


def _row(clip: "Known", url: str) -> tuple[object, ...]:
    name = clip.path.rsplit("/", 1)[-1]
    label = "bonafide" if clip.label == "bonafide" else "spoof"
    play = _PLAY.format(name, url) if url else ""
    shown = Markup('<span class="ss-name">{}</span>').format(name)
    return class_word(label), clip.system if clip.system != "-" else "–", shown, number(clip.distance), play


def _note(found: "Nearest", playable: bool) -> Markup:
    text = (
        "In the {} of {}. A distance of 1 is that within which {} of the reference clips have a clip of another "
        "recording; beyond it a recording is unlike anything known. Likeness is no verdict: {} of these clips have a "
        "nearest clip with their own label, and {} of the spoofs one of their own attack among the nearest five.{}"
    )
    sound = "" if playable else " Their sound is not on this machine (SPOOFSCOPE_CORPUS names its folder)."
    return note(
        Markup(text).format(
            term("embedding"), found.detector, rate(UNLIKE, digits=0), rate(found.label_rate, digits=0),
            rate(found.system_rate, digits=0), sound,
        )
    )  # fmt: skip
