"""``import-run``: anyone's scores of a corpus as a run, for the page and the other commands."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from core.cli import command

__all__ = ["import_run"]


@command("import-run")
def import_run(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of scores, one a detector.")],
    protocol: Annotated[Path, typer.Option(help="A manifest, protocol or key: the clips, their labels and columns.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of the run; by default one in the user's data folder.")
    ] = None,
    higher: Annotated[
        list[str] | None,
        typer.Option(help="What a higher score means, where labels do not settle it: NAME=bonafide or NAME=spoof; "
                     "may be repeated."),
    ] = None,
) -> None:
    """Make a run of anyone's scores, so that the page shows them.

    A line ``utterance score`` a clip, CSV, JSON and more are read. A detector is called as its file. The run has no
    embeddings: the views that need them say so, and python -m core evaluate makes them from the recordings.
    """
    from core.commands.panel import stated_polarity
    from core.files import sha256_file
    from core.paths import run_folder
    from core.predictions.predictions import read_predictions
    from core.predictions.to_run import import_run as make

    folder = output if output is not None else run_folder(sha256_file(protocol))
    run = make([read_predictions(file) for file in files], protocol, folder, higher=stated_polarity(higher or []))
    for name, about in run.manifest["detectors"].items():
        typer.echo(f"{name}: {about['imported']['polarity']}; calibrated on {about['imported']['calibrated_on']}.")
    for what, n in Counter(problem["what"] for problem in run.problems).items():
        typer.echo(f"{n} {'clip' if n == 1 else 'clips'}: {what}.")
    typer.echo(f"{len(run)} clips: {folder}\nOpen it on the page: python -m dashboard --runs {folder}")
