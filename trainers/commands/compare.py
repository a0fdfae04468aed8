"""``compare``: trainings side by side."""

import typer

from trainers.commands.options import Checkpoints

__all__ = ["compare"]


def compare(checkpoint: Checkpoints) -> None:
    """Print what was changed between trainings and the error rates it led to, against the first of them."""
    from trainers.compare import compare_markdown

    typer.echo(compare_markdown(checkpoint))
