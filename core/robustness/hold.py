"""Does it hold: how P(spoof) moves when a clip is processed as real speech often is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import NOT_SURE, Decision
from core.audio.segment import Sound
from core.errors import AudioError
from core.robustness.processing import PROCESSINGS, Processing
from core.watch import report

if TYPE_CHECKING:
    from core.panel import Panel

__all__ = ["QUICK", "Held", "Moved", "does_it_hold", "held_sentence", "rests_on"]

QUICK = ("trim-silence", "mp3-64k", "opus-24k", "telephone", "noise-20db", "room", "low-pass")
"""What the page tries."""

_RESTS_ON = {
    "silence": "the silence before and after the speech",
    "band": "one band of frequencies",
    "codec": "traces that one codec takes away",
    "background": "the background",
}


@dataclass(frozen=True)
class Moved:
    """A log-likelihood ratio (higher = more bona fide) before and after a processing, and the verdicts by it."""

    before: float
    after: float
    verdict_before: str
    verdict_after: str

    @classmethod
    def of(cls, before: float, after: float, decision: Decision) -> "Moved":
        """Return the move with its verdicts by these thresholds."""
        return cls(before, after, decision.verdict(before), decision.verdict(after))

    @property
    def p_before(self) -> float:
        """P(spoof) before."""
        return float(p_spoof(self.before))

    @property
    def p_after(self) -> float:
        """P(spoof) after."""
        return float(p_spoof(self.after))

    @property
    def holds(self) -> bool:
        """Whether the verdict is the same after as before."""
        return self.verdict_before == self.verdict_after

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "p_spoof_before": self.p_before, "p_spoof_after": self.p_after, "score_before": self.before,
            "score_after": self.after, "verdict_before": self.verdict_before, "verdict_after": self.verdict_after,
        }  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What one processing makes of one clip's scores.

    Attributes
    ----------
    name, label, summary : str
        The processing's.
    panel : Moved or None
        None where it could not be applied.
    members : mapping of str to Moved
        In the panel's order.
    warning : str
        What the panel's verdict rests on, as a sentence, where it does not outlive this processing; empty where it
        does, and where the clip had no sure verdict.
    why_not : str
        Why it could not be applied; empty where it was.
    """

    name: str
    label: str
    summary: str
    panel: Moved | None
    members: Mapping[str, Moved]
    warning: str = ""
    why_not: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name, "label": self.label, "summary": self.summary,
            "panel": None if self.panel is None else self.panel.to_json(),
            "members": {name: moved.to_json() for name, moved in self.members.items()},
            "warning": self.warning, "why_not": self.why_not,
        }  # fmt: skip


def does_it_hold(
    panel: "Panel", waveform: NDArray[np.float32], *, names: Sequence[str] | None = None,
    scores: Mapping[str, float] | None = None, seed: int = 0,
) -> tuple[Held, ...]:  # fmt: skip
    """Score a clip after each processing, with every member of the panel.

    What is processed is what is scored: the clip without its long stretches of digital silence. A codec or a noise
    would fill them, and what is filled would count. Progress is reported processing by processing
    (``core.watch.report``).

    Parameters
    ----------
    panel : Panel
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz, at least one sample.
    names : sequence of str, optional
        Of ``PROCESSINGS``; all where none are given.
    scores : mapping of str to float, optional
        The members' log-likelihood ratios of the clip as it is, where they are known.
    seed : int
        Of what a processing draws.

    Returns
    -------
    tuple of Held
        One for each name. A processing that is not available, or that fails, has a reason in place of figures.

    Raises
    ------
    UnknownNameError
        When there is no processing of a name.
    """
    chosen = [PROCESSINGS.get(name) for name in (PROCESSINGS.names() if names is None else names)]
    sound = Sound.of(waveform).waveform
    before = dict(scores) if scores is not None else member_scores(panel, sound)
    found = []
    for done, each in enumerate(chosen, start=1):
        found.append(_held(panel, sound, each, before, seed))
        report(done, len(chosen))
    return tuple(found)


def member_scores(panel: "Panel", waveform: NDArray[np.float32]) -> dict[str, float]:
    """Return the log-likelihood ratio of each member."""
    return {name: own.score for name, own in panel.score(waveform).items()}


def _held(
    panel: "Panel", waveform: NDArray[np.float32], each: Processing, before: Mapping[str, float], seed: int
) -> Held:
    why_not = each.available()
    if why_not is None:
        try:
            changed = each(waveform, np.random.default_rng(seed))
        except AudioError as error:
            why_not = str(error)
    if why_not is not None:
        return Held(each.name, each.label, each.summary, None, {}, why_not=why_not)
    # Silence that is not there cannot be trimmed: the same samples have the same scores.
    after = before if np.array_equal(changed, waveform) else member_scores(panel, changed)
    whole = Moved.of(float(panel.fused(before)), float(panel.fused(after)), panel.decision)
    members = {name: Moved.of(before[name], after[name], panel.card(name).decision) for name in panel.members}
    return Held(each.name, each.label, each.summary, whole, members, warning=_warning(each, whole))


def _warning(each: Processing, whole: Moved) -> str:
    if each.probe is None or whole.holds or whole.verdict_before == NOT_SURE:
        return ""
    return (
        f"The verdict rests on {_RESTS_ON[each.probe]}: “{each.label}” turns "
        f"{whole.verdict_before} into {whole.verdict_after}."
    )


def held_sentence(held: Sequence[Held]) -> str:
    """Return in one sentence whether the verdict holds, and how far P(spoof) moves."""
    moves = [each.panel for each in held if each.panel is not None]
    if not moves:
        return "None of the processings could be applied here."
    first, kept = moves[0], sum(moved.holds for moved in moves)
    after = [moved.p_after for moved in moves]
    span = f"P(spoof) {first.p_before:.2f}, then {min(after):.2f} to {max(after):.2f}"
    if kept == len(moves):
        return f"It holds: after each of {kept} processings the verdict stays {first.verdict_before} ({span})."
    lost = f"{len(moves) - kept} of {len(moves)} processings"
    return f"It does not hold: after {lost} the verdict is no longer {first.verdict_before} ({span})."


def rests_on(held: Sequence[Held]) -> tuple[str, ...]:
    """Return the warnings of all processings, one for each thing that the verdict rests on."""
    return tuple(dict.fromkeys(each.warning for each in held if each.warning))
