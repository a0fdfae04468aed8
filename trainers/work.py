"""Where decoded clips and unfinished trainings are kept."""

from pathlib import Path
from typing import Annotated

import typer

from core.paths import cache_folder

__all__ = ["WorkFolder", "work_folder"]

WorkFolder = Annotated[
    Path | None,
    typer.Option(
        "--work", metavar="FOLDER", help="For decoded clips and unfinished training; by default in the user's cache."
    ),
]


def work_folder(given: Path | None) -> Path:
    """Return the folder for decoded clips and unfinished trainings: as given, or ``training`` in the user's cache."""
    return given or cache_folder() / "training"
