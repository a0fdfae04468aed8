"""What the page, the command line and the API all ask for: one layer, so that they cannot differ."""

import importlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import NOT_SURE, Decision
from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.segment import Sound, overlap_mean
from core.caution import NEEDED_SPEECH_S, cautious_verdict, spoofed_parts, worst_seconds
from core.detectors.score import ClipScore, WindowScore
from core.errors import AudioError, ExplanationError

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.explain.base import Explanation
    from core.explain.reconstruction import Reconstruction, reconstruct_clip
    from core.panel import Fusion, Panel, default_detector, load_panel
    from core.results.store import Run
    from core.robustness.codec import Codec
    from core.robustness.processed import Sign
    from core.timeline.track import Timeline

__all__ = [
    "Analysis",
    "Fusion",
    "Panel",
    "Reconstruction",
    "add_detectors",
    "analyse_clip",
    "analyse_file",
    "by_contribution",
    "default_detector",
    "explain_clip",
    "load_panel",
    "reconstruct_clip",
    "reference_run",
    "refusal",
]

# Found on first use: they bring PyTorch, and who imports this module may want a type, or a refusal.
_ELSEWHERE = {
    "Fusion": "core.panel", "Panel": "core.panel", "default_detector": "core.panel", "load_panel": "core.panel",
    "Reconstruction": "core.explain.reconstruction", "reconstruct_clip": "core.explain.reconstruction",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_ELSEWHERE[name]), name)


_CELL_S = 1.0
_FRAME = 160


@dataclass(frozen=True)
class Analysis:
    """What the panel predicts for one clip.

    Attributes
    ----------
    clip : Clip
    path : str
        As the person gave it.
    score, decision, prior
        The panel's; the prior of a spoof is that at which its P(spoof) is stated, for the clip and for its seconds.
        The decision is that for recordings of the clip's codec.
    verdict : str or None
        The score's by the decision, but for the cases of ``core.caution``: None where nobody speaks in the clip, *not
        sure* where there is too little speech or where its worst seconds contradict the whole.
    note : str
        Why the verdict is not plainly the score's, in one sentence; empty where it is.
    localised : Timeline or None
        P(spoof) every few milliseconds and the segments that are marked; None where no localiser ships, or where
        detectors were named for the panel.
    detectors : dict of str to ClipScore
        Members and others that were asked, in the panel's order.
    timeline : tuple of WindowScore
        Pieces of about one second that cover the clip but for its digital silence; each has the mean of the windows
        that cover its frames.
    worst : WindowScore
        The few seconds that are most likely spoofed.
    speech_s : float
        Seconds of speech.
    silent_s : float
        Seconds of digital silence, which do not count.
    signs : tuple of Sign
        What in the samples shows that the clip was processed; no detector is asked.
    codec : Codec or None
        What the file's codec is known to do to the panel's errors; None where nothing is, or where detectors were named
        for the panel.
    """

    clip: Clip
    path: str
    score: float
    verdict: str | None
    decision: Decision
    prior: float
    detectors: dict[str, ClipScore]
    timeline: tuple[WindowScore, ...]
    worst: WindowScore
    speech_s: float
    silent_s: float = 0.0
    note: str = ""
    localised: "Timeline | None" = None
    signs: "tuple[Sign, ...]" = ()
    codec: "Codec | None" = None

    @property
    def p_spoof(self) -> float:
        """Probability of spoof at ``prior``."""
        return float(p_spoof(self.score))

    @property
    def relied_p_spoof(self) -> float | None:
        """``p_spoof``; None where it would only mislead: of a clip without speech, or with too little of it."""
        too_little = self.verdict == NOT_SURE and self.speech_s < NEEDED_SPEECH_S
        return None if self.verdict is None or too_little else self.p_spoof

    @property
    def padded_s(self) -> float:
        """The most seconds by which a detector repeated a short clip to fill its window."""
        return max(score.padded_s for score in self.detectors.values())

    def to_json(self, *, raw: bool = False) -> dict[str, Any]:
        """Return the analysis as plain JSON values.

        Parameters
        ----------
        raw : bool
            Give the networks' own bona fide outputs as scores. They have no common scale, so that the panel's
            score is then that of its only member, or None. P(spoof) and verdicts stay the calibrated ones.
        """
        score: float | None = self.score
        if raw:
            score = next(iter(self.detectors.values())).raw if len(self.detectors) == 1 else None
        return {
            "path": self.path,
            "p_spoof": self.p_spoof,
            "prior": self.prior,
            "verdict": self.verdict,
            "score": score,
            "note": self.note,
            "speech_s": self.speech_s,
            "silent_s": self.silent_s,
            "processed": [sign.text for sign in self.signs],
            "segments": self.localised.to_json()["segments"] if self.localised else None,
            "worst": {"start_s": self.worst.start_s, "end_s": self.worst.end_s, "p_spoof": self.worst.p_spoof},
            "detectors": {name: result.to_json(raw=raw) for name, result in self.detectors.items()},
            "decode": self.clip.record.to_json(),
            "error": None,
        }


def refusal(path: str, error: AudioError) -> dict[str, Any]:
    """Return the JSON object of a file that cannot be read: the keys of ``Analysis.to_json``, and why."""
    keys = ("p_spoof", "prior", "verdict", "score", "note", "speech_s", "silent_s", "processed", "segments", "worst")
    empty: dict[str, Any] = dict.fromkeys(keys)
    return {"path": path, **empty, "detectors": {}, "decode": None, "error": str(error)}


def analyse_clip(clip: Clip, panel: "Panel", *, path: str | None = None) -> Analysis:
    """Score a clip with the members of a panel, side by side where there are several cores.

    Parameters
    ----------
    clip : Clip
    panel : Panel
    path : str, optional
        What to call the clip in the answer; its path, or else its name.
    """
    from core.robustness.codec import panel_for
    from core.robustness.processed import signs
    from core.speech import speech_seconds
    from core.timeline.shipped import marked_by

    panel, codec = panel_for(panel, clip.record.codec)
    sound = Sound.of(clip.waveform)
    scores = panel.score(clip.waveform)
    score = float(panel.fused({name: own.score for name, own in scores.items()}))
    timeline = _timeline(scores, panel, sound)
    worst, speech_s = worst_seconds(timeline), speech_seconds(sound.waveform)
    localised = marked_by(panel, clip.waveform, scores)
    if localised is not None and codec is not None:
        localised = codec.timeline(localised)
    parts = spoofed_parts(localised, timeline, score, panel.decision) if localised is not None else ()
    verdict, note = cautious_verdict(
        score, panel.decision, speech_s=speech_s, worst=worst, silent=sound.silent, parts=parts
    )
    return Analysis(
        clip=clip, path=path if path is not None else str(clip.path or clip.name), score=score, verdict=verdict,
        decision=panel.decision, prior=panel.prior, detectors=scores, timeline=timeline, worst=worst, speech_s=speech_s,
        silent_s=clip.duration_s if sound.silent else sound.silent_s, note=note, localised=localised,
        signs=signs(sound.waveform), codec=codec,
    )  # fmt: skip


def add_detectors(analysis: Analysis, panel: "Panel", names: Sequence[str]) -> Analysis:
    """Return an analysis with the scores of more detectors; the panel's verdict stays what it is.

    Parameters
    ----------
    analysis : Analysis
    panel : Panel
        The one that made it; its order is kept.
    names : sequence of str
        Out of ``panel.others``. ``panel.batches(names)`` are the parts in which they are worth waiting for.
    """
    if not names:
        return analysis
    scores = {**analysis.detectors, **panel.score(analysis.clip.waveform, names)}
    order = [name for name in (*panel.members, *panel.others) if name in scores]
    return replace(analysis, detectors={name: scores[name] for name in order})


def by_contribution(analysis: Analysis, panel: "Panel") -> dict[str, float]:
    """Return by how much each member moves the panel's score to its side, the deciding member first.

    What moves the score is a member's own, weighted as the panel weighs it; below 0 where a member opposes the panel.
    """
    own = panel.contributions({name: analysis.detectors[name].score for name in panel.members})
    sign = 1 if analysis.score > 0 else -1
    return {name: sign * own[name] for name in sorted(own, key=lambda name: -sign * own[name])}


def analyse_file(
    path: Path | str, panel: "Panel", *, name: str | None = None, cancel: threading.Event | None = None,
    span: tuple[float, float] | None = None,
) -> Analysis:  # fmt: skip
    """Decode a recording and analyse it.

    Parameters
    ----------
    path : Path or str
    panel : Panel
    name : str, optional
        What the person called the file, where ``path`` is a copy under another name.
    cancel : Event, optional
        Set from another thread, it ends the decoding (see ``core.audio.decode.decode``).
    span : (start, end), optional
        The seconds that are meant, where it is not the recording from its start (``core.audio.excerpt``).

    Raises
    ------
    AudioError
        When the file cannot be read; one sentence that says why.
    """
    from core.audio.decode import decode
    from core.audio.excerpt import decode_excerpt

    path = Path(path)
    clip = decode(path, name=name, cancel=cancel) if span is None else decode_excerpt(
        path, *span, name=name, cancel=cancel
    )  # fmt: skip
    return analyse_clip(clip, panel, path=name if name is not None else str(path))


def _timeline(scores: Mapping[str, ClipScore], panel: "Panel", sound: Sound) -> tuple[WindowScore, ...]:
    # Detectors take windows of different lengths; frames of 10 ms, and pieces of one second, are grids that they share.
    kept = sound.clip_frames(_FRAME)
    edges = np.linspace(0.0, sound.n_samples, max(1, round(sound.n_samples / SAMPLE_RATE / _CELL_S)) + 1)
    pieces = np.clip(np.searchsorted(edges, kept * _FRAME, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(pieces, minlength=len(edges) - 1)
    fused = panel.fused({
        name: np.bincount(pieces, _frame_scores(scores[name].windows, kept), len(counts)) / np.maximum(counts, 1)
        for name in panel.members
    })  # fmt: skip
    seconds = edges / SAMPLE_RATE
    return tuple(WindowScore(float(seconds[i]), float(seconds[i + 1]), float(fused[i])) for i in np.flatnonzero(counts))


def _frame_scores(windows: Sequence[WindowScore], frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean score of the windows that cover each of the clip's frames."""
    spans = [(round(w.start_s * SAMPLE_RATE / _FRAME), round(w.end_s * SAMPLE_RATE / _FRAME)) for w in windows]
    parts = [np.full(last - first + 1, w.score) for (first, last), w in zip(spans, windows, strict=True)]
    return overlap_mean(parts, [first for first, _ in spans], int(frames[-1]) + 1)[frames]


def explain_clip(
    clip: Clip, detector: "Detector", method: str | None = None, *, score: ClipScore | None = None,
    faithfulness: bool = True,
) -> "Explanation":  # fmt: skip
    """Return what made a detector's score, on the clip's spectrogram.

    Parameters
    ----------
    clip : Clip
    detector : Detector
    method : str, optional
        The detector's default where none is given; a detector whose maps are all at chance has none.
    score : ClipScore, optional
        The detector's score of the clip, where it is known already (``Analysis.detectors``).
    faithfulness : bool
        Also test whether the detector relies on what the explanation marks; ``core.explain.base.with_faithfulness``
        can do it later.

    Raises
    ------
    ExplanationError, UnknownNameError
        When the detector cannot be explained by that method, there is no such method, or none is given and the
        detector has no default.
    """
    from core.explain.base import default_method, explain
    from core.explain.earned import no_map_reason

    chosen = method if method is not None else default_method(detector)
    if chosen is None:
        raise ExplanationError(no_map_reason(detector))
    return explain(clip, detector, chosen, score=score, faithfulness=faithfulness)


def reference_run() -> "Run":
    """Return the run that ships with the checkpoints.

    Raises
    ------
    ResultsError
        When there is none, or it is damaged.
    """
    from core.detectors import checkpoint
    from core.results.store import read_run

    return read_run(checkpoint.SHIPPED / "reference").verify()
