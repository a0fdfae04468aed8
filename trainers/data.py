"""Clips for training: decoded once, drawn by group, cropped and augmented on the way in."""

import io
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.decode import decode
from core.audio.decode_ahead import decode_ahead
from core.audio.segment import fit_length
from core.corpus.table import Corpus
from core.errors import AudioError
from core.files import sha256_bytes, write_bytes
from trainers.augment import augment
from trainers.invent import invent
from trainers.progress import counted
from trainers.recipe import Augmentation, Sampling

__all__ = [
    "CACHE_LIMIT_GB",
    "Draw",
    "GroupSampler",
    "PerturbedWaveforms",
    "TrainingClips",
    "Waveforms",
    "WholeClips",
    "cache_bytes",
]  # fmt: skip

CACHE_LIMIT_GB = 20.0


class Waveforms:
    """The decoded clips of a corpus, rounded to 16 bits: one memory-mapped file of a cache folder, if they fit.

    Before a file is written, the files of the folder that lay unused longest are deleted until all together are
    within the limit. A corpus that is larger than the limit by itself is not cached: its clips are decoded each time
    they are asked for.

    Parameters
    ----------
    corpus : Corpus
        Its column ``seconds`` gives the size of the clips; one that is missing counts as the mean of the others.
    cache : Path
        Folder of the cache; a file is named by its clips' digests.
    limit_gb : float
        Size of the cache folder in 10^9 bytes; an hour of speech takes 0.115.
    """

    def __init__(self, corpus: Corpus, cache: Path, *, limit_gb: float = CACHE_LIMIT_GB) -> None:
        self.cache, self.limit_gb = cache, limit_gb
        self._paths = [corpus.root / path for path in corpus.frame["path"]]
        digests = corpus.frame["sha256"].astype(str)
        rows = zip(corpus.frame["path"], self._paths, digests, strict=True)
        keys = [f"{name} {_identity(path, digest)}" for name, path, digest in rows]
        self.key = sha256_bytes("\n".join(keys).encode())[:16]
        samples = cache / f"waveforms-{self.key}.i16"
        self._samples: NDArray[np.int16] | None = None
        self._seconds = corpus.frame["seconds"].to_numpy(dtype=float)
        size = cache_bytes(corpus)
        if not samples.with_suffix(".npy").exists():
            if size > limit_gb * 1e9:
                return
            self._make_room(size)
            self._decode(samples)
        samples.touch()
        self._offsets = np.load(samples.with_suffix(".npy"))
        self._samples = np.memmap(samples, dtype=np.int16, mode="r")

    def _make_room(self, size: float) -> None:
        """Delete the files unused longest until ``size`` bytes fit; a training that has one open keeps it."""
        files = {file: file.stat() for file in self.cache.glob("waveforms-*.i16")}
        excess = size + sum(stat.st_size for stat in files.values()) - self.limit_gb * 1e9
        for file in sorted(files, key=lambda file: files[file].st_mtime):
            if excess <= 0:
                return
            excess -= files[file].st_size
            file.with_suffix(".npy").unlink(missing_ok=True)
            file.unlink(missing_ok=True)

    def _decode(self, samples: Path) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        ends = [0]
        with tempfile.NamedTemporaryFile(dir=self.cache, delete=False) as file:
            try:
                paths = ((path, path) for path in counted(self._paths, "clips decoded"))
                for _path, clip in decode_ahead(paths):
                    if isinstance(clip, AudioError):
                        raise clip
                    ends.append(ends[-1] + file.write(_to_16_bit(clip).tobytes()) // 2)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                Path(file.name).unlink()
                raise
        os.chmod(file.name, 0o644)
        os.replace(file.name, samples)
        buffer = io.BytesIO()
        np.save(buffer, np.array(ends))
        # The offsets are written last: where they are, the cache is whole.
        write_bytes(samples.with_suffix(".npy"), buffer.getvalue())

    def __len__(self) -> int:
        return len(self._paths)

    def total_s(self, rows: NDArray[np.bool_]) -> float | None:
        """Return how many seconds the clips of some rows [shape=(n,)] have together.

        As decoded; by the manifest where they are not kept; None where that does not have every clip's length.
        """
        seconds = self._seconds if self._samples is None else np.diff(self._offsets) / SAMPLE_RATE
        total = float(seconds[rows].sum())
        return None if np.isnan(total) else total

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Return clip ``index`` [shape=(n,), float32 in [-1, 1)]."""
        if self._samples is None:
            samples = _to_16_bit(decode(self._paths[index]))
        else:
            samples = self._samples[self._offsets[index] : self._offsets[index + 1]]
        return samples.astype(np.float32) / np.float32(32768)


def cache_bytes(corpus: Corpus) -> float:
    """Return how large the clips of a corpus will be in the cache; 0 where the manifest has no lengths."""
    seconds = corpus.frame["seconds"]
    return 2 * SAMPLE_RATE * float(seconds.fillna(seconds.mean()).sum())


class PerturbedWaveforms:
    """The same clips after one perturbation each, drawn evenly from ``changes``.

    Parameters
    ----------
    waveforms : Waveforms
    changes : sequence of Augmentation
        Each with one change that happens for certain.
    seed : int
    """

    def __init__(self, waveforms: Waveforms, changes: Sequence[Augmentation], *, seed: int) -> None:
        self._waveforms, self._changes, self._seed = waveforms, changes, seed
        self.cache = waveforms.cache
        parts = [waveforms.key, str(seed), *(settings.model_dump_json() for settings in changes)]
        self.key = sha256_bytes("\n".join(parts).encode())[:16]

    def __len__(self) -> int:
        return len(self._waveforms)

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Return clip ``index`` [shape=(n,), float32], changed; the same each time."""
        rng = np.random.default_rng((self._seed, index))
        settings = self._changes[int(rng.integers(len(self._changes)))]
        return augment(self._waveforms[index], settings, rng)


def _identity(path: Path, digest: str) -> str:
    """Return what identifies a recording: its digest, or else its place, size and time."""
    if digest not in {"", "-"}:
        return digest
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _to_16_bit(clip: Clip) -> NDArray[np.int16]:
    return np.round(np.clip(clip.waveform, -1, 32767 / 32768) * 32768).astype(np.int16)


class Draw(NamedTuple):
    """What a batch asks for: the number of the draw, which seeds its randomness, the clip, and whether to spoof it."""

    number: int
    row: int
    invented: bool = False


class TrainingClips(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Random crops [shape=(crop,)] with their target P(bona fide), augmented, seeded by draw.

    A resumed training goes on with fresh draws and a repeated one repeats, for the number of a draw seeds all that
    is random in it. An invented spoof has the target 0.
    """

    def __init__(
        self, waveforms: Waveforms, targets: NDArray[np.float32], *, crop: int, settings: Augmentation, seed: int
    ) -> None:
        self._waveforms, self._targets = waveforms, torch.from_numpy(targets.astype(np.float32))
        self._crop, self._settings, self._seed = crop, settings, seed

    def __getitem__(self, draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng((self._seed, draw.number))
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

    def __init__(self, waveforms: Waveforms, is_bonafide: NDArray[np.bool_], *, window: int) -> None:
        self._waveforms, self._labels, self._window = waveforms, is_bonafide.astype(int), window

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int, int]:
        return torch.from_numpy(fit_length(self._waveforms[index], self._window)), int(self._labels[index]), index

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
            self._by_source[self._source[row]].append(int(row))

    def _group_weights(self, frame: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
        size = frame.groupby(columns)["label"].transform("size").to_numpy(dtype=float)
        weights = size ** (self._settings.power - 1)
        return np.asarray(weights / weights.sum())

    def set_epoch(self, epoch: int, process: int = 0) -> None:
        """Draw as in the given epoch, for one of the processes that train together; also after a resume."""
        self._epoch, self._process = epoch, process

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
