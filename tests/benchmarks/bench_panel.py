"""What the panel costs here and at another commit, measured in one run: ``--against COMMIT [--write docs/speed.md]``.

Both trees are measured in turn by this interpreter, each with its own checkpoints and its own cache: computing of all
members on a clip of 4 s, one thread; the warm verdict on a clip of 10 s, two threads. What is loaded and exported
first is not counted. Two turns take about three minutes; time computed is what a busy machine lengthens least.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from core.analysis.format import text_table
from core.files import write_text
from core.results.report import between_markers

HERE = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("panel_cost.py")
Cost = dict[str, Any]


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into ``folder`` for as long as the block lasts."""
    subprocess.run(["git", "worktree", "add", "-q", "--detach", str(folder), commit], cwd=HERE, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=HERE, check=True)


def measured(tree: Path, cache: Path) -> Cost:
    """Return what ``panel_cost`` prints in a tree."""
    environment = {**os.environ, "SPOOFSCOPE_CACHE": str(cache), "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    cost: Cost = json.loads(done.stdout.splitlines()[-1])
    return cost


def medians(costs: Sequence[Cost]) -> dict[str, float]:
    """Return the median over repeated measurements, in seconds: members summed, and the verdict."""
    cpu, wall = ([sum(one[at] for one in cost["members"].values()) for cost in costs] for at in (0, 1))
    verdict_cpu, verdict = ([cost["verdict"][at] for cost in costs] for at in (0, 1))
    found = {"cpu": cpu, "wall": wall, "verdict_cpu": verdict_cpu, "verdict": verdict}
    return {name: statistics.median(values) for name, values in found.items()}


def table(ours: Mapping[str, float], theirs: Mapping[str, float], *, base: str, members: tuple[int, int]) -> str:
    """Return both panels side by side in Markdown, with the ratio of their costs."""
    names = {
        "cpu": "all members on 4 s, computed (1 thread)", "wall": "all members on 4 s, by the clock (1 thread)",
        "verdict_cpu": "verdict on 10 s, warm, computed", "verdict": "verdict on 10 s, warm, by the clock (2 threads)",
    }  # fmt: skip
    rows = [
        {"s": words, f"{base}, panel of {members[1]}": f"{theirs[name]:.3f}", f"this build, panel of {members[0]}":
         f"{ours[name]:.3f}", "ratio": f"{ours[name] / theirs[name]:.2f}"}
        for name, words in names.items()
    ]  # fmt: skip
    return text_table(pd.DataFrame(rows), markdown=True)


def main() -> None:
    """Measure both trees in turn and print, or write, the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", required=True, help="a commit")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--write", type=Path, help="replace what stands between the panel-cost markers of this file")
    asked = parser.parse_args()
    costs: dict[str, list[Cost]] = {"ours": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder, tree_of(asked.against, Path(folder) / "tree") as other:
        trees = {"ours": HERE, "theirs": other}
        for turn in range(1, asked.turns + 1):
            for name, tree in trees.items():
                print(f"turn {turn} of {asked.turns}: {name}", file=sys.stderr, flush=True)
                costs[name].append(measured(tree, Path(folder) / f"cache {name}"))
    members = len(costs["ours"][0]["members"]), len(costs["theirs"][0]["members"])
    content = table(medians(costs["ours"]), medians(costs["theirs"]), base=asked.against, members=members)
    print(content)
    if asked.write is not None:
        text = asked.write.read_text(encoding="utf-8")
        write_text(asked.write, between_markers(text, content, what="panel-cost"))


if __name__ == "__main__":
    main()
