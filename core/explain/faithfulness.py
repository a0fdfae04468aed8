"""The faithfulness check of a map: whether the detector relies on the cells that it marks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.explain.inspection import Inspection, View
from core.explain.masking import NOISE_FLOOR, OPERATORS, Marks, Operator, llr_without, moved

__all__ = ["Curves", "Faithfulness", "Trial", "check_faithfulness"]

# Shares of the window's cells, ranked by the map, that are taken out or put back.
FRACTIONS, FEW_FRACTIONS = (0.05, 0.2), (0.1,)
RANDOM_MAPS, FEW_RANDOM_MAPS = 5, 3
# Log-likelihood ratio by which the map must move the score: a network with shuffled weights hardly moves at all, and
# then neither map nor random maps mean anything.
LEAST_EFFECT = 0.1
# Random maps are tried two at a time, as there are usually two cores and more; the first that does as well ends it.
_AT_ONCE = 2


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
    energy : float or None
        And for the map that ranks cells by their level alone, where it was tried.
    """

    curve: tuple[float, ...]
    area: float
    random: tuple[float, ...]
    energy: float | None = None


@dataclass(frozen=True)
class Trial:
    """What one masking operator made of a map, and of random maps of the same shape.

    Attributes
    ----------
    operator : str
        Name of the masking operator.
    replaced_by : str
        What it puts in the place of cells, in words.
    deletion : Curves
        The strongest cells are taken out: change from the clip's score. Higher = better.
    insertion : Curves or None
        All else is taken out: change from the score of the clip without any cell. Lower = better. None where the
        operator leaves no signal then.
    faithful : bool
        The map moves the score towards bona fide, by 0.1 at least, and further than every random map.
    """

    operator: str
    replaced_by: str
    deletion: Curves
    insertion: Curves | None
    faithful: bool


@dataclass(frozen=True)
class Faithfulness:
    """Whether a detector relies on what a map marks, tried out on the window that holds most of the evidence.

    Petsiuk et al., "RISE", BMVC 2018, with signals that a recording could hold in place of a grey value.

    Attributes
    ----------
    fractions : tuple of float
        Shares of the cells at each step.
    trials : tuple of Trial
        One a masking operator, each with random maps of its own; empty where the map marks nothing.
    faithful : bool
        Whether the map passed most of its trials: an operator whose replacement keeps what the detector relies on
        (noise interpolated from noise) cannot refute a map, nor one confirm it alone.
    words : str
        What was tested and what came of it, for a person.
    """

    fractions: tuple[float, ...]
    trials: tuple[Trial, ...]
    faithful: bool
    words: str

    def __str__(self) -> str:
        return self.words


def check_faithfulness(
    inspection: Inspection, attribution: NDArray[np.floating], *,
    operators: Sequence[Operator] = tuple(OPERATORS.values()), seed: int = 0,
) -> Faithfulness:  # fmt: skip
    """Test a map by deletion and insertion against random maps and a map of energy alone.

    The random maps are the map itself, moved along both axes by chance: as smooth and as concentrated, but
    elsewhere. The first that does as well as the map ends an operator's trial. Slow networks are tried with fewer
    steps and random maps.

    Parameters
    ----------
    inspection : Inspection
    attribution : ndarray [shape=(257, frames)]
        Positive = evidence for spoof; only such cells are taken out.
    operators : sequence of Operator
        Masking operators, each with a trial of its own; the map must pass most of them.
    seed : int
        Of the random maps.
    """
    dear = inspection.detector.network.is_slow
    fractions = FEW_FRACTIONS if dear else FRACTIONS
    view = _strongest(inspection, attribution)
    own = np.asarray(attribution)[:, view.frames]
    if not (own > 0).any():
        return Faithfulness(fractions, (), False, "Not tested: the map marks nothing that speaks for spoof.")
    marks = _marks(own, fractions)
    loudest = _marks(view.magnitude.numpy(), fractions, most=int((own > 0).sum()))
    whole = float(llr_without(view, [torch.zeros_like(marks[0])], NOISE_FLOOR)[0])
    trials = []
    for number, operator in enumerate(operators):
        elsewhere = moved(marks, FEW_RANDOM_MAPS if dear else RANDOM_MAPS, (seed, number))
        trials.append(_trial(view, operator, [marks, loudest] if number == 0 else [marks], elsewhere, whole))
    faithful = 2 * sum(trial.faithful for trial in trials) > len(trials)
    return Faithfulness(fractions, tuple(trials), faithful, _words(trials, faithful=faithful))


def _strongest(inspection: Inspection, attribution: NDArray[np.floating]) -> View:
    """Return the window that holds most positive attribution: windows are scored each by itself."""
    mass = np.maximum(attribution, 0).sum(0)
    views = [inspection.view(index) for index in range(len(inspection.spans))]
    return max(views, key=lambda view: float(mass[view.frames].sum()))


def _marks(ranking: NDArray[np.floating], fractions: Sequence[float], *, most: int | None = None) -> Marks:
    """Return the cells [shape=(257, n_frames), bool] that are ranked first, at each step; none that is not positive."""
    # Ranked frame by frame, so that cells which tie (a map of time alone) go a frame at a time.
    order = np.argsort(-ranking.T, axis=None, kind="stable")
    positive = int((ranking > 0).sum()) if most is None else most
    marks = []
    for fraction in fractions:
        chosen = np.zeros(ranking.size, dtype=bool)
        chosen[order[: min(round(fraction * ranking.size), positive)]] = True
        marks.append(torch.from_numpy(chosen.reshape(ranking.T.shape).T.copy()))
    return marks


def _trial(view: View, operator: Operator, maps: Sequence[Marks], elsewhere: Sequence[Marks], whole: float) -> Trial:
    """Return the trial of the first of ``maps``; a second one is that of energy."""
    ends = (whole, 0.0)
    if operator.restores:
        ends = (whole, float(llr_without(view, [torch.ones_like(maps[0][0])], operator)[0]))
    own, *energy = _changes(view, operator, maps, ends)
    random: list[NDArray[np.float64]] = []
    for begin in range(0, len(elsewhere), _AT_ONCE):
        random += _changes(view, operator, elsewhere[begin : begin + _AT_ONCE], ends)
        if _effect(own) <= max(map(_effect, random)):
            break
    faithful = _effect(own) > max(map(_effect, random)) and _effect(own) >= LEAST_EFFECT
    deletion, insertion = (
        _curves(own[side], [each[side] for each in random], [each[side] for each in energy]) for side in (0, 1)
    )
    return Trial(operator.name, operator.words, deletion, insertion if operator.restores else None, faithful)


def _changes(
    view: View, operator: Operator, maps: Sequence[Marks], ends: tuple[float, float]
) -> list[NDArray[np.float64]]:
    """Return for each map the change of the score without its cells, and with them alone [shape=(2, steps)].

    ``ends`` are the scores of the window as it is, and without any cell. Where the operator leaves no signal then, the
    second row is zero.
    """
    masks = [each for marks in maps for each in marks]
    if operator.restores:
        masks += [~each for each in masks]
    scores = llr_without(view, masks, operator).reshape(-1, len(maps), len(maps[0]))
    back = scores[1] - ends[1] if operator.restores else np.zeros_like(scores[0])
    return list(np.stack([scores[0] - ends[0], back], axis=1))


def _effect(changes: NDArray[np.float64]) -> float:
    return float(changes[0].mean() - changes[1].mean())


def _curves(
    own: NDArray[np.float64], random: Sequence[NDArray[np.float64]], energy: Sequence[NDArray[np.float64]]
) -> Curves:
    areas = tuple(float(change.mean()) for change in random)
    of_energy = float(energy[0].mean()) if energy else None
    return Curves(tuple(float(value) for value in own), float(own.mean()), areas, of_energy)


def _words(trials: Sequence[Trial], *, faithful: bool) -> str:
    numbers = "; ".join(map(_numbers, trials))
    passed, failed = ([trial for trial in trials if trial.faithful is outcome] for outcome in (True, False))
    if not faithful:
        return (
            f"Not faithful: replaced by {_listed(failed)}, what the map marks moves the score towards bona fide no "
            f"further than a random map of the same shape does, or by less than {LEAST_EFFECT}; {numbers}."
        )
    caveat = " The loudest cells alone do as well." if _energy_does_as_well(trials[0]) else ""
    but = f" (not so by {_listed(failed)})" if failed else ""
    return (
        f"Faithful: replaced by {_listed(passed)}{but}, what the map marks moves the score towards bona fide further "
        f"than each of {len(passed[0].deletion.random)} random maps of the same shape does; {numbers}.{caveat}"
    )


def _listed(trials: Sequence[Trial]) -> str:
    return " and by ".join(trial.replaced_by for trial in trials)


def _numbers(trial: Trial) -> str:
    deletion, insertion = trial.deletion, trial.insertion
    loudest = "" if deletion.energy is None else f", the loudest cells {deletion.energy:+.2f}"
    text = (
        f"by {trial.replaced_by}: without the marked cells the score moves by {deletion.area:+.2f} (at random "
        f"{_range(deletion.random)}{loudest})"
    )
    if insertion is None:
        return text
    loudest = "" if insertion.energy is None else f", the loudest {insertion.energy:+.2f}"
    return f"{text}, with them alone by {insertion.area:+.2f} (at random {_range(insertion.random)}{loudest})"


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:+.2f}" if len(values) == 1 else f"{low:+.2f} to {high:+.2f}"


def _energy_does_as_well(trial: Trial) -> bool:
    deletion, insertion = trial.deletion, trial.insertion
    if deletion.energy is None:
        return False
    back = (0.0, 0.0) if insertion is None or insertion.energy is None else (insertion.area, insertion.energy)
    return deletion.energy - back[1] >= deletion.area - back[0]
