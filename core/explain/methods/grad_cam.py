"""Grad-CAM, along the axes that a network's feature map really has."""

import threading

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import grid_freqs_hz, grid_times_s
from core.detectors.network import CamView, Network
from core.explain.base import METHODS, TIME_FREQUENCY, Axes, Method
from core.explain.inspection import View

__all__ = ["GradCam", "window_map"]


@METHODS.register("grad-cam")
class GradCam(Method):
    """Feature maps weighted by their mean gradient, summed, and interpolated to the clip's grid.

    Selvaraju et al., "Grad-CAM", ICCV 2017, without the final rectification: what it would cut off is the evidence
    for bona fide, which is negative here as in every other map. An axis of the feature map that is neither time nor
    frequency (cepstra) is treated as channels are: weighted, then summed. A map without frequency is spread evenly
    over the bins.
    """

    preference = 3

    def fits(self, network: Network) -> bool:
        """Return whether the network has a feature map to show."""
        return network.has_feature_map

    def axes(self, network: Network) -> Axes:
        """Return ``('time',)`` where the feature map has no frequency axis."""
        cam = network.cam()
        return ("time",) if cam is None or cam.freq_axis is None else TIME_FREQUENCY

    def window(self, view: View) -> NDArray[np.floating]:
        """Return the map of one window [shape=(257, n_frames)]; positive = evidence for spoof."""
        cam = view.detector.network.cam()
        assert cam is not None
        found = window_map(view, cam)
        return found if cam.freq_axis is not None else found / len(found)


def window_map(view: View, cam: CamView) -> NDArray[np.float64]:
    """Return one window's class activation map on the frames of its view [shape=(257, n_frames)]."""
    times = grid_times_s(view.frames.stop)[view.frames] - view.span[0] / SAMPLE_RATE
    length_s = (view.span[1] - view.span[0]) / SAMPLE_RATE
    return _on_grid(_class_map(view, cam), np.clip(times, 0, length_s), view, cam)


def _class_map(view: View, cam: CamView) -> NDArray[np.float64]:
    """Return the map as the network has it [shape=(rows, steps)], one row where it has no frequency."""
    features, gradient = _feature_map(view, cam)
    shown = [axis for axis in (cam.freq_axis, cam.time_axis) if axis is not None]
    weighted = features * gradient.mean(dim=shown, keepdim=True)
    order = [*(axis for axis in range(weighted.ndim) if axis not in shown), *shown]
    weighted = weighted.permute(order)
    summed = weighted.reshape(-1, *weighted.shape[-len(shown) :]).sum(0)
    # The gradient is of the bona fide output; minus it is the evidence for spoof.
    return (-summed).reshape(-1, features.shape[cam.time_axis]).double().numpy()


def _feature_map(view: View, cam: CamView) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the layer's output for the window, and the gradient of the raw output with respect to it."""
    kept: list[torch.Tensor] = []
    ours = threading.get_ident()

    def keep(_module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor | None:
        if threading.get_ident() != ours:
            # The network may be scoring another clip in another thread: that is none of ours.
            return None
        # Gradients are recorded from here on only: nothing below the layer needs them.
        torch.set_grad_enabled(True)
        kept.append(output.detach().requires_grad_())
        return kept[0]

    handle = cam.layer.register_forward_hook(keep)
    try:
        with torch.no_grad():
            raw = view.raw(view.magnitude[None])
            (gradient,) = torch.autograd.grad(raw.sum(), kept[0])
    finally:
        handle.remove()
    return kept[0].detach().float(), gradient.float()


def _on_grid(found: NDArray[np.float64], times_s: NDArray[np.float64], view: View, cam: CamView) -> NDArray[np.float64]:
    """Return the map at the grid's frequencies and at times within the window [shape=(257, n)].

    A clip shorter than the window was repeated to fill it: its map is the mean over the repeats.
    """
    window_s = view.detector.window / SAMPLE_RATE
    length_s = (view.span[1] - view.span[0]) / SAMPLE_RATE
    steps = (np.arange(found.shape[1]) + 0.5) * window_s / found.shape[1]
    repeats = np.arange(max(1, int(np.ceil(window_s / length_s - 1e-9)))) * length_s
    at = times_s[:, None] + repeats
    inside = at < window_s + 1e-9
    inside[:, 0] = True
    rows = np.stack([(np.interp(at, steps, row) * inside).sum(1) / inside.sum(1) for row in found])
    if cam.freqs_hz is None:
        return np.repeat(rows, len(grid_freqs_hz()), axis=0)
    return np.stack([np.interp(grid_freqs_hz(), cam.freqs_hz, column) for column in rows.T], axis=1)
