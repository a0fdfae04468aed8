"""The map of a whole recording for a network whose raw output is the mean of local ones (``Network.cells``)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import Sound, fit_length, window_spans
from core.errors import ExplanationError
from core.threads import side_by_side

if TYPE_CHECKING:
    from core.detectors.detector import ClipScore, Detector

__all__ = ["CellMap", "map_cells"]

# Half of the widest receptive field that a network with cells may have: nearer to a window's edge a cell sees padding.
_MARGIN_S = 0.25


@dataclass(frozen=True, eq=False)
class CellMap:
    """A network's local raw outputs over a whole recording.

    Attributes
    ----------
    raw : ndarray [shape=(bands, steps), float32]
        Higher = more bona fide; NaN at steps of digital silence, which are not scored.
    hop_s : float
        Step k covers ``k * hop_s`` to ``(k + 1) * hop_s`` of the recording; the last may reach over its end.
    edges_hz : tuple of float
        Band b covers ``edges_hz[b]`` to ``edges_hz[b + 1]``.
    """

    raw: NDArray[np.float32]
    hop_s: float
    edges_hz: tuple[float, ...]

    @property
    def over_time(self) -> NDArray[np.float64]:
        """Return the mean over the bands [shape=(steps,)]; NaN where nothing is scored."""
        return np.asarray(self.raw.mean(axis=0, dtype=np.float64))


def map_cells(waveform: NDArray[np.float32], detector: "Detector", *, score: "ClipScore | None" = None) -> CellMap:
    """Return the cells of a recording of any length.

    It is cut into windows, those of the detector's score but for the last, which begins on a whole step. Each cell is
    taken from the window in whose midst it lies: so it sees the recording around it, not the window's edge. One window
    is in memory at a time on each core.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz, at least one sample.
    detector : Detector
    score : ClipScore, optional
        The detector's score of the recording, where it is known already: its cells are not computed again.

    Raises
    ------
    ExplanationError
        When the detector's network has no cells.
    """
    grid = detector.network.grid()
    if grid is None:
        raise ExplanationError(
            f"{detector.name} scores a clip as a whole and has no cells: choose a detector whose score is the mean of "
            "local outputs, such as localiser."
        )
    hop = round(grid.hop_s * SAMPLE_RATE)
    n_steps = math.ceil(len(waveform) / hop)
    raw = np.full((len(grid.edges_hz) - 1, n_steps), np.nan, np.float32)
    sound = Sound.of(waveform)
    if not sound.silent:
        of_sound = _in_sound(sound, n_steps, hop)
        cells = _cells_of(sound.waveform, detector, hop, score.cells if score is not None else ())
        raw[:, of_sound >= 0] = cells[:, of_sound[of_sound >= 0]]
    return CellMap(raw, hop / SAMPLE_RATE, tuple(grid.edges_hz))


def _in_sound(sound: Sound, n_steps: int, hop: int) -> NDArray[np.int64]:
    """Return for each step of the clip the step of the sound that its middle lies in; -1 in digital silence."""
    starts, stops = np.array(sound.stretches).T
    before = np.concatenate([[0], np.cumsum(stops - starts)[:-1]])
    middles = np.minimum(np.arange(n_steps) * hop + hop // 2, sound.n_samples - 1)
    stretch = np.searchsorted(starts, middles, side="right") - 1
    inside = (stretch >= 0) & (middles < stops[stretch])
    return np.where(inside, (middles - starts[stretch] + before[stretch]) // hop, -1)


def _cells_of(
    waveform: NDArray[np.float32], detector: "Detector", hop: int, of_score: Sequence[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the cells of a sound [shape=(bands, steps)]; those of the score's windows are known."""
    n_steps, per_window = math.ceil(len(waveform) / hop), detector.window // hop
    margin = int(_MARGIN_S * SAMPLE_RATE / hop)
    stride = min(detector.hop // hop, max(per_window - 2 * margin, 1))
    starts = _window_starts(len(waveform) // hop, per_window, stride)
    spans = window_spans(len(waveform), window=detector.window, hop=detector.hop) if of_score else []
    known = {start: cells for (start, _), cells in zip(spans, of_score, strict=True)}

    def cells(start: int) -> NDArray[np.float32]:
        if start * hop in known:
            return known[start * hop]
        piece = fit_length(waveform[start * hop : start * hop + detector.window], detector.window)
        found = detector.engine.predict(piece[None]).cells
        assert found is not None, "a network with a grid gives cells"
        return found[0]

    return _joined(side_by_side(cells, starts), starts, n_steps)


def _window_starts(n_steps: int, per_window: int, stride: int) -> list[int]:
    """Return the first step of each window; the last one is moved back to end with the sound."""
    if n_steps <= per_window:
        return [0]
    last = n_steps - per_window
    return [*range(0, last, stride), last]


def _joined(parts: Sequence[NDArray[np.float32]], starts: Sequence[int], n_steps: int) -> NDArray[np.float32]:
    """Return one map of all windows': where two overlap, each gives the half that lies nearer to its middle."""
    ends = [start + part.shape[1] for start, part in zip(starts, parts, strict=True)]
    seams = [0, *((start + end) // 2 for start, end in zip(starts[1:], ends, strict=False)), ends[-1]]
    whole = np.concatenate([
        part[:, first - start : last - start]
        for part, start, (first, last) in zip(parts, starts, pairwise(seams), strict=True)
    ], axis=1)  # fmt: skip
    # A step that the sound does not fill may lie in no window.
    return np.pad(whole, ((0, 0), (0, max(0, n_steps - whole.shape[1]))), mode="edge")[:, :n_steps]
