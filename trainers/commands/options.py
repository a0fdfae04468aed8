"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Checkpoints", "Manifest", "Output", "Root", "Work", "work_folder"]

Manifest = Annotated[Path, typer.Option(help="Table of the corpus, CSV or Parquet.")]
Root = Annotated[Path, typer.Option(help="Folder that the manifest's paths start from.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder of checkpoints.")]
Work = Annotated[
    Path | None, typer.Option(help="Folder for decoded clips and unfinished training; by default in the user's cache.")
]
Checkpoints = Annotated[
    list[str], typer.Option("--checkpoint", help="Name of a shipped detector, or a checkpoint's folder; repeat it.")
]


def work_folder(given: Path | None) -> Path:
    """Return the folder for what a training keeps: as given, or ``training`` in the user's cache."""
    from core.audio.examples import default_cache_dir

    return given or default_cache_dir() / "training"
