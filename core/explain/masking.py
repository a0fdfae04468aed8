"""Masking operators: what is put in the place of cells that are taken out of a clip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from core.explain.inspection import View
from core.threads import side_by_side

__all__ = ["INTERPOLATION", "NOISE_FLOOR", "OPERATORS", "SILENCE", "Marks", "Operator", "llr_without", "moved"]

Marks = list[torch.Tensor]
"""Sets of cells [shape=(257, n_frames), bool] that are taken out one after another."""

Fill = Callable[[View, torch.Tensor], torch.Tensor]

# Neighbourhoods (bins and frames) in which unmarked cells are looked for: the smallest that holds one counts.
_NEIGHBOURHOODS = (9, 33, 129)
_LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class Operator:
    """One way to take cells out.

    Attributes
    ----------
    name : str
    words : str
        What they are replaced by.
    fill : callable
        From a view and the marked cells [shape=(257, n_frames), bool] to the spectrum [same shape, complex] without
        them.
    restores : bool
        Whether what is left when *all* cells are taken out is a signal that others can be put back into.
    """

    name: str
    words: str
    fill: Fill
    restores: bool = False


def _noise_floor(view: View, marked: torch.Tensor) -> torch.Tensor:
    lowered = marked & (view.floor < view.magnitude)
    return torch.where(lowered, view.floor * view.noise, view.magnitude * view.phase)


def _interpolation(view: View, marked: torch.Tensor) -> torch.Tensor:
    """Return the spectrum with the noise as loud as unmarked neighbours in the marked cells."""
    kept = (~marked).numpy().astype(np.float32)
    power = view.magnitude.numpy() ** 2
    filled = view.floor.numpy() ** 2
    for size in reversed(_NEIGHBOURHOODS):
        count = uniform_filter(kept, size, mode="nearest")
        known = count > _LEAST_SHARE
        total = np.maximum(uniform_filter(power * kept, size, mode="nearest"), 0)
        filled = np.where(known, total / np.where(known, count, 1), filled)
    smooth = torch.from_numpy(np.sqrt(filled).astype(np.float32))
    return torch.where(marked, smooth * view.hiss, view.magnitude * view.phase)


def _silence(view: View, marked: torch.Tensor) -> torch.Tensor:
    return torch.where(marked, 0.0, view.magnitude) * view.phase


NOISE_FLOOR = Operator("noise-floor", "the noise floor", _noise_floor, restores=True)
"""What the clip sounds like where nobody speaks, with the phase of noise: with its own a phase detector would hardly
miss what was taken out. Nothing is ever louder than it was."""

INTERPOLATION = Operator("interpolation", "interpolation from the neighbours", _interpolation)
"""The power of the cells around, as noise: no hole is left, and only fine structure and phase are lost."""

SILENCE = Operator("silence", "silence", _silence)
"""Nothing at all: the usual zero. Few recordings have such holes, so that a detector may answer to the hole."""

OPERATORS: dict[str, Operator] = {each.name: each for each in (NOISE_FLOOR, INTERPOLATION, SILENCE)}


def llr_without(view: View, marked: Sequence[torch.Tensor], operator: Operator) -> NDArray[np.float64]:
    """Return the window's log-likelihood ratio [shape=(n,)] without each set of marked cells, some on each core.

    Parameters
    ----------
    view : View
    marked : sequence of Tensor [shape=(257, n_frames), bool]
    operator : Operator
    """

    def scored(some: Sequence[torch.Tensor]) -> NDArray[np.float64]:
        with torch.inference_mode():
            return view.predict_spectra(torch.stack([operator.fill(view, cells) for cells in some]))

    size = view.per_pass
    raws = side_by_side(scored, [marked[first : first + size] for first in range(0, len(marked), size)])
    return np.asarray(view.detector.calibration.llr(np.concatenate(raws)), dtype=float)


def moved(marks: Marks, count: int, seed: tuple[int, int]) -> list[Marks]:
    """Return the same cells ``count`` times, each time moved elsewhere along both axes by chance."""
    rng = np.random.default_rng(seed)
    shifts = [tuple(int(rng.integers(n // 8, n - n // 8 + 1)) for n in marks[0].shape) for _ in range(count)]
    return [[each.roll(shift, (0, 1)) for each in marks] for shift in shifts]
