"""What the page, the command line and the API all ask for: one layer, so that they cannot differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.verdict import Decision
from core.audio.clip import Clip
from core.detectors import checkpoint
from core.detectors.detector import Detector, score_together
from core.detectors.score import ClipScore, WindowScore
from core.errors import AudioError
from core.explain.reconstruction import Reconstruction, reconstruct_clip
from core.panel import Fusion, Panel, default_detector, load_panel
from core.settings import CORPUS

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.results.store import Run

__all__ = [
    "Analysis",
    "Fusion",
    "Panel",
    "Reconstruction",
    "analyse_clip",
    "analyse_file",
    "default_detector",
    "explain_clip",
    "load_panel",
    "locate_clip",
    "reconstruct_clip",
    "reference_run",
    "refusal",
]

_CELL_S = 1.0


@dataclass(frozen=True)
class Analysis:
    """What the panel predicts for one clip.

    Attributes
    ----------
    clip : Clip
    path : str
        As the person gave it.
    score, p_spoof, verdict, decision
        The panel's.
    detectors : dict of str to ClipScore
    timeline : tuple of WindowScore
        Pieces of about one second that cover the clip, each scored by the windows that share it.
    """

    clip: Clip
    path: str
    score: float
    verdict: str
    decision: Decision
    detectors: dict[str, ClipScore]
    timeline: tuple[WindowScore, ...]

    @property
    def p_spoof(self) -> float:
        """Probability of spoof at a prior of 0.5."""
        return float(p_spoof(self.score))

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
            "verdict": self.verdict,
            "score": score,
            "detectors": {name: result.to_json(raw=raw) for name, result in self.detectors.items()},
            "decode": self.clip.record.to_json(),
            "error": None,
        }


def refusal(path: str, error: AudioError) -> dict[str, Any]:
    """Return the JSON object of a file that cannot be read: the keys of ``Analysis.to_json``, and why."""
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
    scores = dict(zip(panel.detectors, score_together(list(panel.detectors.values()), clip.waveform), strict=True))
    score = float(panel.llr({name: own.score for name, own in scores.items()}))
    return Analysis(
        clip=clip,
        path=path if path is not None else str(clip.path or clip.name),
        score=score,
        verdict=panel.decision.verdict(score),
        decision=panel.decision,
        detectors=scores,
        timeline=_timeline(scores, panel, clip.duration_s),
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
        When the file cannot be read; one sentence that says why.
    """
    from core.audio.decode import decode

    clip = decode(Path(path), name=name)
    return analyse_clip(clip, panel, path=name if name is not None else str(path))


def _timeline(scores: Mapping[str, ClipScore], panel: Panel, duration_s: float) -> tuple[WindowScore, ...]:
    # Detectors take windows of different lengths; pieces of one second are a grid that all of them share.
    edges = np.linspace(0.0, duration_s, max(1, round(duration_s / _CELL_S)) + 1)
    fused = panel.llr({name: _on_grid(own.windows, edges) for name, own in scores.items()})
    return tuple(
        WindowScore(float(start), float(end), float(score))
        for start, end, score in zip(edges, edges[1:], fused, strict=False)
    )


def _on_grid(windows: Sequence[WindowScore], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean score of the windows over each piece, weighted by the seconds they share with it."""
    starts, ends, scores = (np.array([getattr(w, key) for w in windows]) for key in ("start_s", "end_s", "score"))
    shared = np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
    weights = np.maximum(shared, 1e-12)
    return np.asarray((weights * scores[:, None]).sum(0) / weights.sum(0))


def explain_clip(
    clip: Clip, detector: Detector, method: str | None = None, *, score: ClipScore | None = None,
    faithfulness: bool = True,
) -> "Explanation":  # fmt: skip
    """Return what made a detector's score, on the clip's spectrogram.

    Parameters
    ----------
    clip : Clip
    detector : Detector
    method : str, optional
        The detector's default where none is given.
    score : ClipScore, optional
        The detector's score of the clip, where it is known already (``Analysis.detectors``).
    faithfulness : bool
        Also test whether the detector relies on what the explanation marks; ``core.explain.base.with_faithfulness``
        can do it later.

    Raises
    ------
    ExplanationError, UnknownNameError
        When the detector cannot be explained by that method, or there is no such method.
    """
    from core.explain.base import default_method, explain

    chosen = method if method is not None else default_method(detector)
    return explain(clip, detector, chosen, score=score, faithfulness=faithfulness)


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
    root = CORPUS.read()
    if not root or clip_path not in run.paths:
        return None
    folder = Path(root).resolve()
    path = (folder / clip_path).resolve()
    return path if path.is_relative_to(folder) and path.is_file() else None
