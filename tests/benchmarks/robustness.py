"""What bad recordings do to a detector: ``python -m tests.benchmarks.robustness CHECKPOINT... --manifest M --root R``.

The same development clips as they are, through a random codec, under noise, in a narrower band and in a room.
The name "panel" stands for the panel that ships.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.analysis.metrics import eer
from core.audio.decode import decode
from core.corpus.table import read_corpus
from core.detectors.checkpoint import load_detector
from core.panel import load_panel
from trainers.augment import augment
from trainers.recipe import Augmentation
from trainers.versions import PERTURBATIONS

VERSIONS = {"as they are": Augmentation(), **PERTURBATIONS}


def drawn(frame, per_class):
    """Return as many rows of each class, drawn with seed 0."""
    rng = np.random.default_rng(0)
    labels = frame["label"].to_numpy()
    rows = [rng.choice(np.flatnonzero(labels == label), per_class, replace=False) for label in ("bonafide", "spoof")]
    return np.sort(np.concatenate(rows))


def scorer(name):
    """Return what gives a waveform's log-likelihood ratio: a detector, or the panel that ships."""
    if name != "panel":
        detector = load_detector(name)
        return lambda waveform: detector.score(waveform).score
    panel = load_panel()

    def fused(waveform):
        return float(panel.llr({name: own.score for name, own in panel.score(waveform).items()}))

    return fused


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--per-class", type=int, default=120)
    asked = parser.parse_args()
    corpus = read_corpus(asked.manifest, asked.root)
    corpus = replace(corpus, frame=corpus.frame[corpus.frame["split"] == "dev"].reset_index(drop=True))
    rows = drawn(corpus.frame, asked.per_class)
    real = (corpus.frame["label"].iloc[rows] == "bonafide").to_numpy()
    clips = {row: decode(corpus.root / corpus.frame["path"].iloc[row]).waveform for row in rows}
    print("| detector | " + " | ".join(VERSIONS) + " |\n" + "| --- " * (len(VERSIONS) + 1) + "|")
    for name in asked.checkpoints:
        score, cells = scorer(name), []
        for settings in VERSIONS.values():
            changed = (augment(clips[row], settings, np.random.default_rng((5, row))) for row in rows)
            llr = np.array([score(wave) for wave in changed])
            rate = eer(llr[real], llr[~real]).rate
            cells.append(f"{100 * rate:.1f}; {100 * (llr[real] < 0).mean():.0f} / {100 * (llr[~real] > 0).mean():.0f}")
        print(f"| `{Path(name).name}` | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
