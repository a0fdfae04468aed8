"""What a person waits for: ``python -m tests.benchmarks.bench_page [FILE...] [--against COMMIT_OR_FOLDER]``.

Starts the page as ``make run`` does, opens it in a real browser and drops clips of 10 s in, one after another: seconds
until the page answers, until the verdict stands there, and from then until map, sentence and evidence do; and the
memory that the page holds before and after.
Without files: stretches of 10 s of the recordings that Gradio ships. The first clip is told apart: it meets a cold
process. With another build, a commit or the folder of a checkout (with another panel, say), each clip is dropped into
both pages in turn, so that a busy machine troubles both alike.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from core.audio.decode import decode
from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, REPOSITORY, _free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = 10
ROUNDS = 6
RECORDINGS = ("heath_ledger.mp3", "cate_blanch.mp3", "cate_blanch_2.mp3")
PATIENCE_MS = 120_000


def _as_a_person_starts(port: int) -> dict[str, str]:
    """Return the environment without what ``tests.conftest`` sets: the tests score by PyTorch."""
    return {**{key: value for key, value in os.environ.items() if key != "SPOOFSCOPE_ENGINE"}, "PORT": str(port)}


@contextmanager
def checkout(commit_or_folder: str) -> Iterator[Path]:
    """The folder of another build; a commit is checked out for a while."""
    if Path(commit_or_folder).is_dir():
        yield Path(commit_or_folder).resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        add = ["git", "worktree", "add", "-q", "--detach", str(tree), commit_or_folder]
        subprocess.run(add, cwd=REPOSITORY, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=REPOSITORY, check=True)


@contextmanager
def served(tree: Path = REPOSITORY) -> Iterator[tuple[str, float, int]]:
    """The page's address, how many seconds it took from the start of the process to the first answer, its process."""
    port = _free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard"], env=_as_a_person_starts(port), cwd=tree,
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


# Two frames after the words are in the document they are painted; a script's own clock is not held up by the test's.
_WATCH = """name => {
  const shown = {}, painted = (what) => requestAnimationFrame(() => requestAnimationFrame(() => {
    shown[what] ??= performance.now();
  }));
  document.querySelector('#ss-audio input[type=file]').addEventListener('change', () => {
    shown.dropped ??= performance.now();
  }, { capture: true });
  new MutationObserver(() => {
    if (document.querySelector('.ss-meta')?.textContent.includes(name)) painted('verdict');
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  window.shown = shown;
}"""


def drop(page: "Page", url: str, path: Path) -> tuple[float, float]:
    """Drop a clip in; return the seconds until the verdict is painted, and from then until the evidence is."""
    page.goto(url)
    # The example is analysed and drawn before anybody asks: it would compete with the clip.
    page.locator(".ss-receipt b").wait_for()
    page.wait_for_timeout(2_000)
    page.evaluate(_WATCH, path.name)
    page.set_input_files("#ss-audio input[type=file]", str(path))
    page.locator(".ss-meta", has_text=path.name).wait_for()
    page.locator(".ss-receipt b").wait_for()
    page.wait_for_function("() => window.shown.verdict")
    dropped, verdict, evidence = page.evaluate("() => [shown.dropped, shown.verdict, performance.now()]")
    return (verdict - dropped) / 1000, (evidence - verdict) / 1000


def measure(page: "Page", urls: dict[str, str], paths: list[Path]) -> dict[str, list[tuple[float, float]]]:
    """Print and return the seconds of each clip in each build, the builds in turn."""
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in urls}
    print("| clip | build | verdict after, s | evidence after that, s |\n| --- | --- | ---: | ---: |")
    for path in paths:
        for name, url in urls.items():
            rows[name].append(drop(page, url, path))
            print(f"| {path.name} | {name} | {rows[name][-1][0]:.2f} | {rows[name][-1][1]:.2f} |", flush=True)
    for name, taken in rows.items():
        verdict, evidence = (statistics.median(column) for column in zip(*(taken[1:] or taken), strict=True))
        print(f"| median, warm | {name} | {verdict:.2f} | {evidence:.2f} |")
    return rows


def main() -> int:
    """Print a row a clip and build, the medians of the warm ones, and how the builds compare."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--against", help="a commit, or the folder of another checkout")
    asked = parser.parse_args()
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trees = {"here": REPOSITORY}
        if asked.against:
            trees[asked.against] = stack.enter_context(checkout(asked.against))
        pages = {name: stack.enter_context(served(tree)) for name, tree in trees.items()}
        for name, (_, start, pid) in pages.items():
            print(f"{name}: served after {start:.1f} s, {resident_mb(pid):,.0f} MB then")
        chromium = stack.enter_context(sync_playwright()).chromium
        page = chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS).new_page()
        page.set_default_timeout(PATIENCE_MS)
        rows = measure(page, {name: url for name, (url, *_) in pages.items()}, asked.files or clips(folder))
        for name, (_, _, pid) in pages.items():
            ratio = statistics.median(ours[0] / own[0] for ours, own in zip(rows["here"], rows[name], strict=True))
            print(f"{name}: {resident_mb(pid):,.0f} MB after them; here a verdict takes {ratio:.2f} of its time there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
