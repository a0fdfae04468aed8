"""What a person waits for: ``python -m tests.benchmarks.bench_page [FILE...]``.

Starts the page as ``make run`` does, opens it in a real browser and drops clips of 10 s in, one after another: seconds
until the page answers, until the verdict stands there, and from then until map, sentence and evidence do; and the
memory that the page holds before, after, and once the detectors outside of the panel have scored a clip as well.
Without files: stretches of 10 s of the recordings that Gradio ships. The first clip is told apart: it meets a cold
process.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from core.audio.decode import decode
from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, REPOSITORY, _free_port

SECONDS = 10
ROUNDS = 6
RECORDINGS = ("heath_ledger.mp3", "cate_blanch.mp3", "cate_blanch_2.mp3")
PATIENCE_MS = 120_000


def _as_a_person_starts(port: int) -> dict[str, str]:
    """Return the environment without what ``tests.conftest`` sets: the tests score by PyTorch."""
    return {**{key: value for key, value in os.environ.items() if key != "SPOOFSCOPE_ENGINE"}, "PORT": str(port)}


@contextmanager
def served() -> Iterator[tuple[str, float, int]]:
    """The page's address, how many seconds it took from the start of the process to the first answer, its process."""
    port = _free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard"], env=_as_a_person_starts(port), cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except OSError:
                time.sleep(0.05)
        yield url, time.perf_counter() - started, process.pid
    finally:
        process.terminate()
        process.wait()


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, in MB of 10^6 bytes; what its decoding children hold is not in it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) * 1024 / 1e6


def clips(folder: Path) -> list[Path]:
    """Stretches of 10 s of real speech, no two alike."""
    import gradio

    audio = Path(gradio.__file__).parent / "media_assets" / "audio"
    speech = np.concatenate([decode(audio / name).waveform for name in RECORDINGS])
    paths = []
    for number in range(ROUNDS):
        begin = number * len(speech) // ROUNDS
        paths.append(folder / f"clip {number}.wav")
        soundfile.write(paths[-1], np.roll(speech, -begin)[: SECONDS * 16_000], 16_000)
    return paths


def main() -> int:
    """Print a row a clip and the median of the warm ones."""
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as folder, served() as (url, start, pid), sync_playwright() as playwright:
        print(f"page served after {start:.1f} s")
        page = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS).new_page()
        page.set_default_timeout(PATIENCE_MS)
        print("| clip | verdict after, s | evidence after that, s |\n| --- | ---: | ---: |")
        rows = []
        for path in [Path(name) for name in sys.argv[1:]] or clips(Path(folder)):
            page.goto(url)
            # The example is analysed before anybody asks: it would compete with the first clip.
            page.locator(".ss-mark, .ss-remove:visible").first.wait_for()
            if not rows:
                print(f"| (memory before the first clip: {resident_mb(pid):,.0f} MB) | | |", flush=True)
            began = time.perf_counter()
            page.set_input_files("#ss-audio input[type=file]", str(path))
            page.locator(".ss-meta", has_text=path.name).wait_for()
            verdict = time.perf_counter()
            page.locator(".ss-receipt b").wait_for()
            rows.append((verdict - began, time.perf_counter() - verdict))
            print(f"| {path.name} | {rows[-1][0]:.2f} | {rows[-1][1]:.2f} |", flush=True)
        verdict, evidence = (statistics.median(column) for column in zip(*(rows[1:] or rows), strict=True))
        print(f"| median, warm | {verdict:.2f} | {evidence:.2f} |\n\nmemory after them: {resident_mb(pid):,.0f} MB")
        page.locator("#ss-others").click()
        page.get_by_role("button", name="All others are scored").wait_for(timeout=10 * PATIENCE_MS)
        print(f"memory after the others scored the last one too: {resident_mb(pid):,.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
