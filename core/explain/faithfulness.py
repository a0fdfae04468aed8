"""The faithfulness check of a map: whether the detector relies on the cells that it marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.explain.inspection import Inspection, View

__all__ = ["Curves", "Faithfulness", "check_faithfulness"]

# Shares of the window's cells, ranked by the map, that are taken out or put back.
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
FEW_FRACTIONS = (0.05, 0.2)
RANDOM_MAPS, FEW_RANDOM_MAPS = 5, 2


@dataclass(frozen=True)
class Curves:
    """What happens to the score as the cells that a map ranks first are taken out or put back.

    Scores are log-likelihood ratios (higher = more bona fide); areas are means over the steps.

    Attributes
    ----------
    curve : tuple of float
        Change of the score at each step, for the map.
    area : float
        Its mean.
    random : tuple of float
        The same area for each random map.
    energy : float
        And for the map that ranks cells by their level alone.
    """

    curve: tuple[float, ...]
    area: float
    random: tuple[float, ...]
    energy: float


@dataclass(frozen=True)
class Faithfulness:
    """Whether a detector relies on what a map marks, tried out on the window that holds most of the evidence.

    Petsiuk et al., "RISE", BMVC 2018, with the noise floor in place of a grey value.

    Attributes
    ----------
    fractions : tuple of float
        Shares of the cells at each step.
    deletion : Curves
        The strongest cells fall to the noise floor: change from the clip's score. Higher = better.
    insertion : Curves
        All else falls to it: change from the noise floor's score. Lower = better.
    faithful : bool
        Taking out and putting back together move the score more than for every random map.
    words : str
        The same for a person.
    """

    fractions: tuple[float, ...]
    deletion: Curves
    insertion: Curves
    faithful: bool
    words: str

    def __str__(self) -> str:
        return self.words


def check_faithfulness(inspection: Inspection, attribution: NDArray[np.floating], *, seed: int = 0) -> Faithfulness:
    """Test a map by deletion and insertion against random maps and a map of energy alone.

    The random maps are the map itself, moved along both axes by chance: as smooth and as concentrated, but
    elsewhere. Networks that run at the rate of the samples are tried with fewer steps and maps.

    Parameters
    ----------
    inspection : Inspection
    attribution : ndarray [shape=(257, frames)]
        Positive = evidence for spoof.
    seed : int
        Of the random maps.
    """
    dear = inspection.detector.network.is_slow
    fractions = FEW_FRACTIONS if dear else FRACTIONS
    view = _strongest(inspection, attribution)
    own = np.asarray(attribution)[:, view.frames]
    shuffled = _moved(own, FEW_RANDOM_MAPS if dear else RANDOM_MAPS, seed)
    ends = _scores(view, [view.magnitude, view.floor])
    trials = [_trial(view, each, fractions, ends) for each in (own, view.magnitude.numpy(), *shuffled)]
    deletion, insertion = (_curves([trial[side] for trial in trials]) for side in (0, 1))
    effect = deletion.area - insertion.area
    chance = [out - back for out, back in zip(deletion.random, insertion.random, strict=True)]
    # With nothing moved at all, there is nothing that the map could have been right about.
    faithful = bool(effect > max(chance) and effect > 0)
    beats_energy = effect > deletion.energy - insertion.energy
    words = _words(deletion, insertion, faithful=faithful, beats_energy=beats_energy)
    return Faithfulness(fractions, deletion, insertion, faithful, words)


def _strongest(inspection: Inspection, attribution: NDArray[np.floating]) -> View:
    """Return the window that holds most positive attribution: windows are scored each by itself."""
    mass = np.maximum(attribution, 0).sum(0)
    views = [inspection.view(index) for index in range(len(inspection.spans))]
    return max(views, key=lambda view: float(mass[view.frames].sum()))


def _moved(own: NDArray[np.floating], count: int, seed: int) -> list[NDArray[np.floating]]:
    rng = np.random.default_rng(seed)
    shifts = [tuple(int(rng.integers(n // 8, n - n // 8 + 1)) for n in own.shape) for _ in range(count)]
    return [np.roll(own, shift, axis=(0, 1)) for shift in shifts]


def _trial(
    view: View, ranking: NDArray[np.floating], fractions: Sequence[float], ends: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the change of the score when the cells ranked first are taken out, and when they are put back.

    ``ends`` are the scores of the window as it is, and of its noise floor.
    """
    # Ranked frame by frame, so that cells which tie (a map of time alone) go a frame at a time.
    order = np.argsort(-ranking.T, axis=None, kind="stable")
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    ranks = torch.from_numpy(place.reshape(ranking.T.shape).T.copy())
    marked = [ranks < round(fraction * order.size) for fraction in fractions]
    out = [torch.where(cells, view.floor, view.magnitude) for cells in marked]
    back = [torch.where(cells, view.magnitude, view.floor) for cells in marked]
    scores = _scores(view, out + back)
    return scores[: len(out)] - ends[0], scores[len(out) :] - ends[1]


def _scores(view: View, magnitudes: Sequence[torch.Tensor]) -> NDArray[np.float64]:
    raws = view.predict(torch.stack(list(magnitudes)))
    return np.asarray(view.detector.calibration.llr(raws), dtype=float)


def _curves(changes: Sequence[NDArray[np.float64]]) -> Curves:
    own, energy, *random = changes
    areas = tuple(float(change.mean()) for change in random)
    return Curves(tuple(float(value) for value in own), float(own.mean()), areas, float(energy.mean()))


def _words(deletion: Curves, insertion: Curves, *, faithful: bool, beats_energy: bool) -> str:
    numbers = (
        f"without the marked cells the score moves by {deletion.area:+.2f} (at random {np.mean(deletion.random):+.2f}, "
        f"the loudest cells {deletion.energy:+.2f}), with them alone by {insertion.area:+.2f} "
        f"({np.mean(insertion.random):+.2f}, {insertion.energy:+.2f})"
    )
    if not faithful:
        return f"Not faithful: the map does no better than chance; {numbers}."
    caveat = "" if beats_energy else " The loudest cells alone do as well."
    return f"Faithful: the detector relies on what is marked; {numbers}.{caveat}"
