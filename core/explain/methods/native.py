"""Native: the contributions of a network whose raw output is the mean of local ones."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP, grid_freqs_hz
from core.audio.segment import cut_windows
from core.detectors.detector import Detector
from core.detectors.network import Grid, Network
from core.explain.base import METHODS, TIME_FREQUENCY, Axes, Method
from core.explain.inspection import Inspection, View
from core.threads import side_by_side

__all__ = ["Native", "mean_of_cells", "on_view"]


@METHODS.register("native")
class Native(Method):
    """Minus each cell's share of the raw output, spread evenly over the bins and frames that the cell covers.

    Exact: nothing is differentiated, masked or approximated. The raw output of such a network is the mean of its cells
    (``Output.cells``), so that the attribution adds up to minus the clip's raw score. Cells of a known score are not
    computed again: the quickest method there is.
    """

    preference = 5

    def fits(self, network: Network) -> bool:
        """Return whether the network's raw output is a mean of local ones."""
        return network.grid() is not None

    def axes(self, network: Network) -> Axes:
        """Return time and frequency; time alone where the cells are of one band."""
        grid = network.grid()
        return TIME_FREQUENCY if grid is None or len(grid.edges_hz) > 2 else ("time",)

    def window(self, view: View) -> NDArray[np.floating]:
        """Return the attribution of one window [shape=(257, n_frames)]; positive = evidence for spoof."""
        with torch.inference_mode():
            samples = view.samples((view.magnitude * view.phase)[None]).numpy()
        return _contributions(view, _cells(samples, view.detector))

    def windows(self, inspection: Inspection) -> Iterator[NDArray[np.floating]]:
        """Yield the attribution of each window; of its own samples, and in silence too, for the sum to be exact."""
        for index, cells in enumerate(_window_cells(inspection)):
            yield _contributions(inspection.view(index), cells)


def mean_of_cells(inspection: Inspection) -> NDArray[np.float64]:
    """Return the mean raw output of the cells that cover each bin and frame [shape=(257, frames)].

    In the native map a part that two windows share counts twice, as it does in the score, and so does what was repeated
    to fill a window. Here every part of the clip counts alike.
    """
    shape = tuple(inspection.magnitude.shape)
    total, covered = np.zeros(shape), np.zeros(shape)
    for index, cells in enumerate(_window_cells(inspection)):
        view = inspection.view(index)
        total[:, view.frames] += on_view(cells, _grid(view), view)
        covered[:, view.frames] += on_view(np.ones_like(cells), _grid(view), view)
    return np.divide(total, covered, out=np.zeros(shape), where=covered > 0)


def _window_cells(inspection: Inspection) -> Sequence[NDArray[np.float32]]:
    """Return the cells of each window [shape=(bands, steps)]."""
    detector = inspection.detector
    pieces, _ = cut_windows(inspection.sound.waveform, window=detector.window, hop=detector.hop)
    return inspection.cells or side_by_side(lambda piece: _cells(piece[None], detector), pieces)


def _cells(samples: NDArray[np.float32], detector: Detector) -> NDArray[np.float32]:
    """Return the cells [shape=(bands, steps)] of one window [shape=(1, n)]."""
    found = detector.engine.predict(samples).cells
    assert found is not None, "a network with a grid gives cells"
    return found[0]


def _contributions(view: View, cells: NDArray[np.float32]) -> NDArray[np.float64]:
    return on_view(-cells.astype(np.float64) / cells.size, _grid(view), view)


def _grid(view: View) -> Grid:
    grid = view.detector.network.grid()
    assert grid is not None
    return grid


def on_view(cells: NDArray[np.floating], grid: Grid, view: View) -> NDArray[np.float64]:
    """Return cells spread over the bins and frames of a window's view [shape=(257, n_frames)]; the sum stays.

    A clip shorter than the window was repeated to fill it: what its repeats contributed falls on the same frames.

    Parameters
    ----------
    cells : ndarray [shape=(bands, steps)]
    grid : Grid
        Where in the window the cells lie.
    view : View
    """
    steps = cells.shape[1]
    start, stop = view.span
    # Frame i is centred at i * 10 ms: it covers half a frame before and after.
    borders = (np.arange(view.frames.start, view.frames.stop + 1) - 0.5) * HOP - start
    borders[0], borders[-1] = 0, stop - start
    borders = np.clip(borders, 0, stop - start) / SAMPLE_RATE
    step_edges = np.minimum(np.arange(steps + 1) * grid.hop_s, view.detector.window / SAMPLE_RATE)
    repeats = np.arange(0, step_edges[-1], borders[-1])
    times = sum(_overlap(step_edges, borders + begin) for begin in repeats)
    bins_hz = grid_freqs_hz()
    middles = (bins_hz[1:] + bins_hz[:-1]) / 2
    bin_edges = np.concatenate([bins_hz[:1], middles, bins_hz[-1:]])
    freqs = _overlap(np.asarray(grid.edges_hz), bin_edges)
    return _shares(freqs).T @ np.asarray(cells, dtype=np.float64) @ _shares(np.asarray(times))


def _overlap(cells: NDArray[np.float64], pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much intervals overlap [shape=(cells, pieces)]; both are given by their borders."""
    low = np.maximum(cells[:-1, None], pieces[:-1])
    return np.maximum(np.minimum(cells[1:, None], pieces[1:]) - low, 0)


def _shares(overlap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each cell's shares of the pieces, which add up to 1; one that covers none of them goes to the last."""
    total = overlap.sum(1, keepdims=True)
    shares = overlap / np.where(total > 0, total, 1)
    shares[:, -1] += total[:, 0] <= 0
    return shares
