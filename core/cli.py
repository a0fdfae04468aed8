"""The command line: one sentence on standard error where something is wrong, never a traceback."""

import sys
from collections.abc import Sequence

import typer

from core.commands.audit import audit
from core.commands.bench import bench
from core.commands.corpus import corpus
from core.commands.evaluate import evaluate
from core.commands.explain import explain
from core.commands.export import export
from core.commands.import_weights import import_weights
from core.commands.listing import list_detectors
from core.commands.results_table import results_table
from core.commands.score import score
from core.errors import SpoofscopeError

__all__ = ["app", "main"]

app = typer.Typer(
    name="core",
    help="Is this voice real, and how do you know?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _describe() -> None:
    """Is this voice real, and how do you know? Every score here is higher for more bona fide."""


app.command("score")(score)
app.command("explain")(explain)
app.command("evaluate")(evaluate)
app.command("audit")(audit)
app.command("corpus")(corpus)
app.command("import-weights")(import_weights)
app.command("list")(list_detectors)
app.command("bench")(bench)
app.command("export")(export)
app.command("results-table")(results_table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``python -m core``; by default, the process' own.
    """
    try:
        app(list(arguments) if arguments is not None else None, prog_name="python -m core")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SpoofscopeError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{where}{error.strerror or error}.", file=sys.stderr)
        return 1
    return 0
