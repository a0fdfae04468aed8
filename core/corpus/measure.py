"""Decoding every clip once: seconds and digest for the manifest, and which files cannot be decoded."""

from collections.abc import Callable

from core.audio.decode_ahead import decode_ahead
from core.corpus.reader import Reading, Row
from core.corpus.table import Problem
from core.corpus.tree import Tree
from core.errors import AudioError
from core.files import sha256_file

__all__ = ["measure"]


def measure(reading: Reading, tree: Tree, *, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Return a reading whose rows have seconds and SHA-256; clips that cannot be decoded join the problems.

    Parameters
    ----------
    reading : Reading
    tree : Tree
        What it was read from.
    progress : callable, optional
        Called with the clips that are decoded, and the clips in all.
    """
    root = tree.root.resolve()
    rows: list[Row] = []
    problems = list(reading.problems)
    # A link within the root is followed: the decoder refuses links.
    files = ((row, (root / row.path).resolve()) for row in reading.rows)
    for count, (row, clip) in enumerate(decode_ahead(files), 1):
        if isinstance(clip, AudioError):
            problems.append(Problem(0, row.path, str(clip)))
        else:
            digest = sha256_file(root / row.path)
            rows.append(row._replace(seconds=f"{clip.record.duration_s:.3f}", sha256=digest))
        if progress is not None:
            progress(count, len(reading.rows))
    return Reading(rows, problems, list(reading.warnings))
