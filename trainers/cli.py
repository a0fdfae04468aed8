"""The command line ``python -m trainers``: every module of ``trainers/commands`` registers one command here."""

import logging
import sys
from collections.abc import Sequence

from core.shell import CommandLine

__all__ = ["COMMAND_LINE", "command", "main"]

COMMAND_LINE = CommandLine(
    "python -m trainers", package="trainers.commands", summary="Turn a corpus into detectors, recordings into a corpus."
)
command = COMMAND_LINE.command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; progress goes to standard error."""
    log = logging.getLogger("trainers")
    # Not by the root logger: Lightning has a handler of its own, and each of its lines would appear twice.
    log.handlers = [logging.StreamHandler(sys.stderr)]
    log.setLevel(logging.INFO)
    return COMMAND_LINE.main(arguments)
