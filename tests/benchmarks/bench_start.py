"""How fast a program is there: import of the use cases and first verdict of the command line, against a commit.

``python -m tests.benchmarks.bench_start RECORDING --against COMMIT``: both trees are run in turn by this interpreter,
each with a cache of its own that is filled beforehand; medians of the clock and of the processor's time, and their
ratios.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


def taken(command: list[str], tree: Path, cache: Path) -> tuple[float, float]:
    """Return the seconds of a command by the clock and by the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "SPOOFSCOPE_CACHE": str(cache)}
    subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(command: list[str], trees: dict[str, Path], caches: Path, repeats: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds of a command in each tree, run in turn."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
    for turn in range(repeats + 1):
        for name, tree in trees.items():
            seconds = taken(command, tree, caches / name)
            # The first fills the cache.
            if turn:
                runs[name].append(seconds)
    return {name: tuple(map(statistics.median, zip(*each, strict=True))) for name, each in runs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--against", required=True, help="a commit")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    commands = {
        "import core.usecases": [sys.executable, "-c", "import core.usecases"],
        "first verdict": [sys.executable, "-m", "core", "score", str(asked.recording.resolve())],
    }
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(other), asked.against], cwd=HERE, check=True)
        try:
            for name, command in commands.items():
                found = compare(command, {"here": HERE, asked.against: other}, Path(folder), asked.repeats)
                (ours, ours_cpu), (theirs, theirs_cpu) = found["here"], found[asked.against]
                print(
                    f"{name}: {ours:.2f} s here, {theirs:.2f} s at {asked.against}: {theirs / ours:.2f} times faster "
                    f"(processor {ours_cpu:.2f} and {theirs_cpu:.2f} s: {theirs_cpu / ours_cpu:.2f})", flush=True,
                )  # fmt: skip
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(other)], cwd=HERE, check=True)


if __name__ == "__main__":
    main()
