"""A million clips by eight detectors, this build beside another and beside pandas used the plain way.

``python -m tests.benchmarks.bench_million``

Prints how long *Scores* takes to open from the files (first what is drawn at once, then with the tables of all slices,
attacks and detectors), how long a moved threshold takes to be answered, what *Disagreements* takes from the files and
for another filter, and the most memory that the process held. Figures are made into what is sent to the browser. Each
column is a process of its own, which has imported what the page has by then. ``--against FOLDER`` measures another
checkout on the same run, in the same call: it is stopped after ``--limit`` seconds. ``--write docs/speed.md`` keeps the
table there.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.analysis.format import text_table
from core.paths import cache_folder
from tests.benchmarks.million import made_run

HERE = Path(__file__).resolve().parent.parent.parent
MARKS = "<!-- million:start -->", "<!-- million:end -->"
STEPS = {
    "open": "Scores opens, by the clock, s", "open_cpu": "and computed, s",
    "all": "opens, with every interval, by the clock, s", "all_cpu": "and computed, s ",
    "move": "a moved threshold, by the clock, s", "move_cpu": "and computed, s  ",
    "votes": "Disagreements opens, by the clock, s", "votes_cpu": "and computed, s   ",
    "filter": "another filter, by the clock, s", "filter_cpu": "and computed, s    ", "peak": "most memory, GB",
}  # fmt: skip
_NOTED = """
import inspect, json, resource, sys, time
from pathlib import Path
# What the page has imported when somebody opens a run.
import dashboard.app, duckdb, scipy.optimize, scipy.signal, sklearn.linear_model, torch
from dashboard.views import disagreements, scores

def sent(values):
    return sum(len(v.to_json() if hasattr(v, "to_json") else str(v)) for v in values)

def now():
    return time.perf_counter(), time.process_time()

def note(step, start, **found):
    clock, computed = (after - before for after, before in zip(now(), start))
    found |= {step: clock, f"{step}_cpu": computed}
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps(found), flush=True)
"""
# Runs in the folder of either build, which both have these functions.
CHILD = _NOTED + """
from core.results.ballots import count
from core.results.queries import cut
from core.results.store import read_run

def having(fn, name):
    return {name: True} if name in inspect.signature(fn).parameters else {}

start = now()
run = read_run(sys.argv[1])
sent(scores.draw(run, False, "panel", "all", 0.5, **having(scores.draw, "at_once")))
note("open", start)
sent([*scores.draw(run, False, "panel", "all", 0.5), scores.table_of_all(run, "panel", "all", 0.5)])
note("all", start)
start = now()
moved = scores.draw(run, False, "panel", "all", 0.3, **having(scores.draw, "moved"))
sent([*moved, scores.table_of_all(run, "panel", "all", 0.3)])
report = cut(run, "panel").scores.report(float(scores.llr_of(0.3)))
note("move", start, figures=[report.fp, report.fn])

# As if nobody had opened Scores.
start, run = now(), read_run(sys.argv[1])
who = disagreements.electorate(run, disagreements.PANEL_ONLY)
ballot = count(run, who)
shown = {"who": "", "page": 1, "chosen": ""}
sent([disagreements.agreement(ballot.share, ballot.kappa, dark=False),
      disagreements.listed(ballot, disagreements.SPLIT, "any", "any", **shown)])
note("votes", start, split=ballot.tally.split)
start = now()
sent([disagreements.listed(ballot, disagreements.SPLIT, "● spoof", "system-003", **shown)])
note("filter", start)
"""
PANDAS = _NOTED + """
from tests.benchmarks.plain_pandas import PlainScores, PlainVotes, read_table

start = now()
table, names = read_table(Path(sys.argv[1]))
plain = PlainScores(table, names)
plain.at(float(scores.llr_of(0.5)))
note("open", start)
start = now()
found = plain.at(float(scores.llr_of(0.3)))
note("move", start, figures=[found["alarms"], found["misses"]])
start = now()
table, names = read_table(Path(sys.argv[1]))
votes = PlainVotes(table, names)
votes.page()
note("votes", start, split=votes.split)
start = now()
votes.page(label="spoof", system="system-003")
note("filter", start)
"""


def measured(build: Path, run: Path, limit_s: float, script: str = CHILD) -> dict[str, Any]:
    """Return the seconds of each step in a new process; None for those that it had not ended when it was stopped."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-c", script, str(run)], cwd=build, stdout=output)
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.seek(0)
        lines = [json.loads(line) for line in output.read().splitlines()]
    found: dict[str, Any] = dict.fromkeys(STEPS)
    for line in lines:
        found |= line
    return found


def _same(mine: dict[str, Any], plain: dict[str, Any]) -> None:
    """End where both did not count the same: then their times compare nothing."""
    for what in ("figures", "split"):
        if mine.get(what) != plain.get(what):
            raise SystemExit(f"This build counts {mine.get(what)} and pandas {plain.get(what)}: {what} differ.")


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
    plain = measured(HERE, run, given.limit, PANDAS)
    _same(mine, plain)
    other = measured(given.against, run, given.limit) if given.against else None
    import pandas as pd

    rows = []
    for step, words in STEPS.items():
        # How much a process had computed when it was stopped is not known; how long it ran is.
        limit = None if step == "peak" or step.endswith("_cpu") else given.limit
        row = {"step": words.strip(), "this build": cell(mine[step], None)}
        row |= {"pandas": cell(plain[step], None), "times as long": ratio(mine[step], plain[step], None)}
        if other is not None:
            row |= {"the other build": cell(other[step], limit), "times": ratio(mine[step], other[step], limit)}
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
