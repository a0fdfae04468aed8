"""Seconds that trying a verdict takes on a clip of 10 s: ``python -m tests.benchmarks.bench_hold [--against COMMIT]``.

*Does it hold?* and *What would change it?* as the page asks them, warm, on two threads: of a real voice and of the same
voice rebuilt by Griffin-Lim. Two builds are measured in turns, in one run; ``--write docs/robustness.md`` keeps the
table there. Time computed is what a busy machine lengthens least.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis.format import text_table
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.files import write_text
from core.results.report import between_markers
from tests.benchmarks.bench_explain import SECONDS, Cost, in_turns, spoof, voice, worker
from tests.benchmarks.bench_panel import HERE, tree_of

SCRIPT = Path(__file__).with_name("hold_cost.py")


def table(costs: dict[str, Cost]) -> str:
    """Return a row for each thing tried and build in Markdown, and how many times as much a build computes."""
    first, *_ = costs.values()
    rows = [
        {
            "tried": asked, "build": build, "found": cost[asked]["found"], "computed, s": f"{cost[asked]['cpu_s']:.2f}",
            "by the clock, s": f"{cost[asked]['wall_s']:.2f}",
            "times as much": f"{cost[asked]['cpu_s'] / one['cpu_s']:.1f}",
        }
        for asked, one in first.items() for build, cost in costs.items()
    ]  # fmt: skip
    return text_table(pd.DataFrame(rows), markdown=True)


def main() -> None:
    """Measure this tree, and another commit's where one is named, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, help="of a voice; one that comes with Gradio if not given")
    parser.add_argument("--against", help="a commit")
    parser.add_argument("--turns", type=int, default=3, help="measurements of each build")
    parser.add_argument("--write", type=Path, help="replace what stands between the hold markers of this file")
    asked = parser.parse_args()
    recording = asked.recording or voice()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        clips = {"(real)": np.resize(decode(recording).waveform, SECONDS * SAMPLE_RATE), "(rebuilt)": spoof(recording)}
        paths = [str(Path(folder) / f"{name}.npy") for name in clips]
        for path, waveform in zip(paths, clips.values(), strict=True):
            np.save(path, waveform)
        trees = {"this build": HERE}
        if asked.against:
            trees[asked.against] = stack.enter_context(tree_of(asked.against, Path(folder) / "tree"))
        workers = [
            stack.enter_context(worker(build, tree, Path(folder) / f"cache {number}", paths, script=SCRIPT))
            for number, (build, tree) in enumerate(trees.items())
        ]
        content = table(in_turns(workers, asked.turns))
    print(content)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        write_text(asked.write, between_markers(text, content, what="hold"))


if __name__ == "__main__":
    main()
