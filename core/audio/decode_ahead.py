"""Decoding ahead: the next recordings are decoded while a detector scores the present one."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from core.audio.clip import Clip
from core.errors import AudioError

__all__ = ["decode_ahead"]

Key = TypeVar("Key")


def decode_ahead(
    files: Iterable[tuple[Key, Path]], *, ahead: int = 4, workers: int = 2
) -> Iterator[tuple[Key, Clip | AudioError]]:
    """Yield each key with its clip, or with the reason why there is none, in the order given.

    Parameters
    ----------
    files : iterable of (key, Path)
    ahead : int
        How many recordings may wait, decoded, in memory.
    workers : int
        How many are decoded at once.
    """
    from core.audio.decode import decode

    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[Key, Future[Clip]]] = deque()
        for key, path in files:
            waiting.append((key, pool.submit(decode, path)))
            if len(waiting) > ahead:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: "deque[tuple[Key, Future[Clip]]]") -> tuple[Key, Clip | AudioError]:
    key, future = waiting.popleft()
    try:
        return key, future.result()
    except AudioError as error:
        return key, error
