"""Progress over a known number of items, and lengths of time in words."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from core.progress import progress

__all__ = ["counted", "duration"]

Item = TypeVar("Item")


def counted(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Yield the items and report how many of them are done; ``what`` names them: "clips decoded"."""
    with progress(what) as report:
        for done, item in enumerate(items, 1):
            yield item
            report(done, len(items))


def duration(seconds: float) -> str:
    """Return a length of time in words: seconds, minutes or hours, whichever reads best."""
    for size, unit in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
