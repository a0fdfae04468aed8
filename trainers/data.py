"""Clips for training: drawn by group, cropped and augmented on the way in."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from core.audio.segment import fit_length
from core.corpus.speakers import UNKNOWN
from trainers.augment import augment
from trainers.invent import invent
from trainers.recipe import Augmentation, Sampling
from trainers.splices import Splicer
from trainers.waveforms import Clips

__all__ = ["Draw", "GroupSampler", "TrainingClips", "WholeClips"]


class Draw(NamedTuple):
    """What a batch asks for: the number of the draw, which seeds its randomness, the clip, and whether to spoof it."""

    number: int
    row: int
    invented: bool = False


class TrainingClips(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Random crops [shape=(crop,)] with their target P(bona fide), augmented, seeded by draw.

    A resumed training goes on with fresh draws and a repeated one repeats, for the number of a draw seeds all that
    is random in it. An invented spoof has the target 0. With a splicer the crops are its, and the targets those of
    their cells [shape=(bands, steps)].
    """

    def __init__(
        self, waveforms: Clips, targets: NDArray[np.float32], *, crop: int, settings: Augmentation, seed: int,
        splicer: Splicer | None = None,
    ) -> None:  # fmt: skip
        self._splicer = splicer
        self._waveforms, self._targets = waveforms, torch.from_numpy(targets.astype(np.float32))
        self._crop, self._settings, self._seed = crop, settings, seed

    def __getitem__(self, draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng((self._seed, draw.number))
        if self._splicer is not None:
            spliced, cells = self._splicer(draw.row, self._crop, rng)
            return torch.from_numpy(augment(spliced, self._settings, rng)), torch.from_numpy(cells)
        wave = self._waveforms[draw.row]
        start = int(rng.integers(len(wave)))
        if len(wave) > self._crop:
            start = int(rng.integers(len(wave) - self._crop + 1))
            wave = wave[start : start + self._crop]
        else:
            # A short clip is repeated from a random point: that is its time shift.
            wave = fit_length(np.roll(wave, -start), self._crop)
        target = self._targets[draw.row]
        if draw.invented:
            wave, target = invent(wave, rng), torch.zeros_like(target)
        return torch.from_numpy(augment(wave, self._settings, rng)), target

    def __len__(self) -> int:
        return len(self._targets)


class WholeClips(Dataset[tuple[torch.Tensor, int, int]]):
    """Unchanged clips, cut or repeated to a detector's window, with class and row number."""

    def __init__(self, waveforms: Clips, is_bonafide: NDArray[np.bool_], *, window: int) -> None:
        self._waveforms, self._labels, self._window = waveforms, is_bonafide.astype(int), window

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int, int]:
        return torch.from_numpy(fit_length(self._waveforms[index], self._window)), self.label(index), index

    def label(self, index: int) -> int:
        """Return the class of a clip: 1 for bona fide."""
        return int(self._labels[index])

    def __len__(self) -> int:
        return len(self._labels)


class GroupSampler(Sampler[list[Draw]]):
    """Batches of draws: half bona fide, half spoof, each group weighted by its count to a power.

    A group is (dataset, kind) for bona fide speech and a system for spoofs, so that neither a large source nor a
    large system outvotes the others.

    Parameters
    ----------
    frame : DataFrame
        The training clips; columns label, system, source, dataset, part, kind.
    batch, batches : int
        Clips in a batch, batches in an epoch.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        settings: Sampling,
        *,
        batch: int,
        batches: int,
        seed: int,
        only_bonafide: bool = False,
    ) -> None:
        self._batch, self._batches, self._seed = batch, batches, seed
        self._epoch = self._process = 0
        self._settings, self._only_bonafide = settings, only_bonafide
        labels = frame["label"].to_numpy()
        self._bonafide = np.flatnonzero(labels == "bonafide")
        self._bonafide_weights = self._group_weights(frame.iloc[self._bonafide], ["dataset", "kind"])
        rare = frame["kind"].iloc[self._bonafide].isin(["vivid", "spontaneous"]).to_numpy()
        self._bonafide_weights[rare] *= settings.rare
        self._bonafide_weights /= self._bonafide_weights.sum()
        published = (frame["part"] == "published").to_numpy()
        parts = {"made": ~published, "published": published}
        spoofs = {part: np.flatnonzero((labels == "spoof") & here) for part, here in parts.items()}
        self._spoofs = {part: rows for part, rows in spoofs.items() if len(rows)}
        self._spoof_weights = {p: self._group_weights(frame.iloc[r], ["system"]) for p, r in self._spoofs.items()}
        self._by_source: dict[str, list[int]] = defaultdict(list)
        self._source = frame["source"].to_numpy()
        for row in self._spoofs.get("made", []):
            # Two clips of which no source is known are no pair.
            if self._source[row] not in UNKNOWN:
                self._by_source[self._source[row]].append(int(row))

    def _group_weights(self, frame: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
        size = frame.groupby(columns)["label"].transform("size").to_numpy(dtype=float)
        weights = size ** (self._settings.power - 1)
        return np.asarray(weights / weights.sum())

    def set_epoch(self, epoch: int, process: int | None = None) -> None:
        """Draw as in the given epoch, also after a resume; from now on for one of the processes that train together."""
        self._epoch, self._process = epoch, self._process if process is None else process

    def __len__(self) -> int:
        return self._batches

    def __iter__(self) -> Iterator[list[Draw]]:
        rng = np.random.default_rng((self._seed + 1_000_003 * self._process, self._epoch))
        first = self._epoch * self._batches * self._batch
        for number in range(self._batches):
            start = first + number * self._batch
            yield [Draw(start + i, row, invented) for i, (row, invented) in enumerate(self._draw(rng))]
        self._epoch += 1

    def _draw(self, rng: np.random.Generator) -> list[tuple[int, bool]]:
        """Return the rows of a batch, and of each whether it is to be spoofed."""
        if self._only_bonafide:
            return [(row, False) for row in rng.choice(self._bonafide, self._batch, p=self._bonafide_weights).tolist()]
        half = self._batch // 2
        real: list[int] = rng.choice(self._bonafide, half, p=self._bonafide_weights).tolist()
        n_invented = int(rng.binomial(half, self._settings.invented)) if self._settings.invented else 0
        invented: list[int] = rng.choice(real, n_invented, replace=False).tolist() if n_invented else []
        spoofs = self._draw_spoofs(rng, real, half - n_invented)
        return [(row, False) for row in real + spoofs] + [(row, True) for row in invented]

    def _draw_spoofs(self, rng: np.random.Generator, real: list[int], count: int) -> list[int]:
        paired = [r for r in real if self._by_source.get(self._source[r])]
        n_pairs = min(len(paired), round(count * self._settings.pairs))
        spoofs = [int(rng.choice(self._by_source[self._source[r]])) for r in paired[:n_pairs]]
        n_left = count - len(spoofs)
        n_published = int(rng.binomial(n_left, self._settings.published)) if "published" in self._spoofs else 0
        for part, here in (("published", n_published), ("made", n_left - n_published)):
            if here:
                part = part if part in self._spoofs else next(iter(self._spoofs))
                spoofs += rng.choice(self._spoofs[part], here, p=self._spoof_weights[part]).tolist()
        return spoofs
