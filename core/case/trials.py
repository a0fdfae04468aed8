"""What was tried on a recording, kept with it: whether the verdict holds, and the smallest removal that flips it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.case.folder import Folder

if TYPE_CHECKING:
    from core.panel import Panel
    from core.robustness import Flip, Held
    from core.usecases import Analysis

__all__ = ["FLIP", "HELD", "UNTRIED", "Kept", "Trials", "flip_cells", "kept_trials", "trial_files", "try_out"]

HELD, FLIP = "held.json", "flip.json"
# Cells of 250 Hz by 0.1 s: up to 8 kHz, and of more seconds than are ever tried.
_ROWS, _MOST_COLUMNS = 33, 1_000


@dataclass(frozen=True)
class Trials:
    """What came of what was tried; empty where nothing was.

    Attributes
    ----------
    held : tuple of Held
        By processing.
    flip : Flip or None
    """

    held: "tuple[Held, ...]" = ()
    flip: "Flip | None" = None


#: Nothing was tried.
UNTRIED = Trials()


@dataclass(frozen=True)
class Kept:
    """What a case states to have been tried: the names of processings, and the cells that were taken out."""

    held: Sequence[str] = ()
    cells: NDArray[np.bool_] | None = None


def try_out(analysis: "Analysis", panel: "Panel", kept: Kept | None = None) -> Trials:
    """Try whether a verdict holds and what flips it; where that was kept, the same again, without a search.

    Parameters
    ----------
    analysis : Analysis
        One without a verdict has nothing to try.
    panel : Panel
    kept : Kept, optional
        What a case states.
    """
    from core.robustness import QUICK, does_it_hold, flip_without, smallest_flip
    from core.session import samples_to_try

    if analysis.verdict is None or (kept is not None and not kept.held and kept.cells is None):
        return UNTRIED
    waveform, whole = samples_to_try(analysis)
    panel = panel.deciding_by(analysis.decision)
    known = {name: analysis.detectors[name] for name in panel.members} if whole else panel.score(waveform)
    names = QUICK if kept is None else tuple(kept.held)
    scores = {name: own.score for name, own in known.items()}
    held = does_it_hold(panel, waveform, names=names, scores=scores) if names else ()
    if kept is None:
        return Trials(held, smallest_flip(panel, waveform, scores=known))
    return Trials(held, None if kept.cells is None else flip_without(panel, waveform, kept.cells, scores=known))


def trial_files(trials: Trials, analysis: "Analysis") -> dict[str, Any]:
    """Return what was tried as plain values, by the names of their files."""
    from core.robustness import held_sentence
    from core.robustness.flip import cell_runs
    from core.session import part_to_try

    start_s, end_s = part_to_try(analysis)
    span = {"start_s": start_s, "end_s": end_s}
    files: dict[str, Any] = {}
    if trials.held:
        processings = [each.to_json() for each in trials.held]
        files[HELD] = {**span, "sentence": held_sentence(trials.held), "processings": processings}
    if (flip := trials.flip) is not None:
        cells = {"shape": list(flip.cells.shape), "runs": [list(run) for run in cell_runs(flip.cells)]}
        files[FLIP] = {**span, **flip.to_json(), "cells": cells}
    return files


def kept_trials(folder: Folder) -> Kept:
    """Return what a recording's folder states to have been tried."""
    names = [each["name"] for each in folder.json(HELD)["processings"]] if folder.has(HELD) else []
    return Kept(names, flip_cells(folder) if folder.has(FLIP) else None)


def flip_cells(folder: Folder) -> NDArray[np.bool_]:
    """Return the cells that a flip took out [shape=(33, n)], of 250 Hz by 0.1 s."""
    kept = folder.json(FLIP)["cells"]
    rows, columns = kept["shape"]
    if rows != _ROWS or not 0 < columns <= _MOST_COLUMNS:
        raise ValueError(f"cells of shape {rows} x {columns}")
    cells = np.zeros((rows, columns), dtype=bool)
    for row, start, stop in kept["runs"]:
        cells[row, start:stop] = True
    return cells
