"""How far long work has come: a line of the log every few seconds."""

import logging
import time
from collections.abc import Iterator, Sized
from typing import Protocol, TypeVar

__all__ = ["counted", "duration"]

Item = TypeVar("Item", covariant=True)
_LOG = logging.getLogger(__name__)
_EVERY_S = 5.0


class _Items(Sized, Protocol[Item]):
    def __iter__(self) -> Iterator[Item]: ...


def counted(items: _Items[Item], what: str) -> Iterator[Item]:
    """Yield the items, and log every few seconds how many of them are done and about how long the rest takes."""
    started = told = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if now - told >= _EVERY_S:
            told = now
            left_s = (now - started) / done * (len(items) - done)
            _LOG.info("%d of %d %s, about %s left", done, len(items), what, duration(left_s))
        yield item


def duration(seconds: float) -> str:
    """Return a length of time in words: seconds, minutes or hours, whichever reads best."""
    for size, unit in ((3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}s"
    return f"{seconds:.0f} seconds"
