"""What the page, the command line and the API all ask for: one layer, so that they cannot differ."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.audio.clip import Clip, DecodeRecord
from core.detectors import checkpoint
from core.detectors.detector import ClipScore, Detector, WindowScore, score_together
from core.errors import AudioError
from core.explain.reconstruction import Reconstruction, reconstruct_clip
from core.panel import Fusion, Panel, default_detector, load_panel

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.results.store import Run

__all__ = [
    "Analysis",
    "DetectorResult",
    "Fusion",
    "Panel",
    "PanelScore",
    "Reconstruction",
    "analyse_clip",
    "analyse_file",
    "default_detector",
    "evidence",
    "explain_clip",
    "load_panel",
    "locate_clip",
    "reconstruct_clip",
    "reference_run",
    "refusal",
    "with_faithfulness",
]

_CELL_S = 1.0


@dataclass(frozen=True)
class DetectorResult:
    """What one detector says of a clip; ``calibrated`` is false where ``score`` is no measured likelihood ratio."""

    name: str
    raw: float
    score: float
    p_spoof: float
    verdict: str
    decision: Decision
    windows: tuple[WindowScore, ...]
    embedding: NDArray[np.float32]
    calibrated: bool
    padded_s: float = 0.0

    def to_json(self, *, raw: bool = False) -> dict[str, Any]:
        """Return the result as plain JSON values; ``raw`` gives the network's own bona fide output as scores."""
        return {
            "p_spoof": self.p_spoof,
            "score": self.raw if raw else self.score,
            "verdict": self.verdict,
            "calibrated": self.calibrated,
            "windows": [
                {"start_s": w.start_s, "end_s": w.end_s, "score": w.raw if raw else w.score} for w in self.windows
            ],
        }


@dataclass(frozen=True)
class PanelScore:
    """The panel's score of a piece of the clip, ``start_s`` to ``end_s``; pieces do not overlap."""

    start_s: float
    end_s: float
    score: float

    @property
    def p_spoof(self) -> float:
        """Probability of spoof at a prior of 0.5."""
        return float(p_spoof(self.score))


@dataclass(frozen=True)
class Analysis:
    """What the panel says of one clip.

    Attributes
    ----------
    clip : Clip
    path : str
        As the person gave it.
    record : DecodeRecord
        How the clip was decoded, and the most seconds that a detector filled up.
    score, p_spoof, verdict, decision
        The panel's.
    detectors : dict of str to DetectorResult
    timeline : tuple of PanelScore
        Pieces of about one second that cover the clip, each scored by the windows that heard it.
    """

    clip: Clip
    path: str
    record: DecodeRecord
    score: float
    p_spoof: float
    verdict: str
    decision: Decision
    detectors: dict[str, DetectorResult]
    timeline: tuple[PanelScore, ...]

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
            "verdict": self.verdict,
            "score": score,
            "detectors": {name: result.to_json(raw=raw) for name, result in self.detectors.items()},
            "decode": self.record.to_json(),
            "error": None,
        }


def refusal(path: str, error: AudioError) -> dict[str, Any]:
    """Return the JSON object of a file that cannot be heard: the keys of ``Analysis.to_json``, and why."""
    empty: dict[str, Any] = dict.fromkeys(("p_spoof", "verdict", "score"))
    return {"path": path, **empty, "detectors": {}, "decode": None, "error": str(error)}


def analyse_clip(clip: Clip, panel: Panel, *, path: str | None = None) -> Analysis:
    """Score a clip with every detector of a panel, side by side where there are several cores.

    Parameters
    ----------
    clip : Clip
    panel : Panel
    path : str, optional
        What to call the clip in the answer; its path, or else its name.
    """
    said = score_together(list(panel.detectors.values()), clip.waveform)
    results = {n: _result(d, score) for (n, d), score in zip(panel.detectors.items(), said, strict=True)}
    score = float(panel.llr({name: result.score for name, result in results.items()}))
    padded = max(result.padded_s for result in results.values())
    return Analysis(
        clip=clip,
        path=path if path is not None else str(clip.path or clip.name),
        record=clip.record.with_padding(padded),
        score=score,
        p_spoof=float(p_spoof(score)),
        verdict=panel.decision.verdict(score),
        decision=panel.decision,
        detectors=results,
        timeline=_timeline(results, panel, clip.duration_s),
    )


def analyse_file(path: Path | str, panel: Panel, *, name: str | None = None) -> Analysis:
    """Decode a recording and analyse it.

    Parameters
    ----------
    path : Path or str
    panel : Panel
    name : str, optional
        What the person called the file, where ``path`` is a copy under another name.

    Raises
    ------
    AudioError
        When the file cannot be heard; one sentence that says why.
    """
    from core.audio.decode import decode

    clip = decode(Path(path), name=name)
    return analyse_clip(clip, panel, path=name if name is not None else str(path))


def _result(detector: Detector, said: ClipScore) -> DetectorResult:
    return DetectorResult(
        name=detector.name,
        raw=said.raw,
        score=said.score,
        p_spoof=said.p_spoof,
        verdict=detector.card.decision.verdict(said.score),
        decision=detector.card.decision,
        windows=said.windows,
        embedding=said.embedding,
        calibrated=detector.card.calibration is not None,
        padded_s=said.padded_s,
    )


def _timeline(results: Mapping[str, DetectorResult], panel: Panel, duration_s: float) -> tuple[PanelScore, ...]:
    # Detectors hear windows of different lengths; pieces of one second are a grid that all of them share.
    edges = np.linspace(0.0, duration_s, max(1, round(duration_s / _CELL_S)) + 1)
    scores = panel.llr({name: _on_grid(result.windows, edges) for name, result in results.items()})
    return tuple(
        PanelScore(float(start), float(end), float(score))
        for start, end, score in zip(edges, edges[1:], scores, strict=False)
    )


def _on_grid(windows: Sequence[WindowScore], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean score of the windows over each piece, weighted by the seconds they share with it."""
    starts, ends, scores = (np.array([getattr(w, key) for w in windows]) for key in ("start_s", "end_s", "score"))
    shared = np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
    weights = np.maximum(shared, 1e-12)
    return np.asarray((weights * scores[:, None]).sum(0) / weights.sum(0))


def explain_clip(
    clip: Clip, detector: Detector, method: str | None = None, *, faithfulness: bool = True
) -> "Explanation":
    """Return what made a detector's score, on the clip's spectrogram.

    Parameters
    ----------
    clip : Clip
    detector : Detector
    method : str, optional
        The detector's default where none is given.
    faithfulness : bool
        Also test whether the detector relies on what the explanation marks.

    Raises
    ------
    ExplanationError, UnknownNameError
        When the detector cannot be explained by that method, or there is no such method.
    """
    from core.explain.base import default_method, explain

    chosen = method if method is not None else default_method(detector)
    return explain(clip, detector, chosen, faithfulness=faithfulness)


def with_faithfulness(clip: Clip, detector: Detector, explanation: "Explanation") -> "Explanation":
    """Return an explanation with the test of whether the detector relies on what it marks."""
    from core.explain.faithfulness import check_faithfulness
    from core.explain.inspection import Inspection

    checked = check_faithfulness(Inspection(clip.waveform, detector), explanation.attribution)
    return replace(explanation, faithfulness=checked)


def evidence(clip: Clip, explanation: "Explanation") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the marked region and the rest as waveforms [shape=(n,)] that add up to the clip."""
    from core.explain.base import hear

    marked, rest = hear(clip.waveform, explanation)
    return marked, rest


def reference_run() -> "Run":
    """Return the run that ships with the checkpoints.

    Raises
    ------
    ResultsError
        When there is none, or it is damaged.
    """
    from core.results.store import read_run

    return read_run(checkpoint.SHIPPED / "reference")


def locate_clip(run: "Run", clip_path: str) -> Path | None:
    """Return the recording of one of a run's clips, where its corpus is on this machine.

    No recording ships. They are looked for under ``$SPOOFSCOPE_CORPUS``; a path that is not in the run is never
    opened.
    """
    root = os.environ.get("SPOOFSCOPE_CORPUS")
    if not root or clip_path not in run.paths:
        return None
    folder = Path(root).resolve()
    path = (folder / clip_path).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
