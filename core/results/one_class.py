"""The detectors that know bona fide speech alone, side by side, and what level, noise or silence alone would do."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis.shortcuts import Shortcut
from core.detectors.checkpoint import find_checkpoint, read_card
from core.errors import SpoofscopeError
from core.results.competent import competences
from core.results.rebuilt import BANDS
from core.results.run_shortcuts import run_shortcuts

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["CONTROLS", "ONE_CLASS", "OneClass", "controls", "one_class"]

ONE_CLASS = {
    "cae-lfcc": "squared error of what an autoencoder rebuilds",
    "vae-lfcc": "squared error of what a variational autoencoder rebuilds",
    "ocsvm": "distance from the edge of bona fide embeddings",
    "gmm": "log density of an embedding among bona fide ones",
}
"""Their architectures, and what each measures."""

CONTROLS = ("level_dbfs", "snr_db", "silence_share")
"""Figures that no detector is needed for."""


@dataclass(frozen=True)
class OneClass:
    """A detector that knows bona fide speech alone, on a run's labelled clips.

    Attributes
    ----------
    name, architecture, what : str
        ``what`` it measures.
    auc, low, high : float
        Of its score, with the 95 % interval over speakers and sources; NaN where it is not known.
    shift : float
        Median raw output of bona fide clips less that of spoofs, in standard deviations of the bona fide ones.
    ratios : dict of str to float
        Of an autoencoder, the spoofs' median error over that of bona fide clips: ``total`` and in each band.
    how : str
        How it was learnt which side is bona fide; "" where the card is not here.
    dev_auc : float or None
        On development data, where that was learnt.
    """

    name: str
    architecture: str
    what: str
    auc: float
    low: float
    high: float
    shift: float
    ratios: dict[str, float]
    how: str
    dev_auc: float | None


@lru_cache(maxsize=8)
def one_class(run: "Run") -> tuple[OneClass, ...]:
    """Return the run's detectors that know bona fide speech alone, in the order of ``ONE_CLASS``."""
    about = run.manifest["detectors"]
    order = {architecture: place for place, architecture in enumerate(ONE_CLASS)}
    names = [name for name in run.detectors if about[name].get("architecture") in ONE_CLASS]
    return tuple(_one(run, name) for name in sorted(names, key=lambda name: order[about[name]["architecture"]]))


def _one(run: "Run", name: str) -> OneClass:
    architecture, found = run.manifest["detectors"][name]["architecture"], competences(run)[name]
    how, dev_auc = _polarity(name)
    return OneClass(
        name, architecture, ONE_CLASS[architecture], found.auc, found.low, found.high, _shift(run, name),
        _ratios(run, name), how, dev_auc,
    )  # fmt: skip


def _polarity(name: str) -> tuple[str, float | None]:
    try:
        polarity = read_card(find_checkpoint(name)).polarity
    except SpoofscopeError:
        return "", None
    return polarity.how, polarity.dev_auc


def _shift(run: "Run", name: str) -> float:
    raw = run.raw(name)
    bonafide, spoof = raw[run.real], raw[run.fake]
    if len(bonafide) < 2 or not len(spoof) or not bonafide.std():
        return math.nan
    return float((np.median(bonafide) - np.median(spoof)) / bonafide.std())


def _ratios(run: "Run", name: str) -> dict[str, float]:
    part = run.parts[name]
    if "errors.parquet" not in part.files or not run.real.any() or not run.fake.any():
        return {}
    errors: pd.DataFrame = part.table("errors.parquet").iloc[run.positions]
    medians = errors[run.real].median(), errors[run.fake].median()
    return {band: float(medians[1][band] / medians[0][band]) for band in ("total", *BANDS) if band in errors}


def controls(run: "Run") -> dict[str, Shortcut]:
    """Return how well level, signal-to-noise ratio and silence alone separate the classes of the whole run.

    Empty where nothing was measured, or labels of a class are missing.
    """
    return {each.name: each for each in run_shortcuts(run.whole) if each.name in CONTROLS}
