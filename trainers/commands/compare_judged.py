"""``compare-judged``: two detectors on the same held-out pages."""

from pathlib import Path
from typing import Annotated

import typer

from trainers.cli import command

__all__ = ["compare_judged"]


@command("compare-judged")
def compare_judged(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A detector that was judged, or panel.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another one, or panel.")] = "panel",
    judged: Annotated[Path, typer.Option(help="Folder of out-of-fold scores, as judge writes them.")] = Path("judged"),
) -> None:
    """Compare two detectors on the same held-out pages.

    Prints both equal error rates by version of the clips, and the points between them with an interval over pages, the
    same pages for both.
    """
    from trainers.compare_judged import compare_judged as compare

    typer.echo(compare(judged, name, other))
