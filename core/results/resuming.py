"""What a folder holds of a run before it is filled: its manifest, its journals, and what these have settled."""

import os
from pathlib import Path
from typing import Any

from core.errors import ResultsError
from core.files import remove_leftovers
from core.results.manifest import MANIFEST, read_manifest

__all__ = ["journals_of", "known_manifest", "settled_dims"]

_ENDING = ".spoofscope-scores"
_WEEK_S = 7 * 86_400.0


def known_manifest(folder: Path, key: str, *, overwrite: bool) -> dict[str, Any] | None:
    """Return the manifest of the run that a folder holds, where it is of this corpus; None where it begins anew.

    Raises
    ------
    ResultsError
        When the folder holds something else, and it is not to be replaced.
    """
    if not (folder / MANIFEST).is_file():
        if folder.exists() and any(path.name[0] != "." and path.name != "parts" for path in folder.iterdir()):
            raise ResultsError(f"{folder} holds other files and no run: choose another folder.")
        return None
    try:
        known = read_manifest(folder)
    except ResultsError:
        if overwrite:
            return None
        raise
    if known["corpus"]["part"] == key:
        return known
    if overwrite:
        return None
    raise ResultsError(f"{folder} holds the run of another corpus: choose another folder, or replace it (--overwrite).")


def journals_of(folder: Path) -> Path:
    """Return the folder of a run's journals, when those that nobody went on with are removed."""
    mine = folder.parent / f".{folder.name}{_ENDING}"
    if mine.is_dir():
        os.utime(mine)
    remove_leftovers(folder.parent, ending=_ENDING, older_than_s=_WEEK_S)
    return mine


def settled_dims(folder: Path, known: dict[str, Any] | None, dims: int | None, *, overwrite: bool) -> int | None:
    """Return how many dimensions embeddings keep: as the run that is there has settled, else as asked.

    Raises
    ------
    ResultsError
        When both are there and differ.
    """
    if known is None or (overwrite and dims is not None):
        return dims
    kept: int | None = known["embedding_dims"]
    if dims is not None and dims != kept:
        how = "whole" if kept is None else f"with {kept} dimensions"
        raise ResultsError(
            f"The run in {folder} keeps embeddings {how}: leave out --embedding-dims, or choose another folder."
        )
    return kept
