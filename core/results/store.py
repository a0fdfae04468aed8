"""Runs on disk: a part for the clips, a part for each detector, none ever changed, and a manifest that names them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.analysis.calibration import Calibration, p_spoof
from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.files import sealed, sha256_json, write_json
from core.fusion import PANEL, Fusion, panel_decision, panel_llr
from core.results.parts import Part, clips_digest, part_folder, read_part

__all__ = [
    "CLIP_COLUMNS", "KEY_DIGITS", "MANIFEST", "PROSODY_COLUMNS", "Run", "digest_of", "read_manifest", "read_run",
    "write_manifest",
]  # fmt: skip

_CLIPS, _MEASURED = "clips.parquet", "measured.parquet"
MANIFEST, _SEAL = "manifest.json", "manifest_sha256"
FORMAT = 2
KEY_DIGITS = 12
CLIP_COLUMNS = (
    "path", "label", "system", "source", "speaker", "dataset", "split", "part", "kind", "language", "seconds",
)  # fmt: skip
PROSODY_COLUMNS = ("pitch_range_st", "energy_sd_db")
_DECIDING = ("part", "calibration", "calibrated", "decision", "seen_systems")


@dataclass(frozen=True, eq=False)
class Run:
    """A corpus as detectors scored it; columns are read when they are first asked for, and kept.

    A clip's position in the run is what arrays and masks go by; its ``path`` is how it is known elsewhere.

    Attributes
    ----------
    folder : Path
    manifest : dict
        Corpus, detectors, fusion, the panel's decision, versions.
    clip_part : Part
    parts : dict of str to Part
        By the detector's name; two names of one detector share a part.
    measured : Part, optional
        What was measured of the clips: ``measured.parquet``, a row a clip in the order of the clips.
    """

    folder: Path
    manifest: dict[str, Any]
    clip_part: Part
    parts: dict[str, Part]
    measured: Part | None = None
    _kept: dict[str, pd.Series] = field(default_factory=dict, repr=False)
    _llr: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """The number of clips that were scored."""
        return int(self.clip_part.files[_CLIPS]["rows"])

    @cached_property
    def _home(self) -> dict[str, tuple[Part, str]]:
        """Part and file of each column of the clips; what was measured of them stands in for what was kept before."""
        found = dict.fromkeys(self.clip_part.column_names(_CLIPS), (self.clip_part, _CLIPS))
        if self.measured is not None:
            names = self.measured.column_names(_MEASURED)
            found |= dict.fromkeys((name for name in names if name != "path"), (self.measured, _MEASURED))
        return found

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the clips' columns: the manifest's, and those that were measured."""
        return tuple(self._home)

    def column(self, name: str) -> pd.Series:
        """Return a column of the clips [shape=(n,)]: text as ``category``, numbers as they are stored.

        Raises
        ------
        ResultsError
            When there is no such column, or its file is damaged.
        """
        if name not in self._kept:
            part, file = self._part_of(name)
            self._kept[name] = part.columns(file, [name])[name]
        return self._kept[name]

    def rows(self, index: ArrayLike, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of a few clips, in the order of ``index`` (positions [shape=(k,)]); text as it is.

        Raises
        ------
        ResultsError
            As ``column`` does.
        """
        places = np.asarray(index, dtype=np.int64)
        found = pd.DataFrame(index=pd.RangeIndex(len(places)))
        wanted: dict[tuple[Part, str], list[str]] = {}
        for name in columns:
            if name not in self._kept:
                wanted.setdefault(self._part_of(name), []).append(name)
        for (part, file), names in wanted.items():
            found[names] = part.rows(file, places, names)
        for name in set(columns) & set(self._kept):
            values = self._kept[name].iloc[places]
            plain = values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values
            found[name] = plain.to_numpy()
        return found[list(columns)]

    def _part_of(self, column: str) -> tuple[Part, str]:
        if column not in self._home:
            raise ResultsError(f"{self.folder} has no column {column!r}; it has: {', '.join(self.columns)}.")
        return self._home[column]

    @cached_property
    def real(self) -> NDArray[np.bool_]:
        """Which clips are labelled bona fide [shape=(n,)]."""
        return self._labelled("bonafide")

    @cached_property
    def fake(self) -> NDArray[np.bool_]:
        """Which clips are labelled spoof [shape=(n,)]; a clip may be neither."""
        return self._labelled("spoof")

    def _labelled(self, label: str) -> NDArray[np.bool_]:
        if "label" not in self.columns:
            return np.zeros(len(self), dtype=bool)
        return (self.column("label") == label).to_numpy(dtype=bool)

    def llr(self, name: str) -> NDArray[np.float64]:
        """Return a detector's log-likelihood ratios, or the panel's [shape=(n,)]; higher = more bona fide.

        Raises
        ------
        ResultsError
            When the run does not hold the detector.
        """
        if name not in self._llr:
            self._llr[name] = self._panel_llr() if name == PANEL else self._detector_llr(name)
        return self._llr[name]

    def raw(self, name: str) -> NDArray[np.float64]:
        """Return a detector's raw outputs [shape=(n,)].

        Raises
        ------
        ResultsError
            When the run does not hold the detector.
        """
        if name not in self.parts:
            held = ", ".join(self.detectors)
            raise ResultsError(
                f"{name} is not scored yet in {self.folder}, which holds {held}: run python -m core evaluate."
            )
        return self.parts[name].columns("scores.parquet", ["raw"])["raw"].to_numpy(dtype=np.float64)

    def _detector_llr(self, name: str) -> NDArray[np.float64]:
        raw = self.raw(name)
        return self._calibration(name).llr(raw)

    @cached_property
    def members(self) -> list[str]:
        """The detectors that the panel's score is made of: the fusion's, or those not at chance on the whole run."""
        from core.results.competent import admitted

        fusion = self.manifest["fusion"]
        return admitted(self.whole, self.detectors) if fusion is None else list(fusion["members"])

    def _panel_llr(self) -> NDArray[np.float64]:
        fusion = self.manifest["fusion"]
        scores = {name: self.llr(name) for name in self.members}
        return panel_llr(scores, None if fusion is None else Fusion.from_json(fusion))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the run's figures follow from: clips, detectors, calibrations, decisions and fusion."""
        return digest_of(self.manifest)

    @property
    def key(self) -> str:
        """The beginning of the digest, by which the page's address names the run."""
        return self.digest[:KEY_DIGITS]

    @property
    def whole(self) -> "Run":
        """The run with all its clips: this one (``core.results.selected`` has runs of some clips)."""
        return self

    @cached_property
    def positions(self) -> NDArray[np.intp]:
        """Where each clip stands in the whole run [shape=(n,)]."""
        return np.arange(len(self))

    @property
    def detectors(self) -> list[str]:
        """The detectors' names."""
        return list(self.manifest["detectors"])

    @property
    def problems(self) -> list[dict[str, str]]:
        """The rows of the corpus that could not be scored: ``path`` and ``what``."""
        return list(self.clip_part.about["problems"])

    @property
    def _every_part(self) -> list[Part]:
        return [self.clip_part, *self.parts.values(), *([self.measured] if self.measured else [])]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """Rows, bytes and SHA-256 of each file of the run's parts, by its path from ``folder``."""
        distinct = {part.folder: part for part in self._every_part}
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
        return self.clip_part.table(_CLIPS)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The clips' paths, as the corpus' manifest gives them."""
        return frozenset(self.column("path"))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per clip and detector: the clip's columns, ``detector, score, p_spoof, verdict, raw``."""
        return pd.concat([self._scored(name) for name in self.detectors], ignore_index=True)

    def _scored(self, name: str) -> pd.DataFrame:
        decision = Decision(**self.manifest["detectors"][name]["decision"])
        return _with_scores(self.clips, name, self.llr(name), decision).assign(raw=self.raw(name))

    def _calibration(self, name: str) -> Calibration:
        return Calibration.from_json(self.manifest["detectors"][name]["calibration"])

    @cached_property
    def panel(self) -> pd.DataFrame:
        """One row per clip: the clip's columns, ``detector`` ("panel"), ``score, p_spoof, verdict``."""
        return _with_scores(self.clips, PANEL, self.llr(PANEL), Decision(**self.manifest["decision"]))

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
        """Return ``score``, ``raw`` or ``p_spoof`` as a table of clips (index: path, in order) by detectors."""
        read = {"score": self.llr, "raw": self.raw, "p_spoof": lambda name: p_spoof(self.llr(name))}[column]
        paths = pd.Index(self.column("path").astype(object), name="path")
        return pd.DataFrame({name: read(name) for name in self.detectors}, index=paths)

    def only(self, names: Sequence[str]) -> "Run":
        """Return the run of some of its detectors; they are fused where all members of the panel are among them."""
        fusion = self.manifest["fusion"]
        fits = fusion is not None and len(names) > 1 and set(fusion["members"]) <= set(names)
        chosen = {name: self.manifest["detectors"][name] for name in names}
        manifest = _with_decision({**self.manifest, "detectors": chosen, "fusion": fusion if fits else None})
        return Run(self.folder, manifest, self.clip_part, {name: self.parts[name] for name in names}, self.measured)

    def verify(self) -> "Run":
        """Check every file against its digest now, not when it is read, and return the run.

        Raises
        ------
        ResultsError
            When a file is damaged; the message names it.
        """
        for part in self._every_part:
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


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return the digest of the run that a manifest describes (see ``Run.digest``)."""
    detectors = {name: {key: about[key] for key in _DECIDING} for name, about in manifest["detectors"].items()}
    return sha256_json({"clips": manifest["corpus"]["part"], "detectors": detectors, "fusion": manifest["fusion"]})


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
    corpus = {**manifest["corpus"], "scored": clips.files[_CLIPS]["rows"]}
    manifest = _with_decision({**manifest, "corpus": corpus, "detectors": facts})
    return Run(folder, manifest, clips, parts, _measured(folder, clips))


def _measured(folder: Path, clips: Part) -> Part | None:
    # Its columns are named where they are measured, which brings what decodes and what counts.
    from core.results.measured import read_measured

    return read_measured(folder, clips)


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
