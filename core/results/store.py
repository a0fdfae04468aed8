"""Runs on disk: a folder of immutable parts, and a manifest that knows the SHA-256 of each."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
from numpy.typing import NDArray

from core.errors import ResultsError
from core.files import atomic_folder, sealed, sha256_bytes, sha256_file, write_bytes, write_json

__all__ = ["CLIP_COLUMNS", "PROSODY_COLUMNS", "Run", "read_run", "write_run"]

MANIFEST = "manifest.json"
FORMAT = 1
CLIP_COLUMNS = ("path", "label", "system", "source", "speaker", "dataset", "split", "part", "kind", "seconds")
PROSODY_COLUMNS = ("pitch_range_st", "energy_sd_db")
_TABLES = ("clips", "scores", "panel", "windows", "errors")


@dataclass(frozen=True, eq=False)
class Run:
    """What detectors said of a corpus.

    Attributes
    ----------
    folder : Path
    manifest : dict
        Corpus, detectors, fusion, problems, versions, and the parts with their digests.
    clips : DataFrame
        One row per clip that was heard: ``CLIP_COLUMNS``, and for bona fide ones ``PROSODY_COLUMNS``.
    scores : DataFrame
        One row per clip and detector: the clip's columns, ``detector, raw, score, p_spoof, verdict``.
    panel : DataFrame
        One row per clip: the clip's columns, ``detector`` ("panel"), ``score, p_spoof, verdict``.
    windows : DataFrame
        One row per clip, detector and window: ``path, detector, start_s, end_s, raw, score``.
    errors : DataFrame or None
        Mean squared reconstruction error, one row per clip and autoencoder: ``path, detector, total, static,
        delta, delta-delta``.
    """

    folder: Path
    manifest: dict[str, Any]
    clips: pd.DataFrame
    scores: pd.DataFrame
    panel: pd.DataFrame
    windows: pd.DataFrame
    errors: pd.DataFrame | None

    @property
    def digest(self) -> str:
        """What the run was made from: corpus, split, detectors and options."""
        return str(self.manifest["digest"])

    @property
    def detectors(self) -> list[str]:
        """The detectors' names, in the panel's order."""
        return list(self.manifest["detectors"])

    @property
    def problems(self) -> list[dict[str, str]]:
        """The rows that could not be heard: ``path`` and ``what``."""
        return list(self.manifest["problems"])

    @cached_property
    def paths(self) -> frozenset[str]:
        """The clips' paths, as their manifest gives them."""
        return frozenset(self.clips["path"])

    def embeddings(self, detector: str) -> NDArray[np.float32]:
        """Return a detector's embeddings [shape=(clips, d), float32], in the order of ``clips``.

        Raises
        ------
        ResultsError
            When the run has none of this detector.
        """
        entry = self.manifest["detectors"].get(detector, {}).get("embedding")
        if entry is None:
            raise ResultsError(f"{self.folder} has no embeddings of {detector!r}; it has: {', '.join(self.detectors)}.")
        stored = np.load(self.folder / entry["file"], mmap_mode="r", allow_pickle=False)
        return np.asarray(stored, dtype=np.float32)

    def wide(self, column: str = "score") -> pd.DataFrame:
        """Return one column of ``scores`` as a table of clips (index: path, in order) by detectors."""
        table = self.scores.pivot(index="path", columns="detector", values=column)
        return table.loc[self.clips["path"].tolist(), self.detectors]


def write_run(
    folder: Path | str, *, manifest: Mapping[str, Any], clips: pd.DataFrame, scores: pd.DataFrame, panel: pd.DataFrame,
    windows: pd.DataFrame, embeddings: Mapping[str, NDArray[np.floating]], errors: pd.DataFrame | None = None,
    overwrite: bool = False,
) -> Path:  # fmt: skip
    """Write a run as a new folder, whole or not at all.

    Parameters
    ----------
    folder : Path or str
    manifest : mapping
        What the run is; ``detectors`` maps each name to what is known of it. Parts and digests are added here.
    clips, scores, panel, windows, errors : DataFrame
        As in ``Run``, but that only ``clips`` carries the clips' columns; the others name them by ``path``.
    embeddings : mapping of str to ndarray [shape=(clips, d)]
    overwrite : bool
        Replace a run that is there.

    Raises
    ------
    ResultsError
        When the folder exists and is not to be replaced: runs are never changed.
    """
    tables = dict(zip(_TABLES, (clips, scores, panel, windows, errors), strict=True))
    detectors = {name: dict(entry) for name, entry in manifest["detectors"].items()}
    parts: dict[str, dict[str, Any]] = {}
    try:
        with atomic_folder(folder, overwrite=overwrite) as temporary:
            for name, table in tables.items():
                if table is not None:
                    content = table.reset_index(drop=True).to_parquet(index=False, compression="zstd")
                    _add(temporary, parts, f"{name}.parquet", content, rows=len(table))
            for number, (name, array) in enumerate(embeddings.items()):
                file = f"embeddings-{number:02d}.npy"
                _add(temporary, parts, file, _npy(array), rows=len(array))
                detectors[name]["embedding"] = {**detectors[name].get("embedding", {}), "file": file}
            stored = {**manifest, "format": FORMAT, "detectors": detectors, "parts": parts}
            write_json(temporary / MANIFEST, sealed(stored, "manifest_sha256"))
    except FileExistsError as error:
        raise ResultsError(f"A run is never changed, and {folder} exists: choose another folder.") from error
    return Path(folder)


def _add(folder: Path, parts: dict[str, dict[str, Any]], name: str, content: bytes, *, rows: int) -> None:
    write_bytes(folder / name, content)
    parts[name] = {"rows": rows, "bytes": len(content), "sha256": sha256_bytes(content)}


def _npy(array: NDArray[np.floating]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def read_run(folder: Path | str) -> Run:
    """Read a run and check every part against its digest.

    Raises
    ------
    ResultsError
        When there is no run, or a part is missing or damaged; the message names it.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / MANIFEST)
    for name, part in manifest["parts"].items():
        path = folder / name
        if not path.is_file():
            raise ResultsError(f"{path} is missing: the run is incomplete; restore it, or score the corpus again.")
        if sha256_file(path) != part["sha256"]:
            raise ResultsError(f"{path} does not match its digest: it was damaged; restore it, or score again.")
    tables = {name: _read_table(folder / f"{name}.parquet", manifest) for name in _TABLES}
    clips, scores, panel, windows = (_required(tables[name], name, folder) for name in _TABLES[:4])
    return Run(
        folder=folder,
        manifest=manifest,
        clips=clips,
        scores=clips.merge(scores, on="path", validate="one_to_many"),
        panel=clips.merge(panel, on="path", validate="one_to_one"),
        windows=windows,
        errors=tables["errors"],
    )


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise ResultsError(f"There is no run in {path.parent}: it has no {path.name}.") from error
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or sealed(manifest, "manifest_sha256") != manifest:
        raise ResultsError(f"{path} does not match its own digest: it was damaged or edited; restore it.")
    if manifest.get("format") != FORMAT:
        raise ResultsError(f"{path} has format {manifest.get('format')!r}; this version reads format {FORMAT}.")
    return manifest


def _read_table(path: Path, manifest: Mapping[str, Any]) -> pd.DataFrame | None:
    if path.name not in manifest["parts"]:
        return None
    try:
        return pd.read_parquet(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise ResultsError(f"{path} cannot be read as a table: {error}") from error


def _required(table: pd.DataFrame | None, name: str, folder: Path) -> pd.DataFrame:
    if table is None:
        raise ResultsError(f"{folder} has no part {name}.parquet: it is not a whole run.")
    return table
