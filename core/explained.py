"""What one detector's score of one recording rests on: what ``python -m core explain`` and the endpoint return."""

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.audio.clip import Clip
    from core.detectors.detector import Detector
    from core.explain.base import Explanation
    from core.usecases import Analysis

__all__ = ["Explained", "explain_by", "plain"]


@dataclass(frozen=True)
class Explained:
    """A recording as one detector scores it, and why.

    Attributes
    ----------
    analysis : Analysis
        By a panel of that detector alone.
    explanation : Explanation
        It names no place where nobody speaks.
    """

    analysis: "Analysis"
    explanation: "Explanation"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values, but for the map itself."""
        analysis, explanation = self.analysis, self.explanation
        score = explanation.score
        return {
            "path": analysis.path, "detector": explanation.detector, "method": explanation.method,
            "target": explanation.target, "p_spoof": score.p_spoof, "score": score.score, "verdict": analysis.verdict,
            "note": analysis.note, "padded_s": score.padded_s, "sentence": explanation.sentence,
            "axes": list(explanation.axes), "regions": [plain(region) for region in explanation.regions],
            "faithfulness": plain(explanation.faithfulness), "decode": analysis.clip.record.to_json(),
        }  # fmt: skip


def explain_by(detector: "Detector", clip: "Clip", method: str | None = None, *, path: str) -> Explained:
    """Score a clip by one detector and explain that score.

    Parameters
    ----------
    detector : Detector
    clip : Clip
    method : str, optional
        The detector's default where none is given.
    path : str
        What to call the clip in the answer.

    Raises
    ------
    ExplanationError, UnknownNameError
        As ``core.usecases.explain_clip`` does.
    """
    from core.panel import Panel
    from core.usecases import analyse_clip, explain_clip

    analysis = analyse_clip(clip, Panel({detector.name: detector}), path=path)
    explanation = explain_clip(clip, detector, method, score=analysis.detectors[detector.name])
    if analysis.verdict is None:
        # What a detector responds to in noise or silence is no evidence.
        explanation = replace(explanation, regions=(), sentence=analysis.note)
    return Explained(analysis, explanation)


def plain(record: Any) -> Any:
    """Return a dataclass as JSON values; None stays None."""
    if record is None:
        return None
    return json.loads(json.dumps(asdict(record), default=lambda value: np.asarray(value).tolist()))
