"""Several detectors at once: as many threads as torch may use cores, each with one core to itself."""

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from core.watch import report

__all__ = ["side_by_side"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_starting = threading.Lock()


def side_by_side(fn: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return ``fn(item)`` for each item, in order; computed together where there is more than one core.

    All callers share the same threads, so that several visitors of a page do not take more cores than there are.
    Progress is reported item by item (``core.watch.report``).
    """
    todo = list(items)
    with _starting:
        pool = _pool() if len(todo) > 1 else None
    if pool is None:
        return _counted(map(fn, todo), len(todo))
    futures = [pool.submit(fn, item) for item in todo]
    try:
        return _counted((future.result() for future in futures), len(todo))
    finally:
        # Where one failed, or nobody waits any more: what has not begun never will.
        for future in futures:
            future.cancel()


def _counted(results: Iterator[Result], total: int) -> list[Result]:
    made = []
    for done, result in enumerate(results, start=1):
        made.append(result)
        report(done, total)
    return made


@functools.cache
def _pool() -> ThreadPoolExecutor | None:
    """Return the shared threads, or None where there is one core.

    What torch was allowed (by default every core, or $OMP_NUM_THREADS) is divided: each thread computes alone. Torch
    keeps one setting a thread, and the last that was made for those to come; hence the one afterwards.
    """
    allowed = torch.get_num_threads()
    if allowed < 2:
        return None
    pool = ThreadPoolExecutor(allowed, thread_name_prefix="side-by-side")
    # No thread gets past it before all have come: so each is set once.
    everyone = threading.Barrier(allowed)

    def compute_alone(_number: int) -> None:
        # Asking first: else torch would set the thread up later, as all others.
        torch.get_num_threads()
        torch.set_num_threads(1)
        everyone.wait()

    list(pool.map(compute_alone, range(allowed)))
    torch.set_num_threads(allowed)
    return pool
