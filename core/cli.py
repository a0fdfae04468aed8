"""The command line ``python -m core``: every module of ``core/commands`` registers one command here."""

from core.shell import CommandLine

__all__ = ["COMMAND_LINE", "command", "main"]

COMMAND_LINE = CommandLine(
    "python -m core",
    package="core.commands",
    summary="Is this voice real, and how do you know? Every score here is higher for more bona fide.",
)
command = COMMAND_LINE.command
main = COMMAND_LINE.main
