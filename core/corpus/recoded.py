"""The same recording in two splits, coded anew: found by fingerprints, where neither bytes nor samples are the same."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.audio.fingerprint import WORDS, search
from core.corpus.read_files import File

__all__ = ["MOST_KNOWN", "known_among", "recoded"]

MOST_KNOWN = 50_000
"""Fingerprints of a split that recordings are searched for; of a larger one so many are drawn."""


def recoded(files: Sequence[File], splits: NDArray[np.object_], *, seed: int = 0) -> list[tuple[int, int]]:
    """Return pairs of rows of two splits, the second found by its fingerprint in the first.

    Each row of a smaller split that was read closely is compared with the fingerprints of every larger one.

    Parameters
    ----------
    files : sequence of File
    splits : ndarray [shape=(rows,)]
        Of each row; "" where it is in none.
    seed : int
        Of what is drawn from a split of more than ``MOST_KNOWN`` rows.
    """
    order = sorted(set(splits) - {""}, key=lambda split: (-(splits == split).sum(), split))
    rng, found = np.random.default_rng(seed), []
    for place, larger in enumerate(order):
        rows = [row for row in np.flatnonzero(splits == larger).tolist() if files[row].print is not None]
        if len(rows) > MOST_KNOWN:
            rows = np.sort(rng.choice(rows, MOST_KNOWN, replace=False)).tolist()
        later = np.flatnonzero(np.isin(splits, order[place + 1 :])).tolist()
        asked = [row for row in later if files[row].words is not None]
        prints = np.array([files[row].print for row in rows], np.uint32).reshape(-1, WORDS)
        found += [(row, rows[hit]) for row, hit in known_among(files, asked, prints)]
    return found


def known_among(files: Sequence[File], rows: Sequence[int], known: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Return which of these rows hold one of the fingerprints [shape=(n, 10)], and which."""

    def look(row: int) -> int | None:
        words = files[row].words
        match = None if words is None else search(words, known)
        return match.row if match is not None and match.is_known else None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [(row, hit) for row, hit in zip(rows, pool.map(look, rows), strict=True) if hit is not None]
