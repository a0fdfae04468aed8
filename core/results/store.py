"""Runs on disk: a part for the clips, a part for each detector, none ever changed, and a manifest that names them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import Calibration, p_spoof
from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.files import sealed, sha256_json, write_json
from core.fusion import Fusion, panel_decision, panel_llr
from core.results.parts import Part, clips_digest, part_folder, read_part

__all__ = ["CLIP_COLUMNS", "MANIFEST", "PROSODY_COLUMNS", "Run", "read_manifest", "read_run", "write_manifest"]

MANIFEST, _SEAL = "manifest.json", "manifest_sha256"
FORMAT = 2
CLIP_COLUMNS = (
    "path", "label", "system", "source", "speaker", "dataset", "split", "part", "kind", "language", "seconds",
)  # fmt: skip
PROSODY_COLUMNS = ("pitch_range_st", "energy_sd_db")
_DECIDING = ("part", "calibration", "calibrated", "decision", "seen_systems")


@dataclass(frozen=True, eq=False)
class Run:
    """A corpus as detectors scored it; tables are read when they are first asked for.

    Attributes
    ----------
    folder : Path
    manifest : dict
        Corpus, detectors, fusion, the panel's decision, versions.
    clip_part : Part
    parts : dict of str to Part
        By the detector's name; two names of one detector share a part.
    """

    folder: Path
    manifest: dict[str, Any]
    clip_part: Part
    parts: dict[str, Part]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the run's figures follow from: clips, detectors, calibrations, decisions and fusion."""
        detectors = {name: {key: about[key] for key in _DECIDING} for name, about in self.manifest["detectors"].items()}
        clips, fusion = self.clip_part.about["key"], self.manifest["fusion"]
        return sha256_json({"clips": clips, "detectors": detectors, "fusion": fusion})

    @property
    def detectors(self) -> list[str]:
        """The detectors' names."""
        return list(self.manifest["detectors"])

    @property
    def problems(self) -> list[dict[str, str]]:
        """The rows of the corpus that could not be scored: ``path`` and ``what``."""
        return list(self.clip_part.about["problems"])

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Rows, bytes and SHA-256 of each file of the run's parts, by its path from ``folder``."""
        distinct = {part.folder: part for part in (self.clip_part, *self.parts.values())}
        return {
            (folder / name).relative_to(self.folder).as_posix(): entry
            for folder, part in distinct.items()
            for name, entry in part.files.items()
        }

    @cached_property
    def clips(self) -> pd.DataFrame:
        """One row per clip that was scored: ``CLIP_COLUMNS``, and for bona fide ones ``PROSODY_COLUMNS``.

        A run that was kept before there was a column has none of it.
        """
        return self.clip_part.table("clips.parquet")

    @cached_property
    def paths(self) -> frozenset[str]:
        """The clips' paths, as the corpus' manifest gives them."""
        return frozenset(self.clips["path"])

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per clip and detector: the clip's columns, ``detector, score, p_spoof, verdict, raw``."""
        return pd.concat([self._scored(name) for name in self.detectors], ignore_index=True)

    def _scored(self, name: str) -> pd.DataFrame:
        raw = self.parts[name].table("scores.parquet", ["raw"])["raw"].to_numpy()
        decision = Decision(**self.manifest["detectors"][name]["decision"])
        return _with_scores(self.clips, name, self._calibration(name).llr(raw), decision).assign(raw=raw)

    def _calibration(self, name: str) -> Calibration:
        return Calibration.from_json(self.manifest["detectors"][name]["calibration"])

    @cached_property
    def panel(self) -> pd.DataFrame:
        """One row per clip: the clip's columns, ``detector`` ("panel"), ``score, p_spoof, verdict``."""
        fusion = self.manifest["fusion"]
        wide = self.wide("score")
        scores = {name: wide[name].to_numpy() for name in self.detectors}
        llr = panel_llr(scores, None if fusion is None else Fusion.from_json(fusion))
        return _with_scores(self.clips, "panel", llr, Decision(**self.manifest["decision"]))

    @cached_property
    def windows(self) -> pd.DataFrame:
        """One row per clip, detector and window: ``path, detector, start_s, end_s, raw, score``."""
        return pd.concat([self._windows(name) for name in self.detectors], ignore_index=True)

    def _windows(self, name: str) -> pd.DataFrame:
        table = self.parts[name].table("windows.parquet")
        owner = self.clips["path"].to_numpy()[table.pop("clip").to_numpy()]
        table.insert(0, "path", owner)
        table.insert(1, "detector", name)
        return table.assign(score=self._calibration(name).llr(table["raw"]))

    @cached_property
    def errors(self) -> pd.DataFrame | None:
        """Mean squared reconstruction error, or None where no detector rebuilds anything.

        One row per clip and autoencoder: ``path, detector, total, static, delta, delta-delta``.
        """
        tables = []
        for name, part in self.parts.items():
            if "errors.parquet" in part.files:
                table = part.table("errors.parquet")
                table.insert(0, "path", self.clips["path"])
                table.insert(1, "detector", name)
                tables.append(table)
        return pd.concat(tables, ignore_index=True) if tables else None

    def embeddings(self, detector: str) -> NDArray[np.float32]:
        """Return a detector's embeddings [shape=(clips, d), float32], in the order of ``clips``.

        Raises
        ------
        ResultsError
            When the run has none of this detector.
        """
        if detector not in self.parts:
            raise ResultsError(f"{self.folder} has no embeddings of {detector!r}; it has: {', '.join(self.detectors)}.")
        return np.asarray(self.parts[detector].array("embeddings.npy"), dtype=np.float32)

    def project(self, detector: str, embedding: NDArray[np.floating]) -> NDArray[np.float32] | None:
        """Return a new clip's embedding [shape=(d,)] as this run keeps those of its own clips [shape=(dims,)].

        None where it cannot be: the run has no such detector, or keeps principal components without their projection.
        """
        part = self.parts.get(detector)
        if part is None:
            return None
        if "projection.npy" in part.files:
            mean, *components = np.asarray(part.array("projection.npy"), dtype=np.float64)
            return np.asarray(np.stack(components) @ (embedding - mean), dtype=np.float32)
        reduced = self.manifest["detectors"][detector]["embedding"]["reduced"]
        return None if reduced else np.asarray(embedding, dtype=np.float32)

    def wide(self, column: str = "score") -> pd.DataFrame:
        """Return one column of ``scores`` as a table of clips (index: path, in order) by detectors."""
        values = self.scores[column].to_numpy().reshape(len(self.detectors), len(self.clips)).T
        return pd.DataFrame(values, index=pd.Index(self.clips["path"], name="path"), columns=self.detectors)

    def only(self, names: Sequence[str]) -> "Run":
        """Return the run of some of its detectors; they are fused where all members of the panel are among them."""
        fusion = self.manifest["fusion"]
        fits = fusion is not None and len(names) > 1 and set(fusion["members"]) <= set(names)
        chosen = {name: self.manifest["detectors"][name] for name in names}
        manifest = _with_decision({**self.manifest, "detectors": chosen, "fusion": fusion if fits else None})
        return Run(self.folder, manifest, self.clip_part, {name: self.parts[name] for name in names})

    def verify(self) -> "Run":
        """Check every file against its digest now, not when it is read, and return the run.

        Raises
        ------
        ResultsError
            When a file is damaged; the message names it.
        """
        for part in (self.clip_part, *self.parts.values()):
            part.verify()
        return self


def _with_scores(clips: pd.DataFrame, name: str, llr: NDArray[np.float64], decision: Decision) -> pd.DataFrame:
    verdicts = [decision.verdict(score) for score in llr.tolist()]
    return clips.assign(detector=name, score=llr, p_spoof=p_spoof(llr), verdict=verdicts)


def _with_decision(manifest: dict[str, Any]) -> dict[str, Any]:
    fusion = manifest["fusion"]
    decisions = {name: Decision(**about["decision"]) for name, about in manifest["detectors"].items()}
    decision = panel_decision(decisions, None if fusion is None else Fusion.from_json(fusion))
    return {**manifest, "decision": decision.model_dump(mode="json")}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write which parts a run has.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        ``corpus`` (its ``part`` is the key of the clips), ``detectors`` (by name: ``part``, the key of the scores,
        and the detector's facts), ``fusion``, ``embedding_dims``, ``made`` and ``versions``.
    """
    write_json(folder / MANIFEST, sealed({**manifest, "format": FORMAT}, _SEAL))


def read_run(folder: Path | str) -> Run:
    """Read a run; each file is checked against its digest when it is read.

    Raises
    ------
    ResultsError
        When there is no run, or a part is missing or damaged; the message names it.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    clips = _part(folder, manifest["corpus"]["part"])
    parts = {name: _part(folder, about["part"]) for name, about in manifest["detectors"].items()}
    for part in parts.values():
        if part.about["clips"] != clips_digest(clips):
            raise ResultsError(f"{part.folder} scores other clips than {clips.folder}: delete it, evaluate again.")
    facts = {
        name: {**about, "embedding": parts[name].about["embedding"]} for name, about in manifest["detectors"].items()
    }
    corpus = {**manifest["corpus"], "scored": clips.files["clips.parquet"]["rows"]}
    return Run(folder, _with_decision({**manifest, "corpus": corpus, "detectors": facts}), clips, parts)


def _part(folder: Path, key: str) -> Part:
    part = read_part(folder, key)
    if part is None:
        raise ResultsError(f"{part_folder(folder, key)} is missing: restore it, or run evaluate again.")
    return part


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a run's manifest as ``write_manifest`` wrote it.

    Raises
    ------
    ResultsError
        When there is none, or it is damaged or of another format.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise ResultsError(f"There is no run in {folder}: it has no {MANIFEST}.") from error
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or sealed(manifest, _SEAL) != manifest:
        raise ResultsError(f"{path} does not match its own digest: it was damaged or edited; restore it.")
    if manifest.get("format") != FORMAT:
        raise ResultsError(
            f"{path} has format {manifest.get('format')!r} and this version reads format {FORMAT}: "
            "score the corpus again (evaluate, with another folder or --overwrite)."
        )
    return {name: value for name, value in manifest.items() if name not in (_SEAL, "format")}
