"""A worker as a process: ``python -m core.scoring.worker`` reads items on standard input, a line of JSON each.

What its work needs takes a second to import: that module is named on the command line, so that it comes first.

Parent and worker trust each other; strangers' files are decoded in children of the worker's own (``core.audio.pool``).
JSON keeps the rule that nothing is unpickled. The process ends as soon as its standard input closes.
"""

import importlib
import json
import os
import queue
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO, NoReturn

from core.errors import ScoringError, SpoofscopeError
from core.scoring.base import Item, Work, Worker, attempt

__all__ = ["main"]

_Requests = queue.SimpleQueue[tuple[Item, "Future[Any]"]]


def _read(worker: Worker, requests: "_Requests") -> NoReturn:
    """Queue the items and begin to fetch what they need; when the parent goes away, end this process at once."""
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as ahead:
        for line in sys.stdin.buffer:
            item = json.loads(line)
            requests.put((item, ahead.submit(worker.fetch, item)))
        os._exit(0)


def _write(stream: BinaryIO, answer: Item) -> None:
    stream.write(json.dumps(answer).encode() + b"\n")
    stream.flush()


def main() -> None:
    """Work until standard input closes."""
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    importlib.import_module(sys.argv[1])
    first = json.loads(sys.stdin.buffer.readline() or b"null")
    if first is None:
        return
    os.nice(first["nice"])
    try:
        worker = Work(first["maker"], first["given"]).begin()
    except SpoofscopeError as error:
        _write(answers, {"refused": str(error)})
        return
    _write(answers, {"ready": os.getpid()})
    requests: _Requests = queue.SimpleQueue()
    threading.Thread(target=_read, args=(worker, requests), daemon=True).start()
    while True:
        item, fetched = requests.get()
        found = attempt(worker, item, fetched.result())
        if isinstance(found, ScoringError) and found.__cause__ is not None:
            sys.excepthook(type(found.__cause__), found.__cause__, found.__cause__.__traceback__)
        _write(answers, {"error": str(found)} if isinstance(found, ScoringError) else {"result": found})


if __name__ == "__main__":
    main()
