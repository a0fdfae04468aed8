"""Runs on disk: a part for the clips, a part for each detector, none ever changed, and a manifest that names them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.analysis.calibration import EVEN
from core.errors import ResultsError
from core.fusion import PANEL, Fusion, panel_score
from core.results.frames import CLIPS, Frames
from core.results.manifest import KEY_DIGITS, digest_of, read_manifest, with_decision
from core.results.parts import Part, clips_digest, part_folder, read_part

__all__ = ["CLIP_COLUMNS", "PROSODY_COLUMNS", "Run", "read_run"]

_MEASURED = "measured.parquet"
CLIP_COLUMNS = (
    "path", "label", "system", "source", "speaker", "dataset", "split", "part", "kind", "language", "seconds",
)  # fmt: skip
PROSODY_COLUMNS = ("pitch_range_st", "energy_sd_db")


@dataclass(frozen=True, eq=False)
class Run(Frames):
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
    _lent: dict[str, pd.Series] = field(default_factory=dict, repr=False)
    _lendings: dict[str, int] = field(default_factory=dict, repr=False)
    _llr: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """The number of clips that were scored."""
        return int(self.clip_part.files[CLIPS]["rows"])

    @cached_property
    def _home(self) -> dict[str, tuple[Part, str]]:
        """Part and file of each column of the clips; what was measured of them stands in for what was kept before."""
        found = dict.fromkeys(self.clip_part.column_names(CLIPS), (self.clip_part, CLIPS))
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
        if name in self._lent:
            return self._lent[name]
        if name not in self._kept:
            part, file = self._part_of(name)
            self._kept[name] = part.columns(file, [name])[name]
        return self._kept[name]

    @property
    def lent(self) -> tuple[str, ...]:
        """Columns that stand in no file of the run: none of ``columns``, so that only who names one is given it."""
        return tuple(self._lent)

    def lend(self, values: pd.Series) -> None:
        """Have ``column`` return values [shape=(n,)] by their name, in place of those that it had before.

        Raises
        ------
        ResultsError
            When the run's files have a column of that name, or there is not one value a clip.
        """
        name = str(values.name)
        if name in self.columns or len(values) != len(self):
            raise ResultsError(f"{self.folder} takes no column {name!r}: it needs a new name and {len(self)} values.")
        self._lent[name] = values
        self._lendings[name] = self._lendings.get(name, 0) + 1

    def lendings(self, name: str) -> int:
        """Return how often a column was lent: what was found by it before may no longer hold."""
        return self._lendings.get(name, 0)

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

    def place(self, path: str) -> int | None:
        """Return where a clip stands in the run; None where it is not in it. No column is kept for that."""
        part, file = self._part_of("path")
        return part.find(file, "path", path)

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
        """Return a detector's log-likelihood ratios, or the panel's scores (``core.fusion``) [shape=(n,)].

        Raises
        ------
        ResultsError
            When the run does not hold the detector.
        """
        if name not in self._llr:
            self._llr[name] = self._panel_score() if name == PANEL else self._detector_llr(name)
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

    def prior(self, name: str) -> float:
        """Return the prior of a spoof at which P(spoof) of a detector's score, or of the panel's, is stated."""
        fusion = self.manifest["fusion"]
        return EVEN if name != PANEL or fusion is None else Fusion.from_json(fusion).prior

    def _panel_score(self) -> NDArray[np.float64]:
        fusion = self.manifest["fusion"]
        scores = {name: self.llr(name) for name in self.members}
        return panel_score(scores, None if fusion is None else Fusion.from_json(fusion))

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
    def paths(self) -> frozenset[str]:
        """The clips' paths, as the corpus' manifest gives them."""
        return frozenset(self.column("path"))

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

    def only(self, names: Sequence[str]) -> "Run":
        """Return the run of some of its detectors; they are fused where all members of the panel are among them."""
        fusion = self.manifest["fusion"]
        fits = fusion is not None and len(names) > 1 and set(fusion["members"]) <= set(names)
        chosen = {name: self.manifest["detectors"][name] for name in names}
        manifest = with_decision({**self.manifest, "detectors": chosen, "fusion": fusion if fits else None})
        parts = {name: self.parts[name] for name in names}
        return Run(
            self.folder, manifest, self.clip_part, parts, self.measured, _lent=self._lent, _lendings=self._lendings
        )

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
    corpus = {**manifest["corpus"], "scored": clips.files[CLIPS]["rows"]}
    manifest = with_decision({**manifest, "corpus": corpus, "detectors": facts})
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


