"""Size and time of a case of a 10 s clip: ``python -m tests.benchmarks.bench_case [--runs 5]``.

Scored, explained and written by the panel that ships, on two threads, once everything is loaded; then verified with the
recording. Time computed is what a busy machine lengthens least; the least of some runs is printed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")

import soundfile

from core.audio.clip import SAMPLE_RATE
from core.case import Context, verify_case, write_case
from core.case.archive import unpack
from core.panel import load_panel
from tests.benchmarks.bench_explain import spoof, voice

__all__ = ["line"]


def timed(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the least seconds by the clock and computed, of some runs after one that loads."""
    work()
    found = []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def line(what: str, seconds: tuple[float, float]) -> str:
    """Return one line: what was done, by the clock and computed."""
    wall, cpu = seconds
    return f"{what}: {wall:.2f} s by the clock, {cpu:.2f} s computed"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, help="of a voice; one that comes with Gradio if not given")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip, case = Path(folder) / "clip.wav", Path(folder) / "case.zip"
        soundfile.write(clip, spoof(asked.recording or voice()), SAMPLE_RATE, subtype="PCM_16")
        context = Context(load_panel(others=True))
        print(line("written", timed(lambda: write_case([clip], case, context=context), asked.runs)))
        print(line("verified, the recording given", timed(lambda: verify_case(case, clip, context=context), 1)))
        print(line("verified without it", timed(lambda: verify_case(case), asked.runs)))
        report = unpack(case.read_bytes())["case/report.html"]
        print(f"case {case.stat().st_size / 1e6:.2f} MB, of it the report {len(report) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
