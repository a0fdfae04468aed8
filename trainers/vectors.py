"""The vectors that a network's frozen layers make of clips, computed once for any number of fits."""

import io
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.segment import Sound, cut_windows
from core.detectors.network import Output
from core.files import write_bytes
from core.frontends.base import Frontend
from core.progress import progress
from core.threads import side_by_side
from trainers.cache_key import cache_key
from trainers.recipe import Recipe
from trainers.waveforms import Clips
from trainers.windows import OneChangedWindow, OneWindow

__all__ = ["Statistical", "Vectors"]

_AT_ONCE = 64
# What a fit changes: it has no part in the vectors.
_FITTED = ("centre", "directions", "machine.")

Rows = NDArray[np.intp]
Pieces = NDArray[np.float32]


@runtime_checkable
class Statistical(Protocol):
    """A network that is fitted to one vector a window (``core.detectors.layers.statistics``)."""

    frontend: Frontend
    window: int

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return the weights by name."""
        ...

    def statistics(self, features: torch.Tensor) -> torch.Tensor:
        """Return the vectors [shape=(batch, d)] of features."""
        ...

    def fit_statistics(self, real: NDArray[np.float32], fake: NDArray[np.float32]) -> None:
        """Fit to the vectors of bona fide and of spoofed clips."""
        ...

    def judge(self, statistics: torch.Tensor) -> Output:
        """Return the output for vectors."""
        ...


class Vectors:
    """The vectors of clips, kept in the cache folder by the digests of frozen layers and clips, some clips a file.

    Parameters
    ----------
    network : Statistical
    recipe : Recipe
        Its augmentation makes a second version of each clip to train on, as ``fit`` does.
    waves : Clips
    """

    def __init__(self, network: Statistical, recipe: Recipe, waves: Clips) -> None:
        self._network, self._recipe, self._waves = network, recipe, waves
        frozen = {name: value for name, value in network.state_dict().items() if not name.startswith(_FITTED)}
        self._key = cache_key(frozen, f"{network.window} {waves.key}")

    def to_train_on(self, rows: Rows) -> NDArray[np.float32]:
        """Return one vector for each clip as it is, and one as the recipe changes it [shape=(n or 2 n, d)]."""
        window = self._network.window
        cuts = [OneWindow(self._waves, window)]
        if self._recipe.augmentation.changes_anything:
            cuts.append(OneChangedWindow(self._waves, window, self._recipe))
        parts = [self._kept(cut.key, cut.pieces, rows) for cut in cuts]
        return np.concatenate([np.stack([vectors[0] for vectors in part]) for part in parts])

    def scores(self, rows: Rows) -> NDArray[np.float64]:
        """Return the raw score of each clip [shape=(n,)] over all its windows, by the network as it is fitted now."""
        kept = self._kept("windows", self._windows, rows)
        with torch.inference_mode():
            return np.array([float(self._network.judge(torch.from_numpy(vectors)).raw.mean()) for vectors in kept])

    def _windows(self, row: int) -> Pieces:
        window = self._network.window
        return cut_windows(Sound.of(self._waves[row]).waveform, window=window, hop=window // 2)[0]

    def _kept(self, what: str, cut: Callable[[int], Pieces], rows: Rows) -> list[NDArray[np.float32]]:
        """Return the vectors of some clips, [shape=(windows, d)] each; their files are made where there are none."""
        vectors: dict[int, NDArray[np.float32]] = {}
        wanted = sorted({int(row) // _AT_ONCE for row in rows})
        with progress(f"clips through frozen layers ({what})") as report:
            for done, file in enumerate(wanted, start=1):
                here = range(file * _AT_ONCE, min((file + 1) * _AT_ONCE, len(self._waves)))
                vectors |= dict(zip(here, self._some(what, cut, here), strict=True))
                # Whole files are made, whichever of their clips are asked for.
                report(done * _AT_ONCE, len(wanted) * _AT_ONCE)
        return [vectors[int(row)] for row in rows]

    def _some(self, what: str, cut: Callable[[int], Pieces], rows: range) -> list[NDArray[np.float32]]:
        path = self._waves.cache / f"vectors-{self._key}" / f"{what}-{rows.start}.npz"
        if not path.exists():
            made = side_by_side(lambda row: self._vectors(cut(row)), rows)
            buffer = io.BytesIO()
            np.savez(buffer, vectors=np.concatenate(made), counts=[len(one) for one in made])
            write_bytes(path, buffer.getvalue())
        with np.load(path, allow_pickle=False) as stored:
            return np.split(stored["vectors"], np.cumsum(stored["counts"])[:-1])

    def _vectors(self, pieces: Pieces) -> NDArray[np.float32]:
        with torch.inference_mode():
            made = [self._network.statistics(self._network.frontend(torch.from_numpy(one[None]))) for one in pieces]
        return torch.cat(made).numpy()
