"""Scoring a place as a job in a process of its own: ``python -m core.results.job``, driven by who started it.

A line of JSON on standard input holds what is asked (``Asked``); each line of JSON on standard output is an event. The
process ends, and its workers with it, when standard input closes: what was scored is kept, and the same job started
again goes on there.
"""

import json
import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.analysis.format import first_few
from core.errors import ResultsError, SpoofscopeError
from core.paths import data_folder

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["Asked", "main", "place_folder", "score_place"]

_NAMED = 40
# Of the rows that are left out.
_SHOWN = 3
# The page that started it, and its visitors, come first.
_NICE = 10


@dataclass(frozen=True)
class Asked:
    """What is to be scored.

    Attributes
    ----------
    place : str
        A manifest, a corpus' folder or any folder of recordings (``core.corpus.opened``).
    detectors : tuple of str
        Names of shipped checkpoints, or folders.
    split : str or None
        One split alone.
    jobs : int or None
        Workers; one a core where none is given.
    """

    place: str
    detectors: tuple[str, ...]
    split: str | None = None
    jobs: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**asdict(self), "detectors": list(self.detectors)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Asked":
        """Return what ``to_json`` was made from."""
        return cls(**{**value, "detectors": tuple(value["detectors"])})


def score_place(asked: Asked, report: Callable[[dict[str, Any]], None]) -> "Run":
    """Score what lies at a place, into a folder of the user's runs that is named after it.

    Parameters
    ----------
    asked : Asked
    report : callable
        Given events: ``found`` (a sentence) with ``why`` (the first rows left out, and why), ``needs`` (a sentence),
        ``done`` and ``total`` (clips that lacked something) with ``before`` (clips that lacked nothing).

    Raises
    ------
    CorpusError, CheckpointError, ResultsError, ScoringError
    """
    from core.scoring.executors.process import Processes

    with Processes(asked.jobs, nice=_NICE) as executor:
        executor.expect("core.results.clip_worker")

        from core.corpus.opened import described, open_corpus
        from core.panel import load_panel
        from core.results.fill import score_corpus
        from core.results.keys import clips_key
        from core.results.library import remember_corpus

        if not asked.detectors:
            raise ResultsError("No detector is chosen: choose at least one.")
        corpus = open_corpus(asked.place, split=asked.split, verify=True)
        if corpus.frame.empty:
            first = f", the first because of this: {corpus.problems[0].what}" if corpus.problems else ""
            raise ResultsError(f"{asked.place} has no usable clip{first}.")
        report({"found": described(corpus), "why": _why([(each.path, each.what) for each in corpus.problems])})
        rows = corpus.frame["path"].nunique()
        folder = place_folder(Path(asked.place), clips_key(corpus, split=asked.split))
        run = score_corpus(
            corpus, load_panel(asked.detectors), folder, split=asked.split, executor=executor,
            progress=lambda done, total: report({"done": done, "total": total, "before": rows - total}),
            needs=lambda needs: report({"needs": needs.text}),
        )  # fmt: skip
        remember_corpus(corpus.digest, corpus.root)
        return run


def place_folder(place: Path, key: str) -> Path:
    """Return the folder of the run of these clips (``core.results.keys.clips_key``), named after where they lie."""
    name = place.resolve().parent.name if place.is_file() else place.resolve().name
    plain = re.sub(r"[^\w.-]+", "-", name).strip(".-")[:_NAMED] or "corpus"
    return data_folder() / "runs" / f"{plain}-{key[:8]}"


def _why(problems: list[tuple[str, str]]) -> str:
    return first_few([f"{path}: {what.rstrip('.')}" for path, what in problems], _SHOWN, separator="; ")


def _end_with(stream: Any) -> None:
    stream.read()
    os._exit(0)


def main() -> None:
    """Do the job that standard input asks for."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def report(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    from core.results.store import read_run

    asked = Asked.from_json(json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    try:
        run = score_place(asked, report)
        # All that its folder holds by now: that is what is opened.
        key = read_run(run.folder).key
        why = _why([(each["path"], each["what"]) for each in run.problems])
        report({"run": str(run.folder), "key": key, "clips": len(run), "problems": len(run.problems), "why": why})
    except (SpoofscopeError, OSError) as error:
        report({"error": str(error)})


if __name__ == "__main__":
    main()
