"""``verify``: whether a case is whole, and whether it follows from the recording."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import command
from core.progress import progress
from core.shell import Checkpoints, JsonFlag, json_text, printable
from core.watch import reporting_to

__all__ = ["verify"]


@command("verify")
def verify(
    case: Annotated[Path, typer.Argument(help="The zip that report wrote.")],
    audio: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A recording of the case, to compute all of it again; may be repeated."),
    ] = None,
    checkpoint: Checkpoints = None,
    as_json: JsonFlag = False,
) -> None:
    """Verify a case: what matches, what differs, and why."""
    from core.case.context import Context
    from core.case.verify import verify_case
    from core.panel import load_panel

    context = Context(load_panel(checkpoint), checkpoint) if checkpoint else None
    with progress("windows computed") as counted, reporting_to(counted):
        found = verify_case(case, audio or (), context=context)
    if as_json:
        typer.echo(json_text(found.to_json()))
    else:
        for check in found.checks:
            typer.echo(f"{check.state:<17} {printable(check.what)}: {printable(check.text)}")
        typer.echo("The case holds." if found.holds else "The case does not hold: see what differs.")
    if not found.holds:
        raise typer.Exit(1)
