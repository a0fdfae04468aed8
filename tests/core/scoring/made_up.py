"""Work for the tests of executors: numbers squared, in workers that can be made to fail, die or take their time."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.scoring.base import Item


class Squares:
    """Squares ``n``; ``log`` gets a line for each number that was begun."""

    def __init__(self, log: str, *, refuse: str = "", die_at_start: bool = False) -> None:
        if refuse:
            raise CheckpointError(refuse)
        if die_at_start:
            os.kill(os.getpid(), signal.SIGKILL)
        self._log = log

    def fetch(self, item: Item) -> int:
        """Return the number."""
        return int(item["n"])

    def work(self, item: Item, fetched: Any) -> Item:
        """Return its square; ``die`` names a file that keeps the next worker alive, or "always"."""
        with open(self._log, "a") as file:
            file.write(f"{item['n']}\n")
        if (die := item.get("die")) and not (die != "always" and Path(die).exists()):
            if die != "always":
                Path(die).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if item.get("fail"):
            raise ValueError("no square")
        time.sleep(item.get("seconds", 0.0))
        return {"square": fetched**2, "pid": os.getpid()}
