"""What a warm explanation with its faithfulness check costs in the tree that is on the path; one line of JSON.

``bench_explain --against`` runs it in two trees, so that it uses only what both have. Arguments: a waveform (.npy), and
the checkpoints; ``default`` is the tree's own default detector.
"""

import json
import sys
import time

import numpy as np
import torch

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.detectors.checkpoint import load_detector
from core.usecases import default_detector, explain_clip


def main() -> None:
    """Explain once to warm up and once for each measurement, and print the least of two."""
    torch.set_num_threads(2)
    waveform = np.load(sys.argv[1])
    seconds = len(waveform) / SAMPLE_RATE
    clip = Clip("made up", waveform, DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds))
    found = {}
    for asked in sys.argv[2:]:
        detector = load_detector(default_detector() if asked == "default" else asked)
        score = detector.score(waveform)
        explanation = explain_clip(clip, detector, score=score)
        times = []
        for _ in range(2):
            wall, cpu = time.perf_counter(), time.process_time()
            explanation = explain_clip(clip, detector, score=score)
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
        words = explanation.faithfulness.words.partition(":")[0] if explanation.faithfulness else "-"
        found[asked] = {
            "detector": detector.name, "method": explanation.method, "check": words,
            "wall_s": min(wall for wall, _ in times), "cpu_s": min(cpu for _, cpu in times),
        }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
