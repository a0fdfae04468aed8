"""Seconds that an explanation of a 10 s clip takes: ``python -m tests.benchmarks.bench_explain [CHECKPOINT...]``.

On two threads, warm, per detector and method, with the faithfulness check and without. Without checkpoints: every
registered network, untrained, which takes as long.
"""

import sys
import time

import numpy as np
import torch

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import load_detector
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.explain.base import explain, methods_for

SECONDS = 10


def speechlike() -> np.ndarray:
    """Noise with a voice's spectrum and syllables: times do not depend on what is said."""
    rng = np.random.default_rng(0)
    n = SECONDS * SAMPLE_RATE
    noise = np.cumsum(rng.normal(size=n)) * 0.01
    noise -= np.convolve(noise, np.ones(400) / 400, "same")
    syllables = 0.05 + np.abs(np.sin(2 * np.pi * 2 * np.arange(n) / SAMPLE_RATE))
    return (noise * syllables + rng.normal(0, 1e-3, n)).astype(np.float32)


def untrained(name: str) -> Detector:
    torch.manual_seed(0)
    return Detector(NETWORKS.get(name)(), Card(name=name, architecture=name, polarity=Polarity(how="untrained")))


def seconds(clip: Clip, detector: Detector, method: str, *, check: bool) -> float:
    start = time.perf_counter()
    explain(clip, detector, method, faithfulness=check)
    return time.perf_counter() - start


def main() -> None:
    torch.set_num_threads(2)
    clip = Clip("made up", speechlike(), DecodeRecord("-", "-", SAMPLE_RATE, 1, SECONDS, SECONDS))
    names = sys.argv[1:]
    detectors = [load_detector(name) for name in names] if names else map(untrained, NETWORKS.names())
    print(f"| detector | method (default first) | map and sentence, s | with its check, s | ({SECONDS} s clip)")
    for detector in detectors:
        detector.score(clip.waveform)
        for method in methods_for(detector):
            alone = seconds(clip, detector, method, faithfulness=False)
            whole = seconds(clip, detector, method, faithfulness=True)
            print(f"| {detector.name} | {method} | {alone:.2f} | {whole:.2f} |", flush=True)


if __name__ == "__main__":
    main()
