"""Times that can be compared: taken in turns, in one process, so that a busy moment slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Timed", "time_in_turns"]


@dataclass(frozen=True)
class Timed:
    """Medians over the repeats: seconds that passed, and seconds that this process computed."""

    wall_s: float
    cpu_s: float


def time_in_turns(calls: Mapping[str, Callable[[], Any]], *, repeats: int) -> dict[str, Timed]:
    """Time several calls, each once in every round; the first round, which is cold, does not count."""
    walls: dict[str, list[float]] = {name: [] for name in calls}
    cpus: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats + 1):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            walls[name].append(time.perf_counter() - wall)
            cpus[name].append(time.process_time() - cpu)
    return {name: Timed(statistics.median(walls[name][1:]), statistics.median(cpus[name][1:])) for name in calls}
