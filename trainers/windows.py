"""The window of a clip that is fitted to in one pass: as the clip is, and as a recipe changes it."""

import numpy as np
from numpy.typing import NDArray

from core.audio.segment import fit_length
from core.files import sha256_bytes
from trainers.augment import augment
from trainers.recipe import Recipe
from trainers.waveforms import Clips

__all__ = ["OneChangedWindow", "OneWindow"]


class OneWindow:
    """The beginning of each clip, cut or repeated to a detector's window [shape=(window,), float32].

    Parameters
    ----------
    waves : Clips
    window : int
        Samples.
    """

    #: Names what is kept of such windows.
    key = "first"

    def __init__(self, waves: Clips, window: int) -> None:
        self._waves, self._window = waves, window

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        return fit_length(self._waves[row], self._window)

    def pieces(self, row: int) -> NDArray[np.float32]:
        """Return the window as the only one of its clip [shape=(1, window), float32]."""
        return self[row][None]


class OneChangedWindow(OneWindow):
    """The same window as the recipe's augmentation changes it, for each clip in one way for good."""

    def __init__(self, waves: Clips, window: int, recipe: Recipe) -> None:
        super().__init__(waves, window)
        self._settings, self._seed = recipe.augmentation, recipe.seed
        self.key = f"changed-{recipe.seed}-{sha256_bytes(self._settings.model_dump_json().encode())[:12]}"

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        changed = augment(super().__getitem__(row), self._settings, np.random.default_rng((self._seed, row)))
        return fit_length(changed, self._window)
