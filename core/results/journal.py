"""Journals: what is known of clips so far, a line each, so that work that was killed goes on where it stopped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.files import sha256_bytes

__all__ = ["Journal"]

_DIGITS = 16


class Journal:
    """Rows of a part that is not whole yet; each is on the disk as soon as it was added.

    A line that was cut off or damaged is passed over: its clip is done again.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.paths = {row["path"] for row in self.rows()}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what was added, in that order."""
        if not self._path.is_file():
            return
        with self._path.open("rb") as file:
            for line in file:
                digest, _, content = line.rstrip(b"\n").partition(b" ")
                if sha256_bytes(content)[:_DIGITS].encode() == digest:
                    yield json.loads(content)

    def add(self, path: str, **facts: Any) -> None:
        """Add what is known of a clip; plain JSON values."""
        content = json.dumps({"path": path, **facts}).encode()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # A new line first: what a kill cut off must not spoil what follows it.
        line = b"\n%s %s\n" % (sha256_bytes(content)[:_DIGITS].encode(), content)
        with self._path.open("ab", buffering=0) as file:
            file.write(line)
        self.paths.add(path)

    def remove(self) -> None:
        """Forget all."""
        self._path.unlink(missing_ok=True)
        self.paths.clear()
