"""Do explanations find planted evidence? ``python -m tests.benchmarks.explanation_sanity --checkpoint cnn2d-lfcc``.

Into real bona fide clips, something is planted whose place is known: *second*, one second of the same utterance from
a vocoder; *patch*, the same between 2 and 6 kHz alone; *tones*, a second of eleven steady tones between 5 and 6 kHz.
The factor is the share of the positive attribution that lies inside, divided by the share of the area: 1 is chance.
``detected`` counts the clips whose score fell by the planting: what a detector does not score as spoof, evidence for it
cannot show. So ``signed`` is the same factor for the attribution of that sign in which the planting moved the score of
each clip. ``control`` is the factor of the same place before planting. Intervals are percentile bootstraps of the mean
over clips. Only ``train`` and ``dev`` are used, so that choosing a method costs nothing of ``eval``.
docs/explanations.md has more, and the table, which ``--write docs/explanations.md`` fills.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import torch
from scipy.signal import butter, correlate, sosfiltfilt

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.edit import apply_mask, grid_freqs_hz, grid_times_s
from core.detectors.checkpoint import load_detector, shipped
from core.detectors.detector import Detector
from core.explain.base import Explanation, explain, methods_for
from core.files import write_text
from tests.benchmarks.sanity_table import Found, estimate, markdown, merged

# Same words at the same pace as the recording they were made from.
SYSTEMS = ("world", "griffinlim", "mcep-mlsa", "neural-istft", "neural-codec", "neural-multiband", "neural-transposed")
PLANTS = ("second", "patch", "tones")
PATCH_HZ, TONES_HZ = (2000, 6000), (5000, 6000)
FADE = 160


@dataclass(frozen=True)
class Plant:
    """A clip before and after planting, and the place: seconds and hertz."""

    before: np.ndarray
    after: np.ndarray
    start_s: float
    end_s: float
    low_hz: float
    high_hz: float


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


def aligned(real: np.ndarray, spoof: np.ndarray) -> np.ndarray | None:
    """The spoofed version moved onto the real one and as loud; None where they do not fit together."""

    def envelope(waveform: np.ndarray) -> np.ndarray:
        found = sosfiltfilt(butter(2, 40, fs=SAMPLE_RATE, output="sos"), np.abs(waveform))
        return found - found.mean()

    a, b = envelope(real), envelope(spoof)
    found = correlate(a, b, method="fft")
    lag = int(found.argmax()) - (len(b) - 1)
    if found.max() < 0.7 * np.linalg.norm(a) * np.linalg.norm(b) or abs(lag) > SAMPLE_RATE // 5:
        return None
    moved = np.zeros_like(real)
    source = spoof[max(0, -lag) :][: len(real) - max(0, lag)]
    moved[max(0, lag) : max(0, lag) + len(source)] = source
    return moved * (real.std() / max(float(moved.std()), 1e-9))


def fade(n: int, start: int, stop: int) -> np.ndarray:
    gain = np.zeros(n, np.float32)
    gain[start:stop] = 1
    ramp = np.linspace(0, 1, FADE, dtype=np.float32)
    gain[start : start + FADE], gain[stop - FADE : stop] = ramp, ramp[::-1]
    return gain


def plant(kind: str, real: np.ndarray, spoof: np.ndarray, rng: np.random.Generator) -> Plant:
    middle = len(real) // 2
    start = middle - SAMPLE_RATE // 2
    gain = fade(len(real), start, start + SAMPLE_RATE)
    low, high = {"second": (0, 8000), "patch": PATCH_HZ, "tones": TONES_HZ}[kind]
    if kind == "tones":
        phases = 2 * np.pi * np.arange(TONES_HZ[0], TONES_HZ[1] + 1, 100)[:, None] * np.arange(len(real)) / SAMPLE_RATE
        tones = np.cos(phases + rng.uniform(0, 2 * np.pi, (len(phases), 1))).sum(0)
        after = real + gain * tones * (0.3 * real.std() / tones.std())
    elif kind == "patch":
        hz = grid_freqs_hz()
        inside = ((hz >= low) & (hz <= high))[:, None] * np.ones(1 + len(real) // 160)
        after = real + gain * apply_mask((spoof - real).astype(np.float32), inside)
    else:
        after = (1 - gain) * real + gain * spoof
    return Plant(real, after.astype(np.float32), start / SAMPLE_RATE, start / SAMPLE_RATE + 1, low, high)


def pairs(root: Path, split: str, count: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield real clips of 2.3 to 4.5 s and their vocoded versions, systems in turn."""
    rows = pd.read_csv(root / "manifest.csv")
    rows = rows[(rows.split == split) & (rows.part == "made") & rows.seconds.between(2.3, 4.5)]
    real = {Path(path).name: path for path in rows[rows.label == "bonafide"].path}
    spoofs = rows[rows.system.isin(SYSTEMS)].sample(frac=1, random_state=seed)
    spoofs = spoofs[[Path(path).name in real for path in spoofs.path]]
    spoofs = spoofs.assign(turn=spoofs.groupby("system").cumcount()).sort_values(["turn", "system"])
    used: set[str] = set()
    for path in spoofs.path:
        name = Path(path).name
        if len(used) == count:
            return
        if name not in used:
            waveform = read(root / real[name])
            moved = aligned(waveform, read(root / path))
            if moved is not None:
                used.add(name)
                yield waveform, moved


def factor(explanation: Explanation, place: Plant, sign: float = 1.0) -> float:
    times, hz = grid_times_s(explanation.attribution.shape[1]), grid_freqs_hz()
    columns = (times >= place.start_s) & (times < place.end_s)
    inside = ((hz >= place.low_hz) & (hz <= place.high_hz))[:, None] & columns
    positive = np.maximum(sign * explanation.attribution, 0)
    return float(positive[inside].sum() / max(positive.sum(), 1e-12) / inside.mean())


def as_clip(waveform: np.ndarray) -> Clip:
    seconds = len(waveform) / SAMPLE_RATE
    return Clip("planted", waveform, DecodeRecord("flac", "pcm", SAMPLE_RATE, 1, seconds, seconds))


def search(
    detector: Detector, kind: str, plants: list[Plant], methods: list[str], asked: argparse.Namespace
) -> Iterator[Found]:
    moves = np.array([detector.score(p.after).score - detector.score(p.before).score for p in plants])
    for method in methods:
        found = [explain(as_clip(p.after), detector, method, faithfulness=asked.faithfulness) for p in plants]
        inside = np.array([factor(e, p) for e, p in zip(found, plants, strict=True)])
        signed = np.array([factor(e, p, -np.sign(m)) for e, p, m in zip(found, plants, moves, strict=True)])
        control = faithful = None
        if asked.control:
            before = [explain(as_clip(p.before), detector, method, faithfulness=False) for p in plants]
            control = float(np.mean([factor(e, p) for e, p in zip(before, plants, strict=True)]))
        if asked.faithfulness:
            faithful = sum(e.faithfulness.faithful for e in found if e.faithfulness)
        yield Found(
            detector.name, method, kind, len(plants), int((moves < 0).sum()), float(moves.mean()), estimate(inside),
            estimate(signed), control, faithful,
        )  # fmt: skip


def measure(asked: argparse.Namespace) -> Iterator[Found]:
    chosen = list(pairs(Path(asked.root), asked.split, asked.clips, asked.seed))
    for name in asked.checkpoint or shipped():
        detector = load_detector(name)
        methods = [m for m in methods_for(detector) if not asked.method or m in asked.method]
        for kind in asked.plant or PLANTS:
            rng = np.random.default_rng(asked.seed)
            plants = [plant(kind, real, spoof, rng) for real, spoof in chosen]
            yield from search(detector, kind, plants, methods, asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", action="append", help="name or folder; all that ship if not given")
    parser.add_argument("--method", action="append", help="all that fit if not given")
    parser.add_argument("--plant", action="append", choices=PLANTS)
    parser.add_argument("--root", type=Path, default=os.environ.get("SPOOFSCOPE_CORPUS") or Path("../shared/corpus"))
    parser.add_argument("--split", choices=["train", "dev"], default="dev")
    parser.add_argument("--clips", type=int, default=14)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faithfulness", action="store_true", help="also count how many maps are faithful")
    parser.add_argument("--control", action="store_true", help="also explain the clips before planting")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table in the end")
    parser.add_argument("--write", type=Path, help="put the rows into the table of this file, beside those of others")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if asked.write:
        # Before minutes are spent: can it be written?
        merged(asked.write.read_text(encoding="utf-8"), [])
    rows = []
    for found in measure(asked):
        rows.append(found)
        print("  ".join(found.cells()), file=sys.stderr if asked.markdown else sys.stdout, flush=True)
        if asked.write:
            # Row by row, so that a long run that is ended keeps what it found.
            write_text(asked.write, merged(asked.write.read_text(encoding="utf-8"), [found]))
    if asked.markdown:
        print(markdown(found.cells() for found in rows))


if __name__ == "__main__":
    main()
