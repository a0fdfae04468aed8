"""How much memory and time a long recording takes: ``python -m tests.benchmarks.bench_long FILE``.

Prints the peak of this process' memory above what it was with the panel loaded, as a multiple of the samples' own room,
and how many times faster than the recording it was scored.
"""

import argparse
import threading
import time
from pathlib import Path

import numpy as np

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.excerpt import decode_long
from core.overview import overview
from core.usecases import analyse_clip, load_panel

_EVERY_S = 0.02


def main() -> None:
    """Score the file as the page does, and print the two ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    panel = load_panel()
    analyse_clip(_noise(), panel)
    before, peak, done = _resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_S):
            peak[0] = max(peak[0], _resident())

    threading.Thread(target=watch, daemon=True).start()
    began = time.perf_counter()
    clip = decode_long(parser.parse_args().file)
    decoded = time.perf_counter()
    found = overview(analyse_clip(clip, panel))
    ended = time.perf_counter()
    done.set()
    length_s, bytes_ = found.duration_s, clip.waveform.nbytes
    print(f"{length_s / 60:.1f} min: {found.verdict}, P(spoof) {found.p_spoof:.2f}, {len(found.segments)} marked")
    print(f"memory: {(peak[0] - before) / bytes_:.2f} times the samples ({bytes_ / 1e6:.0f} MB)")
    speeds = length_s / (decoded - began), length_s / (ended - decoded)
    print("decoded {:.0f}, scored {:.0f} times as fast as it lasts".format(*speeds))


def _noise() -> Clip:
    wave = np.random.default_rng(0).normal(0, 0.1, 4 * SAMPLE_RATE).astype(np.float32)
    return Clip("noise", wave, DecodeRecord("", "", SAMPLE_RATE, 1, 4.0, 4.0))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return 4096 * pages


if __name__ == "__main__":
    main()
