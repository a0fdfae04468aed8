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
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return COMMAND_LINE.main(arguments)
