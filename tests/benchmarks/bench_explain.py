"""Seconds that a warm explanation of a 10 s clip takes: ``python -m tests.benchmarks.bench_explain [CHECKPOINT...]``.

On two threads, with the faithfulness check, by each detector's default method; without checkpoints, the default
detector alone. The clip is a voice that Griffin-Lim rebuilt, so that there is evidence to test. ``--against COMMIT``
measures that commit's build in the same run, by the same interpreter; ``--write docs/speed.md`` keeps the table there.
Time computed is what a busy machine lengthens least.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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


def measured(tree: Path, cache: Path, arguments: list[str]) -> Cost:
    """Return what ``explain_cost`` prints in a tree."""
    environment = {**os.environ, "SPOOFSCOPE_CACHE": str(cache), "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], cwd=tree, env=environment, check=True, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    found: Cost = json.loads(done.stdout.splitlines()[-1])
    return found


def table(costs: dict[str, Cost]) -> str:
    """Return a row for each detector and build in Markdown; with two builds, how many times faster the first is."""
    rows = []
    first, *others = costs.values()
    for asked in first:
        for build, cost in costs.items():
            one = cost[asked]
            rows.append({
                "explanation": "default" if asked == "default" else "of " + asked, "build": build,
                "by": f"{one['detector']}, {one['method']}", "check": one["check"],
                "computed, s": f"{one['cpu_s']:.2f}", "by the clock, s": f"{one['wall_s']:.2f}",
                "times as much": f"{one['cpu_s'] / first[asked]['cpu_s']:.1f}" if others else "-",
            })  # fmt: skip
    return text_table(pd.DataFrame(rows), markdown=True)


def main() -> None:
    """Measure this tree, and another commit's where one is named, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="*", default=["default"])
    parser.add_argument("--recording", type=Path, help="of a voice; one that comes with Gradio if not given")
    parser.add_argument("--against", help="a commit")
    parser.add_argument("--write", type=Path, help="replace what stands between the explain markers of this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        clip = Path(folder) / "clip.npy"
        np.save(clip, spoof(asked.recording or voice()))
        trees = {"this build": HERE}
        if asked.against:
            trees[asked.against] = stack.enter_context(tree_of(asked.against, Path(folder) / "tree"))
        costs = {
            build: measured(tree, Path(folder) / f"cache {number}", [str(clip), *asked.checkpoints])
            for number, (build, tree) in enumerate(trees.items())
        }
    content = table(costs)
    print(content)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        write_text(asked.write, between_markers(text, content, what="explain"))


if __name__ == "__main__":
    main()
