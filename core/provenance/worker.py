"""The child that reads strangers' containers, tags and signatures: ``python -m core.provenance.worker``.

A parser that hangs or crashes takes this process with it, not the application (``core/audio/pool.py``).
"""

import resource
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from core.audio.assemble import Answer
from core.audio.budget import Budget
from core.audio.limits import Limits
from core.audio.source import Refusal
from core.audio.worker import serve

__all__ = ["main"]

Facts = dict[str, Any]


def _credentials(request: dict[str, Any], limits: Limits) -> Facts:
    from core.provenance.credentials import read_credentials

    return read_credentials(request["path"], anchors=request["anchors"])


def _tags(request: dict[str, Any], limits: Limits) -> Facts:
    from core.provenance.tags import read_tags

    return read_tags(request["path"])


def _samples(request: dict[str, Any], limits: Limits) -> Facts:
    from core.provenance.samples import measure_file

    return measure_file(request["path"], limits=limits, ffmpeg=request["ffmpeg"])


READERS: dict[str, Callable[[dict[str, Any], Limits], Facts]] = {
    "credentials": _credentials, "tags": _tags, "samples": _samples,
}  # fmt: skip


def _answer(request: dict[str, Any], answers: BinaryIO) -> Answer:
    limits = Limits(**request["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.child_bytes, resource.RLIM_INFINITY))
    Budget(limits, request["size"]).bind()
    try:
        facts = READERS[request["what"]](request, limits)
    except (Refusal, MemoryError) as error:
        facts = {"unread": str(error) or "needs more memory than reading may take."}
    return facts, np.zeros(0, np.float32)


def main() -> None:
    """Answer until standard input closes."""
    serve(_answer)


if __name__ == "__main__":
    main()
