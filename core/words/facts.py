"""The facts that a paragraph on a recording is written from: plain numbers and strings, nothing computed here."""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ErrorRates", "Facts", "FileLine", "Flip", "MapFacts", "Member", "Place", "Reason", "SignFact", "Stretch", "Tried",
]  # fmt: skip

#: Why there is no plain verdict: nothing below 8 kHz, no speech, too little of it, a stretch that contradicts the
#: whole, a score between the thresholds. Empty where there is one.
Reason = Literal["", "silent", "no speech", "little speech", "worst stretch", "between thresholds"]


@dataclass(frozen=True)
class Stretch:
    """Seconds of the recording, with their probability of spoof."""

    start_s: float
    end_s: float
    p_spoof: float


@dataclass(frozen=True)
class Place:
    """Where the largest ``share`` of a map's evidence lies; without hertz where the map has no frequency axis."""

    share: float
    start_s: float
    end_s: float
    low_hz: float | None = None
    high_hz: float | None = None


@dataclass(frozen=True)
class MapFacts:
    """A map of one detector's evidence, and what is known of its worth.

    Attributes
    ----------
    detector : str
    verdict : str
        The detector's own.
    outcome : str
        Of the faithfulness check; ``unmapped`` where the detector's maps are no better than chance, so that none is
        made, ``empty`` where the map marks nothing that speaks for spoof.
    place : Place or None
        None where the evidence is spread, or the map failed its check.
    random_count : int or None
        Random maps that the map was compared with.
    lab_clips, lab_hits, lab_chance : int or None
        Clips with a planted spoofed second; those in which such maps point to it; those in which they point there
        before it is planted.
    """

    detector: str
    verdict: str
    outcome: Literal["faithful", "not faithful", "empty", "unmapped"]
    place: Place | None = None
    random_count: int | None = None
    lab_clips: int | None = None
    lab_hits: int | None = None
    lab_chance: int | None = None


@dataclass(frozen=True)
class FileLine:
    """What the file states of itself, or what was found in it: a line of ``core.provenance``."""

    topic: str
    state: str
    text: str


@dataclass(frozen=True)
class SignFact:
    """A sign of processing in the samples; its text stands in where its name has no translation."""

    name: str
    text: str


@dataclass(frozen=True)
class Member:
    """What one detector of the panel predicts by itself."""

    name: str
    p_spoof: float
    verdict: str


@dataclass(frozen=True)
class Tried:
    """The panel's answer after a processing of ``core.robustness``; its label stands in where it has no translation."""

    name: str
    label: str
    p_spoof: float
    verdict: str


@dataclass(frozen=True)
class Flip:
    """The smallest removal that changes the verdict; ``share`` of the energy is None where none up to ``limit`` does.

    ``verdict`` is the one that it then becomes.
    """

    limit: float
    share: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class ErrorRates:
    """Errors of the panel's verdicts on pages that nobody was trained on, with the ends of their 95 % intervals."""

    n_pages: int
    n_bonafide: int
    n_spoof: int
    called_spoofed: float
    called_spoofed_low: float
    called_spoofed_high: float
    called_bonafide: float
    called_bonafide_low: float
    called_bonafide_high: float


@dataclass(frozen=True)
class Facts:
    """All that a paragraph may state of a recording; what is None or empty leaves its sentence out.

    Attributes
    ----------
    name : str
        What the person calls the file; not trusted.
    duration_s, speech_s, silent_s, dropped_s, padded_s : float
        Seconds of the recording; of speech, of digital silence, those that were not decoded, and those by which a
        short recording was repeated.
    verdict : str or None
        In the words of ``core.analysis.verdict``; None where nobody speaks.
    reason : Reason
        Why the verdict is none, or *not sure*.
    needed_speech_s : float
        Seconds of speech that a verdict needs.
    p_spoof : float or None
        The panel's probability of spoof; None without a verdict.
    prior : float
        How likely a spoof was taken to be for it, before the recording was scored.
    bonafide_below, spoof_above : float
        The thresholds, as probabilities of spoof.
    parts : tuple of Stretch
        The parts by which it is spoofed in part.
    worst : Stretch or None
        The most suspicious seconds, where they are the reason or the recording is long enough to have some.
    localiser : str
        The detector that marks parts; empty where none did.
    marked_s, scored_s : float
        Seconds that it marks, out of those that it scores.
    false_mark_rate : float or None
        Share of bona fide recordings in which it would find a part that is sure enough for a verdict.
    false_marks : float or None
        How many such parts genuine speech of this length is expected to have; None where that is less than one.
    map : MapFacts or None
    file : tuple of FileLine
    signs : tuple of SignFact
        Of processing, in the samples.
    members : tuple of Member
        The detectors whose scores the panel's is made of.
    tried : tuple of Tried
    flip : Flip or None
    rates : ErrorRates or None
    """

    name: str
    duration_s: float
    speech_s: float
    verdict: str | None
    reason: Reason = ""
    needed_speech_s: float = 1.0
    p_spoof: float | None = None
    prior: float = 0.5
    bonafide_below: float = 0.35
    spoof_above: float = 0.65
    silent_s: float = 0.0
    dropped_s: float = 0.0
    padded_s: float = 0.0
    parts: tuple[Stretch, ...] = ()
    worst: Stretch | None = None
    localiser: str = ""
    marked_s: float = 0.0
    scored_s: float = 0.0
    false_mark_rate: float | None = None
    false_marks: float | None = None
    map: MapFacts | None = None
    file: tuple[FileLine, ...] = ()
    signs: tuple[SignFact, ...] = ()
    members: tuple[Member, ...] = ()
    tried: tuple[Tried, ...] = ()
    flip: Flip | None = None
    rates: ErrorRates | None = None
