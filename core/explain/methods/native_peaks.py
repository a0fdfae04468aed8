"""Native peaks: where the native map stands out from the rest of the recording."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import HOP, grid_freqs_hz
from core.explain.base import METHODS
from core.explain.inspection import Inspection
from core.explain.methods.native import Native, mean_of_cells

__all__ = ["NativePeaks"]

_AROUND_S, _AROUND_HZ = 0.34, 1500.0
_SHARE = 0.05


@METHODS.register("native-peaks")
class NativePeaks(Native):
    """The twentieth of the native map that speaks most for spoof, and the twentieth that speaks most against it.

    A cell by itself is noisy, and a room or a codec moves all cells of a recording. So the cells are averaged over
    1.5 kHz by 0.34 s, and only what exceeds 95 % of the recording is left, by as much as it exceeds them. What two
    windows share counts once here, else the middle of a recording would stand out before anything lies there. It
    points better than the native map, whose sum it does not keep.
    """

    preference = 4

    def attribute(self, inspection: Inspection) -> NDArray[np.float32]:
        """Return the attribution [shape=(257, frames)]; positive = evidence for spoof."""
        bins = round(_AROUND_HZ / float(grid_freqs_hz()[1]))
        size = (bins, round(_AROUND_S * SAMPLE_RATE / HOP))
        averaged = uniform_filter(-mean_of_cells(inspection), size, mode="nearest")
        lowest, highest = np.quantile(averaged, [_SHARE, 1 - _SHARE])
        # In a recording whose every cell is bona fide, the least bona fide one is still no evidence for spoof.
        for_spoof = np.maximum(averaged - max(highest, 0.0), 0.0)
        against = np.minimum(averaged - min(lowest, 0.0), 0.0)
        return (for_spoof + against).astype(np.float32)
