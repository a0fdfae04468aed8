"""Scorings that the page has begun: each in a process of its own, one after the other, resumed after a restart."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.errors import ResultsError
from core.files import alone, write_json
from core.results.job import Asked

__all__ = ["OVER", "Job", "Jobs"]

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[1]
_COMMAND = (sys.executable, "-P", "-m", "core.results.job")

OVER = ("done", "failed", "cancelled")
"""The states in which nothing is done any more."""


@dataclass
class Job:
    """A scoring, and how far it is.

    Attributes
    ----------
    id : str
    asked : Asked
    state : str
        'waiting', 'scoring', or one of ``OVER``.
    found : str
        What lies at the place, in a sentence; "" until that is known.
    needs : str
        What it needs, in one sentence; "" until that is known.
    done, total, before : int
        Clips, of those that lacked something when it went on last; how many lacked nothing then.
    problem : str
        Why it failed.
    key : str
        Of its run, once it is done.
    clips, left_out : int
        Of its run: clips that were scored, and rows that could not be.
    why : str
        The first of these rows, and what was wrong with each.
    """

    id: str
    asked: Asked
    state: str = "waiting"
    found: str = ""
    needs: str = ""
    done: int = 0
    total: int = 0
    before: int = 0
    problem: str = ""
    key: str = ""
    clips: int = 0
    left_out: int = 0
    why: str = ""
    _begun: float = field(default=0.0, repr=False)
    _process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at the present speed; None where nothing is known of it."""
        if self.state != "scoring" or not self.done or not self._begun:
            return None
        return (time.monotonic() - self._begun) * (self.total - self.done) / self.done

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        kept = ("id", "state", "found", "needs", "problem", "key", "clips", "left_out", "why")
        return {"asked": self.asked.to_json(), **{name: getattr(self, name) for name in kept}}


class Jobs:
    """The scorings of a page; safe to share between threads.

    Parameters
    ----------
    folder : Path
        Where they are kept: a file of JSON each.
    allowed : callable
        Whether a path (resolved) may be read for whoever asks.
    """

    def __init__(self, folder: Path, allowed: Callable[[Path], bool]) -> None:
        self._folder, self._allowed = folder, allowed
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._turn = threading.Lock()
        self._closed = False

    def all(self) -> list[Job]:
        """Return the jobs, the latest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def busy(self) -> bool:
        """Return whether one is waiting or scoring."""
        return any(job.state not in OVER for job in self.all())

    def start(self, asked: Asked) -> Job:
        """Begin a scoring, after those that were begun before.

        Raises
        ------
        ResultsError
            When the place may not be read from this page, or no detector is chosen.
        """
        # Copied from a terminal or a file manager, a path comes in quotation marks.
        named = asked.place.strip().strip("\"'").strip()
        if not named:
            raise ResultsError("Name a folder of recordings, or a corpus' manifest.")
        place = Path(named).expanduser().resolve()
        # Before anything else: who may not read it shall not learn whether it is there.
        if not self._allowed(place):
            raise ResultsError(
                "From elsewhere only folders below those named by CORPUS or RUNS can be scored: ask who serves."
            )
        if not place.exists():
            raise ResultsError(f"There is no file or folder {place}: check the path.")
        if not asked.detectors:
            raise ResultsError("No detector is chosen: choose at least one.")
        job = Job(uuid4().hex[:12], Asked(str(place), asked.detectors, asked.split, asked.jobs))
        with self._lock:
            self._jobs[job.id] = job
        self._begin(job)
        return job

    def cancel(self, job_id: str) -> None:
        """End a scoring; what was scored is kept, and ``go_on`` begins there."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state in OVER:
                return
            self._enter(job, "cancelled")
            if job._process is not None:
                job._process.kill()

    def go_on(self, job_id: str) -> None:
        """Begin a scoring again that was cancelled or failed, where it stopped."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state not in ("cancelled", "failed"):
                return
            job.problem, job.done, job.total = "", 0, 0
        self._begin(job)

    def forget(self, job_id: str) -> None:
        """Take a job that is over off the list; its run stays."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None and job.state in OVER:
                del self._jobs[job_id]
                self._file(job).unlink(missing_ok=True)

    def resume(self) -> None:
        """Read the jobs that an earlier server has left, and go on with those that were not over."""
        for path in sorted(self._folder.glob("*.json"), key=lambda each: each.stat().st_mtime):
            try:
                stored = json.loads(path.read_bytes().decode())
                job = Job(**{**stored, "asked": Asked.from_json(stored["asked"])})
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.warning("%s cannot be read (%s): this scoring is forgotten.", path, error)
                continue
            with self._lock:
                if job.id in self._jobs:
                    continue
                self._jobs[job.id] = job
            if job.state not in OVER:
                self._begin(job)

    def close(self) -> None:
        """End all scorings; the next server goes on with them."""
        with self._lock:
            self._closed = True
            for job in self._jobs.values():
                if job._process is not None:
                    job._process.kill()

    def _file(self, job: Job) -> Path:
        return self._folder / f"{job.id}.json"

    def _enter(self, job: Job, state: str) -> None:
        job.state = state
        write_json(self._file(job), job.to_json())

    def _begin(self, job: Job) -> None:
        with self._lock:
            self._enter(job, "waiting")
        threading.Thread(target=self._work, args=(job,), daemon=True, name="scoring").start()

    def _work(self, job: Job) -> None:
        with self._turn, alone(self._file(job).with_suffix(".lock")) as mine:
            if not mine:
                # Another server of the same user is at it.
                return
            process = self._started(job)
            if process is None:
                return
            try:
                for line in process.stdout or ():
                    self._take(job, json.loads(line))
            finally:
                process.kill()
                process.wait()
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        with suppress(OSError):
                            pipe.close()
            with self._lock:
                job._process = None
                if job.state == "scoring" and not self._closed:
                    job.problem = "The scoring was ended from outside. Go on: what was scored is kept."
                    self._enter(job, "failed")

    def _started(self, job: Job) -> "subprocess.Popen[str] | None":
        with self._lock:
            if self._closed or job.state != "waiting":
                return None
            self._enter(job, "scoring")
            job._begun = 0.0
            process = job._process = subprocess.Popen(
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                env=_environment(), process_group=0,
            )  # fmt: skip
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(job.asked.to_json()) + "\n")
            process.stdin.flush()
        return process

    def _take(self, job: Job, event: dict[str, Any]) -> None:
        with self._lock:
            if job.state != "scoring":
                return
            if "total" in event:
                job.done, job.total, job.before = event["done"], event["total"], event.get("before", 0)
                # From the first clip on: workers were started before it.
                if job.done == 1 or not job._begun:
                    job._begun = time.monotonic()
            elif "needs" in event:
                job.needs = event["needs"]
            elif "found" in event:
                job.found, job.why = event["found"], event.get("why", "")
            elif "error" in event:
                job.problem = event["error"]
                self._enter(job, "failed")
            elif "key" in event:
                job.key, job.clips, job.left_out = event["key"], event["clips"], event["problems"]
                job.why = event.get("why", "")
                self._enter(job, "done")


def _environment() -> dict[str, str]:
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
