"""Scores on a million clips by eight detectors, this build beside another.

``python -m tests.benchmarks.bench_million``

Prints how long the tab takes to open from the files (first what is drawn at once, then with the table of all
detectors), how long a moved threshold takes to be answered, and the most memory that the process held. Figures are
made into what is sent to the browser. ``--against FOLDER`` measures another checkout on the same run, in the same call:
it is stopped after ``--limit`` seconds. ``--write docs/speed.md`` keeps the table there.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from core.analysis.format import text_table
from core.paths import cache_folder
from tests.benchmarks.million import made_run

HERE = Path(__file__).resolve().parent.parent.parent
MARKS = "<!-- million:start -->", "<!-- million:end -->"
STEPS = {
    "open": "Scores opens, by the clock, s", "open_cpu": "and computed, s",
    "all": "opens, with every interval, by the clock, s", "all_cpu": "and computed, s ",
    "move": "a moved threshold, by the clock, s", "move_cpu": "and computed, s  ", "peak": "most memory, GB",
}  # fmt: skip
# Runs in the folder of either build, which both have these two functions.
CHILD = """
import inspect, json, resource, sys, time
from dashboard.views import scores
from core.results.store import read_run

def sent(values):
    return sum(len(v.to_json() if hasattr(v, "to_json") else str(v)) for v in values)

def note(step, start):
    clock, computed = (now - then for now, then in zip((time.perf_counter(), time.process_time()), start))
    found = {step: clock, f"{step}_cpu": computed}
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps(found), flush=True)

start = time.perf_counter(), time.process_time()
run = read_run(sys.argv[1])
first = {"at_once": True} if "at_once" in inspect.signature(scores.draw).parameters else {}
sent(scores.draw(run, False, "panel", "all", 0.5, **first))
note("open", start)
sent([*scores.draw(run, False, "panel", "all", 0.5), scores.table_of_all(run, "panel", "all", 0.5)])
note("all", start)
start = time.perf_counter(), time.process_time()
sent([*scores.draw(run, False, "panel", "all", 0.3), scores.table_of_all(run, "panel", "all", 0.3)])
note("move", start)
"""


def measured(build: Path, run: Path, limit_s: float) -> dict[str, float | None]:
    """Return the seconds of each step in a new process; None for those that it had not ended when it was stopped."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-c", CHILD, str(run)], cwd=build, stdout=output)
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.seek(0)
        lines = [json.loads(line) for line in output.read().splitlines()]
    found: dict[str, float | None] = dict.fromkeys(STEPS)
    for line in lines:
        found |= line
    return found


def cell(value: float | None, limit_s: float | None) -> str:
    if value is not None:
        return f"{value:.2f}"
    return "–" if limit_s is None else f"more than {limit_s:.0f}"


def ratio(mine: float | None, other: float | None, limit_s: float | None) -> str:
    if mine is None or (other is None and limit_s is None):
        return "–"
    return f"{other / mine:.1f}" if other is not None else f"more than {(limit_s or 0) / mine:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1_000_000)
    parser.add_argument("--against", type=Path, help="folder of another checkout")
    parser.add_argument("--limit", type=float, default=300, help="seconds that the other may take")
    parser.add_argument("--write", type=Path, help="document that holds the table between its marks")
    given = parser.parse_args()
    run = made_run(cache_folder() / "benchmarks" / f"run-{given.clips}", clips=given.clips)
    mine = measured(HERE, run, 3600)
    other = measured(given.against, run, given.limit) if given.against else None
    import pandas as pd

    rows = []
    for step, words in STEPS.items():
        row = {"step": words.strip(), "this build": cell(mine[step], None)}
        if other is not None:
            # How much a process had computed when it was stopped is not known; how long it ran is.
            limit = None if step == "peak" or step.endswith("_cpu") else given.limit
            row |= {"the other": cell(other[step], limit), "times as long": ratio(mine[step], other[step], limit)}
        rows.append(row)
    table = text_table(pd.DataFrame(rows), markdown=True)
    print(table)
    if given.write:
        text = given.write.read_text(encoding="utf-8")
        before, rest = text.split(MARKS[0])
        _, after = rest.split(MARKS[1])
        given.write.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
