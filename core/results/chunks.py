"""What was heard so far: chunks of clips kept beside an unfinished run, so that a killed one goes on."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files import sha256_bytes, write_bytes

__all__ = ["Heard", "Said", "join", "read_chunk", "write_chunk"]

_DIGEST = 64


@dataclass
class Said:
    """What one detector said of the clips that were heard, in order.

    Attributes
    ----------
    raw : ndarray [shape=(clips,)]
    embedding : ndarray [shape=(clips, d), float32]
    windows : ndarray [shape=(windows, 4)]
        Index of the clip, start and end in seconds, raw output.
    errors : ndarray [shape=(clips, 4)]
        Total, static, delta and delta-delta error; no columns where nothing is rebuilt.
    """

    raw: NDArray[np.float64]
    embedding: NDArray[np.float32]
    windows: NDArray[np.float64]
    errors: NDArray[np.float64]


@dataclass
class Heard:
    """Some clips of a corpus: the rows that were heard, the rows that were not and why, and what was said.

    ``prosody`` holds pitch range and energy variation of each row that was heard; NaN for spoofs, of which nobody
    asks.
    """

    rows: list[int] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    prosody: list[tuple[float, float]] = field(default_factory=list)


def write_chunk(path: Path, heard: Heard) -> None:
    """Write a chunk atomically."""
    arrays = {f"{i}-{key}": value for i, said in enumerate(heard.said) for key, value in vars(said).items()}
    note = json.dumps({
        "rows": heard.rows, "problems": heard.problems, "detectors": len(heard.said), "prosody": heard.prosody,
    })  # fmt: skip
    buffer = io.BytesIO()
    np.savez(buffer, note=np.frombuffer(note.encode(), dtype=np.uint8), **arrays)
    content = buffer.getvalue()
    write_bytes(path, sha256_bytes(content).encode() + content)


def read_chunk(path: Path) -> Heard | None:
    """Read a chunk; None where there is none or it does not match its digest."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, content = content[:_DIGEST], content[_DIGEST:]
    if sha256_bytes(content).encode() != digest:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        note = json.loads(stored["note"].tobytes())
        said = [
            Said(**{key: stored[f"{i}-{key}"] for key in Said.__dataclass_fields__}) for i in range(note["detectors"])
        ]
    problems = [(row, what) for row, what in note["problems"]]
    return Heard(rows=note["rows"], problems=problems, said=said, prosody=[(a, b) for a, b in note["prosody"]])


def join(chunks: Sequence[Heard]) -> Heard:
    """Return chunks as one, the windows' clip indices counted through."""
    whole = Heard([row for c in chunks for row in c.rows], [problem for c in chunks for problem in c.problems])
    whole.prosody = [pair for chunk in chunks for pair in chunk.prosody]
    heard = [chunk for chunk in chunks if chunk.rows]
    offsets = np.cumsum([0, *[len(chunk.rows) for chunk in heard]])
    for i in range(len(heard[0].said) if heard else 0):
        parts = [chunk.said[i] for chunk in heard]
        windows = [part.windows + np.array([offset, 0, 0, 0]) for part, offset in zip(parts, offsets, strict=False)]
        whole.said.append(Said(
            raw=np.concatenate([part.raw for part in parts]), embedding=np.concatenate([p.embedding for p in parts]),
            windows=np.concatenate(windows), errors=np.concatenate([part.errors for part in parts]),
        ))  # fmt: skip
    return whole
