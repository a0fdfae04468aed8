"""The command line of the trainers: one sentence on standard error where something is wrong, never a traceback."""

import logging
import sys
from collections.abc import Sequence

import typer

from core.errors import SpoofscopeError
from trainers.commands.compare import compare
from trainers.commands.fit import fit
from trainers.commands.panel import panel
from trainers.commands.recipes import recipes
from trainers.commands.spoof import spoof

__all__ = ["app", "main"]

app = typer.Typer(
    name="trainers", help="Turn a corpus into detectors.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip

app.command("fit")(fit)
app.command("panel")(panel)
app.command("compare")(compare)
app.command("recipes")(recipes)
app.command("spoof")(spoof)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``python -m trainers``; by default, the process' own.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        app(list(arguments) if arguments is not None else None, prog_name="python -m trainers")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SpoofscopeError as error:
        typer.echo(f"Error: {error}", err=True)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"Error: {where}{error.strerror or error}.", err=True)
        return 1
    return 0
