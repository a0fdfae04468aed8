"""When a clip gets no plain verdict: no speech in it, too little of it, a marked part, or seconds that contradict it.

``python -m tests.benchmarks.caution_figures --manifest M --root R`` counts anew what the limits below rest on.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED, Decision
from core.detectors.score import WindowScore
from core.timeline.segments import in_words

if TYPE_CHECKING:
    from core.timeline.track import Timeline

__all__ = [
    "BY_CHANCE", "LEAST_SPEECH_S", "NEEDED_SPEECH_S", "PARTLY_SHARE", "WORST_S", "cautious_verdict",
    "marks_by_chance", "spoofed_parts", "worst_seconds",
]  # fmt: skip

LEAST_SPEECH_S = 0.25
"""With less speech than this there is none: the shortest stretch that the speech activity detector gives."""

NEEDED_SPEECH_S = 1.0
"""With less speech than this the verdict is *not sure*.

56 development clips were cut at random to 0.4 to 2 s. The verdict of the panel before its members were trained further
was the opposite of the whole clip's in none of the 23 pieces with up to 1 s of speech, and in two of the 32 with more:
the limit stands on caution, not on a count; the panel before that one turned round in 12 to 23 % of so short pieces.
"""

WORST_S = 5.0
"""Length of the worst seconds.

Chosen on ten stretches of development speech of up to a minute, each joined from some twenty clips, and on twenty more
with a spoof of some 3 s in their midst. Runs of three seconds make six of the genuine ones *not sure*, and twelve of
the spliced ones; of five seconds three and eleven, of six two and nine, of eight two and three.
"""

PARTLY_SHARE = 0.5
"""Of a clip's scored seconds: where as much or more is marked, the clip is not spoofed *in part*."""

BY_CHANCE = 0.15
"""As many marks as genuine speech of that length has with a probability above this make no verdict on parts.

Where 4.5 % of clips of 3.9 s have one, a single mark is enough in recordings of up to 14 s, and 11 are needed in ten
minutes.
"""


def marks_by_chance(found: "Timeline") -> float:
    """Return how many sure segments genuine speech as long as the recording is expected to have; 0 where unknown."""
    rate, counted_s = found.rule.false_mark_rate, found.rule.counted_s
    return rate * found.scored_s / counted_s if rate is not None and counted_s is not None else 0.0


def spoofed_parts(
    found: "Timeline", pieces: Sequence[WindowScore], score: float, decision: Decision
) -> tuple[WindowScore, ...]:
    """Return the segments that make a clip *probably spoofed in part*; none where it is not.

    They are the timeline's ``sure_segments``: more of them than come by chance (their number as a Poisson variable).
    Together all that is marked must be a small part of the clip, and where the panel calls the whole clip spoofed, it
    must not call the rest so too.

    Parameters
    ----------
    found : Timeline
    pieces : sequence of WindowScore
        The panel's scores over time.
    score : float
        The panel's score for the clip.
    decision : Decision
        The panel's thresholds.
    """
    from scipy.special import pdtrc

    sure = found.sure_segments
    if not sure or found.marked_s >= PARTLY_SHARE * found.scored_s:
        return ()
    if pdtrc(len(sure) - 1, marks_by_chance(found)) > BY_CHANCE:
        return ()
    if decision.verdict(score) != SPOOFED:
        return sure
    rest = [piece.score for piece in pieces if not any(_overlap(piece, segment) for segment in found.segments)]
    return sure if rest and decision.verdict(float(np.mean(rest))) != SPOOFED else ()


def _overlap(first: WindowScore, second: WindowScore) -> bool:
    return first.start_s < second.end_s and second.start_s < first.end_s


def worst_seconds(timeline: Sequence[WindowScore], length_s: float = WORST_S) -> WindowScore:
    """Return the few seconds of a timeline that are most likely spoofed, as one stretch with its mean score.

    The stretch is the run of pieces of ``length_s`` seconds or a little more with the lowest mean score; the whole
    timeline where that is shorter.
    """
    lengths = np.array([piece.end_s - piece.start_s for piece in timeline])
    scores = np.array([piece.score for piece in timeline])
    n = min(len(timeline), max(1, int(np.ceil(length_s / float(np.median(lengths)) - 1e-6))))
    weighted = np.convolve(scores * lengths, np.ones(n), "valid") / np.convolve(lengths, np.ones(n), "valid")
    first = int(weighted.argmin())
    return WindowScore(timeline[first].start_s, timeline[first + n - 1].end_s, float(weighted[first]))


def cautious_verdict(
    score: float, decision: Decision, *, speech_s: float, worst: WindowScore, silent: bool = False,
    parts: Sequence[WindowScore] = (),
) -> tuple[str | None, str]:  # fmt: skip
    """Return the verdict of a clip and, where it is not plainly the score's, a sentence that explains why.

    Parameters
    ----------
    score : float
        The panel's score for the clip.
    decision : Decision
        The panel's thresholds.
    speech_s : float
        Seconds of speech in the clip.
    worst : WindowScore
        The clip's worst seconds.
    silent : bool
        Whether nothing at all is left of the clip at 16 kHz.
    parts : sequence of WindowScore
        The segments by which it is spoofed in part, as ``spoofed_parts`` returns them.

    Returns
    -------
    verdict : str or None
        In the words of ``core.analysis.verdict``; None where nobody speaks, so that there is nothing to judge.
    note : str
        Empty where the verdict is the score's.
    """
    if silent:
        return None, "No verdict: the clip is silent. Detectors look at sound below 8 kHz, and there is none."
    if speech_s < LEAST_SPEECH_S:
        return None, "No verdict: no speech was found in this clip. The detectors were trained on speech alone."
    if speech_s < NEEDED_SPEECH_S:
        # Rounded down: 0.97 s are less than what is needed, and must not read as that much.
        held = math.floor(10 * speech_s) / 10
        return NOT_SURE, (
            f"Not sure: the clip holds {held:.1f} s of speech, and a verdict needs {NEEDED_SPEECH_S:.1f} s."
        )
    if parts:
        most = max(part.p_spoof for part in parts)
        return PARTLY, (f"{PARTLY.capitalize()}: {in_words(parts)} (P(spoof) {'up to ' * (len(parts) > 1)}{most:.2f}).")
    verdict = decision.verdict(score)
    if verdict == BONAFIDE and worst.score < decision.spoof_below:
        return NOT_SURE, (
            f"Not sure: as a whole the clip is {BONAFIDE}, but {worst.start_s:.1f} to {worst.end_s:.1f} s are not "
            f"(P(spoof) {worst.p_spoof:.2f})."
        )
    return verdict, ""
