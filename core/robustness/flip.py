"""What would change it: the smallest removal, in the order of the evidence, that flips the panel's verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.audio.removal import Removal
from core.errors import ExplanationError
from core.robustness.hold import member_scores
from core.watch import report

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.detectors.score import ClipScore
    from core.panel import Panel

__all__ = ["MOST", "Flip", "cells_path", "flip_without", "native_map", "smallest_flip", "taken_and_left"]

MOST = 0.3
"""The largest share of the clip's energy that is taken out."""

# Each is scored until one flips: a larger removal may fail to flip what a smaller one does.
_SHARES = (0.02, 0.05, 0.1, 0.2, MOST)
_HALVINGS, _ELSEWHERE = 3, 3
# Cells of 0.1 s by 250 Hz, as regions have.
_FRAMES, _BINS = 10, 8

Grid = NDArray[np.float64]
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Flip:
    """The smallest removal that was found to flip the verdict, or the largest that was tried.

    Attributes
    ----------
    found : bool
        Whether the verdict flipped.
    mask : ndarray [shape=(257, frames), bool]
        The cells of the clip's grid that were taken out.
    energy_share : float
        Of the clip's energy, what went with them.
    verdict_before, verdict_after : str
    score_before, score_after : float
        The panel's scores.
    elsewhere : tuple of float
        The panel's score after as much energy was taken out at random places, each time; empty where
        nothing flipped.
    elsewhere_flips : int
        How many of these flip the verdict, too.
    """

    found: bool
    mask: NDArray[np.bool_]
    energy_share: float
    verdict_before: str
    verdict_after: str
    score_before: float
    score_after: float
    elsewhere: tuple[float, ...] = ()
    elsewhere_flips: int = 0

    @property
    def cells(self) -> NDArray[np.bool_]:
        """Which cells of 250 Hz by 0.1 s were taken out [shape=(33, ceil(frames / 10))]."""
        return self.mask[::_BINS, ::_FRAMES]

    @property
    def area_share(self) -> float:
        """Share of the clip's time and frequency that was taken out."""
        return float(self.mask.mean())

    @property
    def p_before(self) -> float:
        """P(spoof) of the whole clip."""
        return float(p_spoof(self.score_before))

    @property
    def p_after(self) -> float:
        """P(spoof) without these cells."""
        return float(p_spoof(self.score_after))

    @property
    def sentence(self) -> str:
        """What was found, for a person."""
        if not self.found:
            return (
                f"Taking out the strongest evidence in steps, up to {100 * MOST:.0f} % of the energy, does not change "
                f"{self.verdict_before} (P(spoof) {self.p_before:.2f}, then {self.p_after:.2f})."
            )
        control = (
            f"{self.elsewhere_flips} of {len(self.elsewhere)} random removals of as much energy change it, too."
            if self.elsewhere_flips
            else "As much energy taken out at random does not."
        )
        return (
            f"Without the strongest evidence, {100 * self.energy_share:.1f} % of the energy, {self.verdict_before} "
            f"becomes {self.verdict_after} (P(spoof) {self.p_before:.2f}, then {self.p_after:.2f}). {control}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, without the mask."""
        return {
            "found": self.found, "energy_share": self.energy_share, "area_share": self.area_share,
            "verdict_before": self.verdict_before, "verdict_after": self.verdict_after,
            "score_before": self.score_before, "score_after": self.score_after,
            "p_spoof_before": self.p_before, "p_spoof_after": self.p_after,
            "elsewhere_p_spoof": [float(p_spoof(llr)) for llr in self.elsewhere],
            "elsewhere_flips": self.elsewhere_flips, "sentence": self.sentence,
        }  # fmt: skip


def smallest_flip(
    panel: "Panel", waveform: NDArray[np.float32], *, attribution: NDArray[np.floating] | None = None,
    scores: "Mapping[str, ClipScore] | None" = None, seed: int = 0,
) -> Flip:  # fmt: skip
    """Take out the cells that speak for the panel's side, the strongest first, until the verdict is another one.

    Cells of 0.1 s by 250 Hz are lowered to the clip's own noise floor. Steps of 2, 5, 10, 20 and 30 % of the energy
    find where the verdict flips, and three halvings of that step the smallest share; as much is then taken out at
    random places, three times. What was scored is what ``taken_and_left`` returns. Progress is
    reported (``core.watch.report``).

    Parameters
    ----------
    panel : Panel
    waveform : ndarray [shape=(n,), float32]
    attribution : ndarray [shape=(257, frames)], optional
        Positive = evidence for spoof; ``native_map(panel, waveform)`` where none is given.
    scores : mapping of str to ClipScore, optional
        What the members predicted for the clip, where it is known.
    seed : int
        Of the random places.

    Raises
    ------
    ExplanationError
        When no map is given and no member of the panel has one.
    """
    known = panel.score(waveform) if scores is None else scores
    evidence = native_map(panel, waveform, scores=known) if attribution is None else attribution
    removal, before = _Removal(waveform, panel), _panel_score(panel, known)
    # What speaks for the side that the score is on: spoof where it is negative.
    order = np.argsort(-coarse(evidence) * (1.0 if before < 0 else -1.0), axis=None, kind="stable")
    return removal.flip(_flips_at(removal, order, before), before, seed)


def flip_without(
    panel: "Panel", waveform: NDArray[np.float32], cells: NDArray[np.bool_], *,
    scores: "Mapping[str, ClipScore] | None" = None, seed: int = 0,
) -> Flip:  # fmt: skip
    """Return what the removal of given cells does, without a search: so a flip that was found once is tried again.

    Parameters
    ----------
    panel, waveform, scores, seed
        As ``smallest_flip`` takes them.
    cells : ndarray [shape=(33, ceil(frames / 10)), bool]
        As ``Flip.cells`` returns them.

    Raises
    ------
    ValueError
        When they are not of this clip's shape.
    """
    removal = _Removal(waveform, panel)
    before = _panel_score(panel, panel.score(waveform) if scores is None else scores)
    return removal.flip(removal.spread(cells), before, seed)


def _panel_score(panel: "Panel", scores: "Mapping[str, ClipScore]") -> float:
    return float(panel.fused({name: scores[name].score for name in panel.members}))


def taken_and_left(waveform: Wave, mask: NDArray[np.bool_]) -> tuple[Wave, Wave]:
    """Return what a flip took out of a clip, and what was left and scored [shape=(n,) each]: together the clip."""
    left = Removal(waveform).without(mask)
    return waveform - left, left


def cells_path(cells: NDArray[np.bool_]) -> str:
    """Return cells as the path of an SVG: a unit each, time to the right, frequency upwards."""
    high = len(cells)
    return " ".join(
        f"M{start} {high - 1 - row}h{stop - start}v1h{start - stop}z" for row, start, stop in cell_runs(cells)
    )


def cell_runs(cells: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Yield row, first and last but one column of each run of marked cells."""
    for row, marked in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            yield row, int(start), int(stop)


def native_map(
    panel: "Panel", waveform: NDArray[np.float32], *, scores: "Mapping[str, ClipScore] | None" = None
) -> NDArray[np.float32]:
    """Return the exact map [shape=(257, frames)] of the first member that has one, else of the first with a default.

    ``scores`` are those that its members have predicted for the clip, where they are known.

    Raises
    ------
    ExplanationError
        When no member has a map.
    """
    from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
    from core.explain.base import default_method, explain

    members = [panel.detectors[name] for name in panel.members]
    exact = [(one, "native") for one in members if one.network.grid() is not None]
    usual: list[tuple[Detector, str | None]] = [(one, default_method(one)) for one in members] if not exact else []
    known = [*exact, *((one, method) for one, method in usual if method is not None)]
    if not known:
        raise ExplanationError("No member of the panel has a map of its evidence: give one, or another panel.")
    seconds = len(waveform) / SAMPLE_RATE
    clip = Clip("clip", waveform, DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds))
    detector, method = known[0]
    score = None if scores is None else scores.get(detector.name)
    return explain(clip, detector, method, score=score, faithfulness=False).attribution


def coarse(cells: NDArray[np.floating]) -> Grid:
    """Return the sums of a grid over cells of 0.1 s by 250 Hz."""
    rows = np.add.reduceat(cells, np.arange(0, cells.shape[0], _BINS), axis=0, dtype=np.float64)
    return np.asarray(np.add.reduceat(rows, np.arange(0, cells.shape[1], _FRAMES), axis=1))


def _flips_at(removal: "_Removal", order: NDArray[np.intp], before: float) -> NDArray[np.bool_]:
    """Return the smallest set of cells, in order, without which the verdict is another; else the largest tried."""
    low, total = 0.0, len(_SHARES) + _HALVINGS + _ELSEWHERE
    for step, high in enumerate(_SHARES, start=1):
        mask = removal.first(order, high)
        if removal.turns(mask, before):
            break
        low = high
        report(step, total)
    else:
        return mask
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fewer = removal.first(order, middle)
        if removal.turns(fewer, before):
            mask, high = fewer, middle
        else:
            low = middle
    return mask


class _Removal(Removal):
    """A clip whose cells can be taken out, and the panel that scores what is left."""

    def __init__(self, waveform: NDArray[np.float32], panel: "Panel") -> None:
        super().__init__(waveform)
        self._panel = panel
        self._energy = coarse(self.magnitude.astype(np.float64) ** 2)
        self._scored: dict[bytes, float] = {}

    def first(self, order: NDArray[np.intp], share: float) -> NDArray[np.bool_]:
        """Return the cells [shape=(257, frames)] that come first and together hold up to a share of the energy."""
        held = np.cumsum(self._energy.ravel()[order]) / max(float(self._energy.sum()), 1e-20)
        taken = np.zeros(order.size, dtype=bool)
        # One at least: a single cell may hold more than the share.
        taken[order[: max(1, int(np.searchsorted(held, share + 1e-9, side="right")))]] = True
        return self.spread(taken.reshape(self._energy.shape))

    def spread(self, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return cells of 250 Hz by 0.1 s on the clip's own grid [shape=(257, frames)]."""
        if cells.shape != self._energy.shape:
            raise ValueError(f"The cells are {cells.shape}; those of this clip are {self._energy.shape}.")
        bins, frames = self.magnitude.shape
        rows, columns = np.arange(bins) // _BINS, np.arange(frames) // _FRAMES
        return np.asarray(cells[np.ix_(rows, columns)])

    def energy_share(self, mask: NDArray[np.bool_]) -> float:
        """Return the share of the energy that whole cells hold."""
        taken = coarse(mask.astype(np.float64)) > 0
        return float(self._energy[taken].sum() / max(float(self._energy.sum()), 1e-20))

    def score(self, mask: NDArray[np.bool_]) -> float:
        """Return the panel's score without these cells; of cells that were scored before, that score."""
        key = np.packbits(mask).tobytes()
        if key not in self._scored:
            self._scored[key] = float(self._panel.fused(member_scores(self._panel, self.without(mask))))
        return self._scored[key]

    def turns(self, mask: NDArray[np.bool_], before: float) -> bool:
        """Return whether the verdict is another without these cells."""
        verdict = self._panel.decision.verdict
        return verdict(self.score(mask)) != verdict(before)

    def flip(self, mask: NDArray[np.bool_], before: float, seed: int) -> Flip:
        """Return what was found of these cells, and beside it of as many at random places where they flip."""
        verdict, after, share = self._panel.decision.verdict, self.score(mask), self.energy_share(mask)
        random, elsewhere = np.random.default_rng(seed), []
        if found := verdict(after) != verdict(before):
            draws = (self.first(random.permutation(self._energy.size), share) for _ in range(_ELSEWHERE))
            elsewhere = [self.score(draw) for draw in draws]
        return Flip(
            found, mask, share, verdict(before), verdict(after), before, after, tuple(elsewhere),
            sum(verdict(llr) != verdict(before) for llr in elsewhere),
        )  # fmt: skip
