"""``report``: a case of recordings that can be kept, printed and verified."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import command
from core.progress import progress
from core.shell import Checkpoints, printable
from core.watch import reporting_to

__all__ = ["report"]


@command("report")
def report(
    files: Annotated[list[Path], typer.Argument(help="Recordings.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")],
    checkpoint: Checkpoints = None,
    tried: Annotated[
        bool, typer.Option("--tried", help="Also test whether each verdict holds, and what flips it.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the paragraph in words.")] = "en",
) -> None:
    """Keep a case: report, data and manifest in one zip.

    It holds a report that opens anywhere and prints, the digests of recordings and models, settings, scores, timelines,
    maps and tables as files, and a manifest; not the recordings themselves. ``verify`` checks it.
    """
    from core.case.context import Context
    from core.case.write import write_case
    from core.files import sha256_file
    from core.panel import load_panel

    context = Context(load_panel(checkpoint), checkpoint, language, tries=tried)
    with progress("windows computed") as counted, reporting_to(counted):
        write_case(files, output, context=context)
    typer.echo(f"Written: {printable(str(output))}, {output.stat().st_size / 1e6:.1f} MB")
    typer.echo(f"SHA-256: {sha256_file(output)} (keep it elsewhere: it shows later that this is the case)")
