"""What a warm explanation with its faithfulness check costs in the tree that is on the path: a line of JSON a turn.

``bench_explain`` runs it in two trees at once and lets them measure in turns: for each line that comes in, everything
asked is explained once. It uses only what both trees have. Arguments: a waveform (.npy), and checkpoints; ``default``
is the detector whose map the tree's page shows unasked, ``command`` that of ``python -m core explain``.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import torch

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.detectors.checkpoint import load_detector
from core.usecases import analyse_clip, by_contribution, default_detector, explain_clip, load_panel


def asked_for(clip: Clip, asked: str) -> tuple[Any, Any]:
    """Return the detector that is meant, and its score of the clip."""
    if asked != "default":
        detector = load_detector(default_detector() if asked == "command" else asked)
        return detector, detector.score(clip.waveform)
    panel = load_panel()
    analysis = analyse_clip(clip, panel)
    try:
        from core.session import explained_first
    except ImportError:
        # Builds from before there was a choice showed the deciding member's.
        name = next(iter(by_contribution(analysis, panel)))
    else:
        name = explained_first(analysis, panel) or panel.members[0]
    detector = panel.detectors[name] if name in panel.detectors else load_detector(name)
    return detector, analysis.detectors.get(name)


def explained(clip: Clip, detector: Any, score: Any) -> dict[str, Any]:
    """Explain once; return by which method, with what outcome, and at what cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    explanation = explain_clip(clip, detector, score=score)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    words = str(explanation.faithfulness or "-").partition(":")[0]
    return {
        "detector": detector.name, "method": explanation.method, "check": words, "wall_s": wall, "cpu_s": cpu
    }  # fmt: skip


def main() -> None:
    """Warm up, then measure once for each line that comes in."""
    torch.set_num_threads(2)
    waveform = np.load(sys.argv[1])
    seconds = len(waveform) / SAMPLE_RATE
    clip = Clip("made up", waveform, DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds))
    subjects = {asked: asked_for(clip, asked) for asked in sys.argv[2:]}
    warm = {asked: explained(clip, *subject) for asked, subject in subjects.items()}
    print(json.dumps(warm), flush=True)
    for _ in sys.stdin:
        found = {asked: explained(clip, *subject) for asked, subject in subjects.items()}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
