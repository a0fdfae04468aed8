"""The scores that a panel is chosen by: out-of-fold ones of published pages, or those of the split ``dev``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.calibration import Calibration
from core.analysis.held_out import AS_IS, COLUMNS, PERTURBED
from core.analysis.tables import interval_groups
from core.corpus.table import Corpus
from core.detectors.card import Card
from core.detectors.checkpoint import find_checkpoint, load_detector, read_card
from core.errors import UnknownNameError
from trainers.folds import folds_of
from trainers.judged import JudgedError, calibrating_folds, fitted_on, read_judged
from trainers.needs import check_classes
from trainers.scoring import score_split
from trainers.versions import versions_of
from trainers.waveforms import Waveforms

__all__ = ["Candidates", "judged_candidates", "scored_candidates"]

_CLIP = [name for name in COLUMNS if name not in {"raw", "llr"}]


@dataclass(frozen=True)
class Candidates:
    """What a panel is chosen by.

    Attributes
    ----------
    clips : DataFrame
        One row a clip and version: path, page, fold, label, system, kind, language, version.
    scores : DataFrame
        The candidates' log-likelihood ratios by their cards' calibrations, bounded by ``limit``; a column each.
    cards : dict of str to Card
    limit : float
        What so many clips can support.
    places : dict of str to Path
        The candidates' checkpoints.
    refused : dict of str to str
        Why detectors that were judged, or named, are no candidates.
    """

    clips: pd.DataFrame
    scores: pd.DataFrame
    cards: dict[str, Card]
    limit: float
    places: dict[str, Path]
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which rows are bona fide."""
        return (self.clips["label"] == "bonafide").to_numpy(dtype=bool)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """The rows that anything may be fitted to."""
        return fitted_on(self.clips)

    @property
    def folds(self) -> NDArray[np.intp]:
        """Of each row."""
        return calibrating_folds(self.clips)


def judged_candidates(judged: Path, names: Sequence[str], *, out: Path) -> Candidates:
    """Return the out-of-fold scores of detectors on the same clips.

    The clips are those of the detector that was judged on most; one that lacks some of them is refused, since scores
    of fewer pages, or of clips as they are alone, cannot be compared with the others'.

    Parameters
    ----------
    judged : Path
        Folder of what ``python -m trainers judge`` wrote; a table bears the name of its checkpoint.
    names : sequence of str
        Of the candidates, shipped or as folders; all that were judged where none is named.
    out : Path
        Folder of checkpoints, where a candidate is looked for first.

    Raises
    ------
    JudgedError
        When nothing was judged.
    UnknownNameError
        When there is no checkpoint of a name that is given, or of any that was judged.
    """
    places, refused = _judged_checkpoints(judged, names, out)
    cards = {card.name: card for card in map(read_card, places)}
    place_of = dict(zip(cards, places, strict=True))
    tables = {name: read_judged(judged / f"{name}.csv")[0].set_index(["path", "version"]) for name in cards}
    widest = max(tables.values(), key=len)
    complete = {}
    for name, table in tables.items():
        missing = widest.index.difference(table.index)
        if missing.empty:
            complete[name] = table.loc[widest.index]
        else:
            refused[name] = _what_is_missing(widest, missing)
    clips = widest.reset_index()[_CLIP]
    raw = {name: table["raw"].to_numpy() for name, table in complete.items()}
    known = _bounded(clips, raw, {n: cards[n] for n in complete}, {n: place_of[n] for n in complete})
    return replace(known, refused=refused)


def _judged_checkpoints(judged: Path, names: Sequence[str], out: Path) -> tuple[list[Path], dict[str, str]]:
    """Return the checkpoints of the candidates, and the names that were judged without there being one."""
    found = names or [path.stem for path in sorted(judged.glob("*.csv"))]
    if not found:
        raise JudgedError(f"{judged} holds no out-of-fold scores: write them with python -m trainers judge.")
    places: list[Path] = []
    refused: dict[str, str] = {}
    for name in found:
        try:
            places.append(_place(name, out))
        except UnknownNameError:
            if names or (name == found[-1] and not places):
                raise
            refused[name] = f"there is no checkpoint of this name in {out.name}, nor one that ships"
    return places, refused


def _what_is_missing(widest: pd.DataFrame, missing: pd.Index) -> str:
    rows = widest.loc[missing]
    versions = ", ".join(sorted(set(rows.index.get_level_values("version"))))
    return (
        f"not judged on {len(rows):,} of {len(widest):,} scores ({versions}; {rows['page'].nunique()} pages): judge it "
        "on the same corpora and versions"
    )


def _place(name: str, out: Path) -> Path:
    try:
        return find_checkpoint(out / name)
    except UnknownNameError:
        return find_checkpoint(name)


def scored_candidates(names: Sequence[str], corpus: Corpus, *, work: Path) -> Candidates:
    """Return the scores of detectors on the split ``dev``: of a corpus without pages the best there is.

    A speaker, or the recording that a spoof was made from, stands for the page.

    Raises
    ------
    CorpusError
        When the split lacks a class.
    """
    frame = corpus.frame[corpus.frame["split"] == "dev"].reset_index(drop=True)
    dev = replace(corpus, frame=frame)
    check_classes({"dev": dev}, {"dev": ("bonafide", "spoof")}, problems=corpus.problems)
    detectors = {d.name: d for d in map(load_detector, names)}
    places = dict(zip(detectors, map(find_checkpoint, names), strict=True))
    versions = versions_of(Waveforms(dev, work / "cache"), (AS_IS, PERTURBED))
    groups = interval_groups(frame)
    one = frame.assign(page=groups, fold=folds_of(groups))
    clips = pd.concat([one.assign(version=name) for name in versions], ignore_index=True)[_CLIP]
    raw = {n: np.concatenate([score_split(d, w) for w in versions.values()]) for n, d in detectors.items()}
    return _bounded(clips, raw, {name: detector.card for name, detector in detectors.items()}, places)


def _bounded(
    clips: pd.DataFrame, raw: dict[str, NDArray[np.float64]], cards: dict[str, Card], places: dict[str, Path]
) -> Candidates:
    usable = fitted_on(clips)
    versions = max(1, clips.loc[usable, "version"].nunique())
    limit = math.log(max(2.0, clips.loc[usable, "label"].value_counts().min() / versions))
    unset = Calibration(1.0, 0.0)
    llr = {name: (cards[name].calibration or unset).llr(values) for name, values in raw.items()}
    return Candidates(clips, pd.DataFrame(llr).clip(-limit, limit), cards, limit, places)
