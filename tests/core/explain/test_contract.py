"""Every registered method keeps the contract of ``Method``; a new one is held to it by being registered."""

import numpy as np
import pytest

from core.explain.base import METHODS
from core.explain.inspection import Inspection
from tests.core.explain.conftest import Cells, as_detector

EVERY = pytest.mark.parametrize("name", METHODS.names())


def attributed(name: str, waveform: np.ndarray, **band: float) -> np.ndarray:
    """Return what a method finds of a toy network with a feature map and cells, which every method can explain."""
    return METHODS.get(name)().attribute(Inspection(waveform, as_detector(Cells(**band))))


@EVERY
def test_a_method_fits_a_network_with_map_and_cells_and_says_which_axes_it_has(name: str) -> None:
    method, network = METHODS.get(name)(), Cells()
    assert method.fits(network)
    assert method.axes(network) in (("time",), ("time", "frequency"))


@EVERY
def test_an_attribution_lies_on_the_grid_of_the_clip(name: str, noise) -> None:
    waveform = noise(1.3)
    found = attributed(name, waveform)
    assert found.shape == (257, len(waveform) // 160 + 1) and found.dtype == np.float32
    assert np.isfinite(found).all() and np.abs(found).max() > 0


@EVERY
def test_the_same_clip_is_explained_alike_again(name: str, noise) -> None:
    np.testing.assert_allclose(attributed(name, noise(1.3)), attributed(name, noise(1.3)), rtol=1e-5, atol=1e-9)


@EVERY
def test_silence_is_explained_by_finite_values(name: str) -> None:
    assert np.isfinite(attributed(name, np.zeros(16000, np.float32))).all()
