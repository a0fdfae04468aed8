"""What the limits of ``core/caution.py`` rest on: ``python -m tests.benchmarks.caution_figures --manifest M --root R``.

First, how often the panel's verdict on a short piece is the opposite of that on the whole clip, by seconds of speech.
Then minutes joined of real clips, plain and with a spoof in their midst: of those that are *probably bona fide* as a
whole, how many their worst seconds make *not sure*, by the length of these seconds.
"""

import argparse
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.verdict import BONAFIDE, SPOOFED
from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.decode import decode
from core.caution import worst_seconds
from core.corpus.table import read_corpus
from core.panel import Panel, load_panel
from core.usecases import Analysis, analyse_clip

PIECE_S = (0.4, 2.0)
SPEECH_S = (0.25, 0.5, 0.75, 1.0, 1.5, float("inf"))
LENGTHS_S = (3.0, 4.0, 5.0, 6.0, 8.0)
JOINED = 20
Sound = NDArray[np.float32]


def analysed(waveform: Sound, panel: Panel) -> Analysis:
    """Return what the page would make of a waveform."""
    seconds = len(waveform) / SAMPLE_RATE
    return analyse_clip(Clip("piece", waveform, DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds)), panel)


def opposite(one: str, other: str) -> bool:
    """Return whether one verdict is *probably spoofed* and the other *probably bona fide*."""
    return {one, other} == {SPOOFED, BONAFIDE}


def by_speech(pieces: Iterable[tuple[float, bool]]) -> list[tuple[str, int, int]]:
    """Return, for each range of seconds of speech, how many pieces have it and how many verdicts turned round."""
    found = list(pieces)
    rows = []
    for low, high in pairwise(SPEECH_S):
        turned = [wrong for speech_s, wrong in found if low <= speech_s < high]
        rows.append((f"{low:g} to {high:g} s", len(turned), sum(turned)))
    return rows


def downgraded(minutes: Sequence[Analysis], length_s: float) -> tuple[int, int]:
    """Return how many are *probably bona fide* as a whole, and how many of them their worst seconds contradict."""
    plain = [one for one in minutes if one.decision.verdict(one.score) == BONAFIDE]
    return len(plain), sum(worst_seconds(one.timeline, length_s).score < one.decision.spoof_below for one in plain)


def joined(real: Sequence[Sound], spoofs: Sequence[Sound], count: int, rng: np.random.Generator) -> list[Sound]:
    """Return minutes of real clips set end to end, each with one of the spoofs in its midst where there are some."""
    minutes = []
    for number in range(count):
        parts = [real[at] for at in rng.choice(len(real), min(JOINED, len(real)), replace=False)]
        if len(spoofs):
            parts.insert(len(parts) // 2, spoofs[number % len(spoofs)])
        minutes.append(np.concatenate(parts)[: 60 * SAMPLE_RATE])
    return minutes


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--clips", type=int, default=56, help="half of each class")
    parser.add_argument("--minutes", type=int, default=10)
    asked = parser.parse_args()
    corpus = read_corpus(asked.manifest, asked.root, split=asked.split)
    rng, panel = np.random.default_rng(0), load_panel()
    sounds: dict[str, list[Sound]] = {}
    for label, rows in corpus.frame.groupby("label"):
        chosen = rows.sample(min(len(rows), max(JOINED, asked.clips // 2)), random_state=0)
        sounds[str(label)] = [decode(corpus.root / path).waveform for path in chosen["path"]]
    pieces = []
    for whole in (clip for own in sounds.values() for clip in own[: asked.clips // 2]):
        verdict = panel.decision.verdict(analysed(whole, panel).score)
        length = min(len(whole), round(rng.uniform(*PIECE_S) * SAMPLE_RATE))
        start = int(rng.integers(len(whole) - length + 1))
        piece = analysed(whole[start : start + length], panel)
        pieces.append((piece.speech_s, opposite(verdict, panel.decision.verdict(piece.score))))
    print("| speech in the piece | pieces | verdict turned round |\n| --- | ---: | ---: |")
    for words, n, turned in by_speech(pieces):
        print(f"| {words} | {n} | {turned} |")
    genuine = [analysed(one, panel) for one in joined(sounds["bonafide"], [], asked.minutes, rng)]
    spliced = [analysed(one, panel) for one in joined(sounds["bonafide"], sounds["spoof"], 2 * asked.minutes, rng)]
    print("\n| worst seconds | genuine minutes made not sure | spliced minutes made not sure |\n| --- | ---: | ---: |")
    for length_s in LENGTHS_S:
        (n_real, real), (n_fake, fake) = (downgraded(minutes, length_s) for minutes in (genuine, spliced))
        print(f"| {length_s:g} s | {real} of {n_real} | {fake} of {n_fake} |")


if __name__ == "__main__":
    main()
