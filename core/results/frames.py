"""Whole frames of a run, a row a clip or more: for documents and files. What many clips pass through takes arrays."""

from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import Calibration, p_spoof
from core.analysis.verdict import Decision
from core.fusion import PANEL
from core.results.parts import Part

__all__ = ["CLIPS", "Frames"]

#: The table of the clips in their part.
CLIPS = "clips.parquet"


class Frames(ABC):
    """The tables of a run; ``core.results.store.Run`` has what they are made of."""

    folder: Path
    manifest: dict[str, Any]
    clip_part: Part
    parts: dict[str, Part]

    @property
    @abstractmethod
    def detectors(self) -> list[str]:
        """The detectors' names."""

    @abstractmethod
    def column(self, name: str) -> pd.Series:
        """Return a column of the clips [shape=(n,)]."""

    @abstractmethod
    def llr(self, name: str) -> NDArray[np.float64]:
        """Return the scores of a detector, or of the panel [shape=(n,)]."""

    @abstractmethod
    def raw(self, name: str) -> NDArray[np.float64]:
        """Return a detector's raw outputs [shape=(n,)]."""

    @cached_property
    def clips(self) -> pd.DataFrame:
        """One row per clip that was scored: ``CLIP_COLUMNS``, and for bona fide ones ``PROSODY_COLUMNS``.

        A run that was kept before there was a column has none of it.
        """
        return self.clip_part.table(CLIPS)

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

    def wide(self, column: str = "score") -> pd.DataFrame:
        """Return ``score``, ``raw`` or ``p_spoof`` as a table of clips (index: path, in order) by detectors."""
        read = {"score": self.llr, "raw": self.raw, "p_spoof": lambda name: p_spoof(self.llr(name))}[column]
        paths = pd.Index(self.column("path").astype(object), name="path")
        return pd.DataFrame({name: read(name) for name in self.detectors}, index=paths)


def _with_scores(clips: pd.DataFrame, name: str, llr: NDArray[np.float64], decision: Decision) -> pd.DataFrame:
    verdicts = [decision.verdict(score) for score in llr.tolist()]
    return clips.assign(detector=name, score=llr, p_spoof=p_spoof(llr), verdict=verdicts)
