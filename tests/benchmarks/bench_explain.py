"""Seconds that a warm explanation of a 10 s clip takes: ``python -m tests.benchmarks.bench_explain [CHECKPOINT...]``.

On two threads, with the faithfulness check, by each detector's default method. Without checkpoints two are explained:
the one whose map the page shows unasked (``default``) and that of ``python -m core explain`` (``command``). The clip
is a voice that Griffin-Lim rebuilt, so that there is evidence to test. ``--against COMMIT`` measures another build
in the same run, by the same interpreter, the two in turns; ``--write docs/speed.md`` keeps the table there. Time
computed is what a busy machine lengthens least. On two idle cores it takes about two minutes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from core.analysis.format import text_table
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.audio.resynthesis import griffin_lim
from core.files import write_text
from core.results.report import between_markers
from tests.benchmarks.bench_panel import HERE, tree_of

SECONDS = 10
SCRIPT = Path(__file__).with_name("explain_cost.py")
Cost = dict[str, dict[str, Any]]


def voice() -> Path:
    """Return a recording of a voice that comes with an installed package."""
    import gradio

    return next(Path(gradio.__file__).parent.rglob("cate_blanch.mp3"))


def spoof(recording: Path) -> np.ndarray:
    """Return ten seconds of a recording, rebuilt by Griffin-Lim."""
    waveform = decode(recording).waveform
    return griffin_lim(np.resize(waveform, SECONDS * SAMPLE_RATE))


class Worker:
    """A script of measurements in a tree, which measures whenever it is asked."""

    def __init__(self, name: str, asks: IO[str], answers: IO[str]) -> None:
        self.name, self._asks, self._answers = name, asks, answers

    def answer(self) -> Cost:
        """Wait for what it measured last.

        Raises
        ------
        RuntimeError
            When it has ended; why stands above, in its own words.
        """
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"The measuring of {self.name} ended early: see its own message above.")
        found: Cost = json.loads(line)
        return found

    def measure(self) -> Cost:
        """Measure everything once more."""
        print(file=self._asks, flush=True)
        return self.answer()


@contextmanager
def worker(name: str, tree: Path, cache: Path, arguments: list[str], *, script: Path = SCRIPT) -> Iterator[Worker]:
    """Run a script of measurements in a tree for as long as the block lasts."""
    environment = {**os.environ, "SPOOFSCOPE_CACHE": str(cache), "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "2"}
    command = [sys.executable, str(script), *arguments]
    with subprocess.Popen(
        command, cwd=tree, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield Worker(name, process.stdin, process.stdout)


def in_turns(workers: list[Worker], turns: int) -> dict[str, Cost]:
    """Let all warm up, then measure in turns; return the least that each took by the clock and by the processor."""
    found: dict[str, list[Cost]] = {each.name: [] for each in workers}
    for each in workers:
        print(f"{each.name}: warming up", file=sys.stderr, flush=True)
        each.answer()
    for turn in range(1, turns + 1):
        for each in workers:
            print(f"turn {turn} of {turns}: {each.name}", file=sys.stderr, flush=True)
            found[each.name].append(each.measure())
    return {name: least(costs) for name, costs in found.items()}


def least(costs: list[Cost]) -> Cost:
    """Return for each thing measured the least of its times."""
    times = ("wall_s", "cpu_s")
    return {
        asked: {**one, **{time: min(cost[asked][time] for cost in costs) for time in times}}
        for asked, one in costs[0].items()
    }


NAMES = {"default": "shown unasked", "command": "by the command line"}


def table(costs: dict[str, Cost]) -> str:
    """Return a row for each detector and build in Markdown; with two builds, how many times faster the first is."""
    rows = []
    first, *others = costs.values()
    for asked in first:
        for build, cost in costs.items():
            one = cost[asked]
            rows.append({
                "explanation": NAMES.get(asked, "of " + asked), "build": build,
                "by": f"{one['detector']}, {one['method']}", "check": one["check"],
                "computed, s": f"{one['cpu_s']:.2f}", "by the clock, s": f"{one['wall_s']:.2f}",
                "times as much": f"{one['cpu_s'] / first[asked]['cpu_s']:.1f}" if others else "-",
            })  # fmt: skip
    return text_table(pd.DataFrame(rows), markdown=True)


def main() -> None:
    """Measure this tree, and another commit's where one is named, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="*", default=list(NAMES))
    parser.add_argument("--recording", type=Path, help="of a voice; one that comes with Gradio if not given")
    parser.add_argument("--against", help="a commit")
    parser.add_argument("--turns", type=int, default=3, help="measurements of each build")
    parser.add_argument("--write", type=Path, help="replace what stands between the explain markers of this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        clip = Path(folder) / "clip.npy"
        np.save(clip, spoof(asked.recording or voice()))
        trees = {"this build": HERE}
        if asked.against:
            trees[asked.against] = stack.enter_context(tree_of(asked.against, Path(folder) / "tree"))
        workers = [
            stack.enter_context(worker(build, tree, Path(folder) / f"cache {number}", [str(clip), *asked.checkpoints]))
            for number, (build, tree) in enumerate(trees.items())
        ]
        costs = in_turns(workers, asked.turns)
    content = table(costs)
    print(content)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        write_text(asked.write, between_markers(text, content, what="explain"))


if __name__ == "__main__":
    main()
