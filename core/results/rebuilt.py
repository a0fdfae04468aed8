"""Reconstruction errors of a run's autoencoder: by class, by band, and which class it rebuilds better."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["BANDS", "BandErrors", "band_errors", "errors_of", "telling"]

#: The equal parts of the features that errors are stated for, from the bottom.
BANDS = ("static", "delta", "delta-delta")


@dataclass(frozen=True)
class BandErrors:
    """Errors of one band ("total" is all of them).

    Attributes
    ----------
    band : str
    bonafide, spoof : float
        Median squared error of each class.
    auc : float
        Chance that a random bona fide clip has the larger error: 0.5 does not separate the classes.
    """

    band: str
    bonafide: float
    spoof: float
    auc: float

    @property
    def better(self) -> str:
        """The class with the smaller median error."""
        return "bonafide" if self.bonafide < self.spoof else "spoof"


def errors_of(run: "Run") -> pd.DataFrame:
    """Return the errors of the run's first autoencoder with each clip's facts; empty without one."""
    if run.errors is None or run.errors.empty:
        return pd.DataFrame(columns=["path", "label", "detector", "total", *BANDS])
    first = run.errors["detector"].iloc[0]
    return run.clips.merge(run.errors[run.errors["detector"] == first], on="path", validate="one_to_one")


def band_errors(errors: pd.DataFrame) -> list[BandErrors]:
    """Return medians and separation in all features and in each band; nothing where a class is missing."""
    from core.analysis.metrics import roc_auc

    real, fake = ((errors["label"] == label).to_numpy(bool) for label in ("bonafide", "spoof"))
    if not real.any() or not fake.any():
        return []
    found = []
    for band in ("total", *BANDS):
        values = errors[band].astype(float)
        found.append(BandErrors(
            band, float(values[real].median()), float(values[fake].median()), roc_auc(values[real], values[fake])
        ))  # fmt: skip
    return found


def telling(errors: pd.DataFrame) -> str | None:
    """Return the path of the clip that shows best what the errors mean; None without errors.

    It is of the class that is rebuilt worse, and its error is the middle one of that class; of all clips where none has
    a label.
    """
    labelled = errors[errors["label"].isin(["bonafide", "spoof"])]
    errors = labelled if len(labelled) else errors
    medians = errors.groupby("label")["total"].median() if len(errors) else pd.Series(dtype=float)
    if medians.empty:
        return None
    worse = errors[errors["label"] == medians.idxmax()].sort_values(["total", "path"])
    return str(worse["path"].iloc[len(worse) // 2])
