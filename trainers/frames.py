"""The frames that a network's frozen layers make of crops, computed once for any number of training steps."""

import math
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from core.audio.clip import SAMPLE_RATE
from core.detectors.network import Network
from core.progress import progress
from trainers.cache_key import cache_key
from trainers.data import GroupSampler, TrainingClips, WholeClips
from trainers.recipe import Recipe
from trainers.waveforms import Clips

__all__ = ["KeptFrames", "ShuffledRows", "frames_bytes", "kept_crops", "kept_windows"]

_AT_ONCE = 16


class KeptFrames(Dataset[tuple[torch.Tensor, ...]]):
    """Frames [shape=(channels, steps)] of some windows, in half precision on the disk, and what belongs to each.

    Parameters
    ----------
    frames : ndarray [shape=(n, channels, steps), float16]
    more : tuple of ndarray
        Of n values or arrays each: targets, labels, rows.
    """

    def __init__(self, frames: NDArray[np.float16], *more: NDArray[np.generic]) -> None:
        self._frames, self._more = frames, more

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        of_window = torch.from_numpy(self._frames[index].astype(np.float32))
        return of_window, *(torch.as_tensor(np.array(values[index])) for values in self._more)

    def __len__(self) -> int:
        return len(self._frames)


class ShuffledRows(Sampler[list[int]]):
    """Batches of rows: all of them in one order, then in another; a resumed training goes on where it was.

    Parameters
    ----------
    n : int
        Rows, at least as many as a batch takes.
    batch, batches : int
        Rows in a batch, batches in an epoch.
    seed : int
    """

    def __init__(self, n: int, *, batch: int, batches: int, seed: int) -> None:
        self._a_pass = n // batch
        self._n, self._batch, self._batches, self._seed = n, batch, batches, seed
        self._epoch = self._process = 0

    def set_epoch(self, epoch: int, process: int | None = None) -> None:
        """Draw as in the given epoch; from now on for one of the processes that train together."""
        self._epoch, self._process = epoch, self._process if process is None else process

    def __len__(self) -> int:
        return self._batches

    def __iter__(self) -> Iterator[list[int]]:
        first = self._epoch * self._batches
        for a_pass, numbers in groupby(range(first, first + self._batches), lambda number: number // self._a_pass):
            order = np.random.default_rng((self._seed, self._process, a_pass)).permutation(self._n)
            for number in numbers:
                at = number % self._a_pass * self._batch
                yield order[at : at + self._batch].tolist()
        self._epoch += 1


def frames_bytes(network: Network, recipe: Recipe, *, n_windows: int) -> int:
    """Return the room on the disk that frames take: those of the recipe's crops, and of so many whole windows.

    Nothing for a network that is trained on crops themselves.
    """
    if not network.learns_from_frames:
        return 0
    crop = min(int(recipe.crop_s * SAMPLE_RATE), network.window)
    of_crop, of_window = (math.prod(_shape(network, size)) for size in (crop, network.window))
    return 2 * (recipe.kept_crops * of_crop + n_windows * of_window)


def kept_crops(
    network: Network, clips: TrainingClips, sampler: GroupSampler, recipe: Recipe, waves: Clips, *, crop: int
) -> KeptFrames:
    """Return frames and their targets of the crops that a sampler draws, ``recipe.kept_crops`` of them.

    Those that an interrupted training computed are found again in the cache folder.
    """
    drawn_by = {"architecture", "seed", "batch", "kept_crops", "augmentation", "splices", "sampling"}
    place = _place(network, f"{recipe.model_dump_json(include=drawn_by)} {crop} {waves.key}", waves.cache)
    n, shape = len(sampler) * recipe.batch, _shape(network, crop)
    frames, targets = _opened(place, (n, *shape), (n, 1, shape[1]))
    done = int(np.isfinite(targets[:, 0, 0]).sum()) // recipe.batch
    crops = DataLoader(clips, batch_sampler=list(sampler)[done:], num_workers=1)
    with progress("training crops through frozen layers") as report:
        for number, (waveforms, cells) in enumerate(crops, start=done):
            here = slice(number * recipe.batch, (number + 1) * recipe.batch)
            frames[here] = _frames(network, waveforms)
            targets[here] = cells.numpy()
            report(here.stop, n)
    return KeptFrames(frames, targets)


def kept_windows(network: Network, clips: WholeClips, recipe: Recipe, waves: Clips) -> KeptFrames:
    """Return frames, class and row of whole clips, a window of each."""
    place = _place(network, f"windows {recipe.architecture} {waves.key}", waves.cache)
    n = len(clips)
    frames, done = _opened(place, (n, *_shape(network, network.window)), (n, 1, 1))
    with progress("development clips through frozen layers") as report:
        for first in range(int(np.isfinite(done).sum()) // _AT_ONCE * _AT_ONCE, n, _AT_ONCE):
            here = range(first, min(first + _AT_ONCE, n))
            frames[first : here.stop] = _frames(network, torch.stack([clips[row][0] for row in here]))
            done[first : here.stop] = 1
            report(here.stop, n)
    labels = np.array([clips.label(row) for row in range(n)])
    return KeptFrames(frames, labels, np.arange(n))


def _frames(network: Network, waveforms: torch.Tensor) -> NDArray[np.float16]:
    # In evaluation mode: a new network is in training mode, where batch statistics would move.
    network.eval()
    with torch.inference_mode():
        parts = [network.training_input(some) for some in waveforms.split(_AT_ONCE)]
    return np.asarray(torch.cat(parts).half().numpy())


def _shape(network: Network, crop: int) -> tuple[int, int]:
    _, channels, steps = _frames(network, torch.zeros(1, crop)).shape
    return channels, steps


def _place(network: Network, what: str, cache: Path) -> Path:
    """Return where frames are kept, by the frozen layers that make them and by what they are made of."""
    frozen = {k: v for k, v in network.state_dict().items() if k.split(".")[0] in network.frozen_modules}
    return cache / f"frames-{cache_key(frozen, what)}"


def _opened(
    place: Path, shape: tuple[int, ...], of_each: tuple[int, ...]
) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return frames, and the values that are NaN where frames are still to be computed: written last, row by row."""
    place.mkdir(parents=True, exist_ok=True)
    values = place / "values.npy"
    if not values.exists():
        kept = np.lib.format.open_memmap(place / "frames.npy", "w+", np.float16, shape)
        with open(place / "frames.npy", "r+b") as file:
            # Else a disk that fills up later would end the process with a signal, not with an error.
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, kept.offset + kept.nbytes)
        unknown = place / "unknown.npy"
        np.save(unknown, np.full(of_each, np.nan, np.float32))
        unknown.replace(values)
    return np.load(place / "frames.npy", mmap_mode="r+"), np.load(values, mmap_mode="r+")
