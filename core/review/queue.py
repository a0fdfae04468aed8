"""In which order disputed clips are gone through."""

from collections.abc import Iterable, Sequence

from core.files import sha256_bytes

__all__ = ["MOST_DISPUTED", "ORDERS", "RANDOM", "first_open", "ordered"]

MOST_DISPUTED, RANDOM = "most disputed first", "in random order"
ORDERS = (MOST_DISPUTED, RANDOM)


def ordered(ids: Sequence[str], how: str, *, seed: str) -> list[str]:
    """Return clips in the order in which they are gone through.

    Parameters
    ----------
    ids : sequence of str
        The most disputed first.
    how : str
        One of ``ORDERS``. At random each clip has a place of its own, so that others that come or go move none.
    seed : str
        Such as the reviewer's name: everyone has another order, and the same again.
    """
    if how != RANDOM:
        return list(ids)
    return sorted(ids, key=lambda clip: sha256_bytes(f"{seed}\n{clip}".encode()))


def first_open(queue: Sequence[str], judged: Iterable[str]) -> str:
    """Return the first clip that is not judged yet; the first of all where none is left, "" where there is none."""
    done = set(judged)
    return next((clip for clip in queue if clip not in done), queue[0] if queue else "")
