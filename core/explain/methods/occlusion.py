"""Occlusion: what the score does when a box of the spectrogram falls to the noise floor."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.detectors.network import Network
from core.explain.base import METHODS, Method
from core.explain.inspection import Inspection, View
from core.explain.methods.grad_cam import window_map

__all__ = ["CamOcclusion", "Occlusion"]

_BOX_BINS, _BOX_FRAMES = 32, 25
# Several passes, so that every core has one.
_AT_ONCE = 32
_LEAST_ACTIVE = 0.2

Box = tuple[slice, slice]


@METHODS.register("occlusion")
class Occlusion(Method):
    """Boxes of 1 kHz by 0.25 s are silenced one at a time; each gets the change of the score, spread over its cells.

    Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014. Nothing is differentiated:
    the change is one that a person could make and hear, and it is as large as that.
    """

    preference = 2

    def fits(self, network: Network) -> bool:
        """Return whether the network is quick enough to be asked about some hundred boxes a window."""
        return not network.is_slow

    def window(self, view: View) -> NDArray[np.floating]:
        """Return the attribution of one window [shape=(257, n_frames)]; positive = evidence for spoof."""
        return _occlude(view, list(_boxes(view)))


@METHODS.register("cam-occlusion")
class CamOcclusion(Occlusion):
    """Occlusion where Grad-CAM looks: each finds what the other cannot.

    The class activation map knows when a network responds but, on cepstra, not at which frequency; occlusion
    knows the frequency but answers to every loss of speech. A cell's value is the change of the score by its box, times
    the map relative to its strongest cell; where the two disagree in sign it is zero. So Guided Grad-CAM (Selvaraju et
    al., ICCV 2017) is formed, with occlusion for the gradient. Boxes where the map is below a fifth of its largest are
    not tried.
    """

    preference = 4

    def fits(self, network: Network) -> bool:
        """Return whether the network is quick and has a feature map."""
        return super().fits(network) and network.has_feature_map

    def windows(self, inspection: Inspection) -> Iterator[NDArray[np.floating]]:
        """Yield the attribution of each window; its map counts relative to the strongest cell of all windows."""
        cam = inspection.detector.network.cam()
        assert cam is not None
        maps = [np.zeros((1, 1)) if view.silent else window_map(view, cam) for view in inspection.views()]
        strongest = max(float(np.abs(found).max()) for found in maps)
        for view, found in zip(inspection.views(), maps, strict=True):
            if view.silent or strongest == 0:
                yield np.zeros(tuple(view.magnitude.shape))
                continue
            active = found / strongest
            changes = _occlude(view, [box for box in _boxes(view) if np.abs(active[box]).max() >= _LEAST_ACTIVE])
            yield np.where(changes * active > 0, changes * np.abs(active), 0)


def _boxes(view: View) -> Iterator[Box]:
    bins, frames = view.magnitude.shape
    for start in range(0, frames, _BOX_FRAMES):
        columns = slice(start, min(start + _BOX_FRAMES, frames))
        for low in range(0, bins - 1, _BOX_BINS):
            # The last bin, 8 kHz itself, goes with the box below it.
            high = low + _BOX_BINS
            yield slice(low, high if high < bins - 1 else bins), columns


def _occlude(view: View, boxes: list[Box]) -> NDArray[np.float64]:
    """Return the change of the raw output by each box, spread over its cells [shape=(257, n_frames)]; else zero."""
    raw = float(view.predict(view.magnitude[None])[0])
    found = np.zeros(tuple(view.magnitude.shape))
    for start in range(0, len(boxes), _AT_ONCE):
        some = boxes[start : start + _AT_ONCE]
        changed = view.magnitude.repeat(len(some), 1, 1)
        for one, box in zip(changed, some, strict=True):
            one[box] = view.floor[box]
        for box, without in zip(some, view.predict(changed), strict=True):
            found[box] = (without - raw) / found[box].size
    return found
