"""``compare``: trainings side by side."""

import typer

from core.shell import Checkpoints
from trainers.cli import command

__all__ = ["compare"]


@command("compare")
def compare(checkpoint: Checkpoints = None) -> None:
    """Print what was changed between trainings, and its effect.

    The others are compared with the first; without --checkpoint, all detectors that ship are.
    """
    from core.detectors.checkpoint import shipped
    from trainers.compare import compare_markdown

    typer.echo(compare_markdown(checkpoint or shipped()))
