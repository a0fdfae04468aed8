"""How fast a folder is scored: this build beside another one, and two cores beside one, in turns.

``python -m tests.benchmarks.bench_scoring CORPUS --other CHECKOUT`` scores the first clips of CORPUS/manifest.csv with
the panel that ships, in fresh processes, one build after the other, again and again; of each the best round counts,
since other work on the machine only ever adds. Of a round are measured: the whole process, from its start to the run
on the disk; the clips a second from the first clip to the last; the seconds computed, by all processes together. *One
core* is one worker whose processes, decoders included, are held to one core.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_OTHER, _ONE, _TWO = "the other build, 2 cores", "this build, 1 core", "this build, 2 cores"
_SCORE = """
import json, os, sys, time
if __name__ == "__main__":
    root, out, jobs, names = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    more = {}
    if jobs:
        from core.scoring.executors.process import Processes
        more["executor"] = Processes(jobs)
        more["executor"].expect("core.results.clip_worker")
    from core.corpus.table import read_corpus
    from core.panel import load_panel
    from core.results.fill import score_corpus
    at = []
    run = score_corpus(read_corpus(root + "/manifest.csv", root), load_panel(names or None), out,
                       progress=lambda done, total: at.append(time.monotonic()), **more)
    print(json.dumps({"clips": len(run.clips), "rate": (len(at) - 2) / (at[-1] - at[1])}), flush=True)
    # As the command line does: taking PyTorch apart at the end takes half a second.
    os._exit(0)
"""


@dataclass(frozen=True)
class Round:
    """One scoring: seconds from start to end, clips a second once under way, seconds computed."""

    whole_s: float
    clips_per_s: float
    computed_s: float


def measure(checkout: Path, corpus: Path, *, jobs: int, cores: int = 0, names: Sequence[str] = ()) -> Round:
    """Score a corpus once, into a folder that is removed; ``jobs`` 0 is a build that has no executors."""
    folder = Path(tempfile.mkdtemp(prefix="bench-scoring-"))
    began, before = time.monotonic(), _computed_s()
    try:
        held = ["taskset", "--cpu-list", f"0-{cores - 1}"] if cores else []
        command = [*held, sys.executable, "-c", _SCORE, str(corpus), str(folder / "run"), str(jobs), *names]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{checkout}: {done.stderr.strip().splitlines()[-1]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Round(time.monotonic() - began, json.loads(done.stdout)["rate"], _computed_s() - before)


def _computed_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def first_clips(corpus: Path, folder: Path, count: int) -> Path:
    """Copy the first clips of a corpus, with a manifest of theirs, so that both builds read the same few files."""
    with (corpus / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    for row in rows:
        (folder / row["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(corpus / row["path"], folder / row["path"])
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


def best(rounds: Sequence[Round]) -> Round:
    """Return the best of each figure."""
    whole_s, computed_s = (min(getattr(one, name) for one in rounds) for name in ("whole_s", "computed_s"))
    return Round(whole_s, max(one.clips_per_s for one in rounds), computed_s)


def report(builds: dict[str, Round], clips: int) -> str:
    """Return the figures as lines, and the ratios that are asked for."""
    lines = [f"{clips} clips, the panel that ships; the best of each"]
    for name, one in builds.items():
        whole = f"{one.whole_s:6.1f} s ({clips / one.whole_s:5.1f} clips/s)"
        lines.append(f"{name:<24} {whole}, under way {one.clips_per_s:5.1f} clips/s, computed {one.computed_s:5.1f} s")
    two, one = builds[_TWO], builds[_ONE]
    lines.append(f"two cores against one, under way: {two.clips_per_s / one.clips_per_s:.2f}")
    if (other := builds.get(_OTHER)) is not None:
        ratio = two.clips_per_s / other.clips_per_s
        lines.append(f"against the other build: {ratio:.2f} under way, {other.whole_s / two.whole_s:.2f} as a whole")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--other", type=Path, help="checkout of another build")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    builds = {_ONE: (REPOSITORY, 1, 1), _TWO: (REPOSITORY, 2, 2)}
    if given.other is not None:
        builds = {_OTHER: (given.other.resolve(), 0, 2), **builds}
    rounds: dict[str, list[Round]] = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as folder:
        corpus = first_clips(given.corpus, Path(folder), given.clips)
        for number in range(given.rounds):
            for name, (checkout, jobs, cores) in builds.items():
                rounds[name].append(measure(checkout, corpus, jobs=jobs, cores=cores))
                print(f"round {number + 1}, {name}: {rounds[name][-1]}", file=sys.stderr, flush=True)
    print(report({name: best(each) for name, each in rounds.items()}, given.clips))


if __name__ == "__main__":
    main()
