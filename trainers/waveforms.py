"""Clips for training, decoded once and kept."""

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.decode import decode
from core.audio.decode_ahead import decode_ahead
from core.corpus.table import Corpus
from core.errors import AudioError
from core.files import sha256_bytes, write_bytes
from trainers.augment import augment
from trainers.progress import counted
from trainers.recipe import Augmentation

__all__ = [
    "CACHE_LIMIT_GB", "Clips", "JoinedWaveforms", "PerturbedWaveforms", "SomeWaveforms", "Waveforms", "cache_bytes",
]  # fmt: skip

CACHE_LIMIT_GB = 20.0


class Clips(Protocol):
    """Decoded clips by row: float32 in [-1, 1), with a folder for caches and a key that identifies them there."""

    cache: Path
    key: str

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> NDArray[np.float32]: ...


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

    def total_s(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> float | None:
        """Return how many seconds the clips of some rows have together.

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

    def __init__(self, waveforms: Clips, changes: Sequence[Augmentation], *, seed: int) -> None:
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


class SomeWaveforms:
    """Some ``rows`` [shape=(n,)] of other waveforms, in that order."""

    def __init__(self, waveforms: Clips, rows: NDArray[np.intp]) -> None:
        self._waveforms, self.rows = waveforms, rows
        self.cache = waveforms.cache
        self.key = sha256_bytes(f"{waveforms.key} {rows.tolist()}".encode())[:16]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Return clip ``index`` of those rows [shape=(n,), float32]."""
        return self._waveforms[int(self.rows[index])]


class JoinedWaveforms:
    """Several waveforms, one after the other."""

    def __init__(self, parts: Sequence[Clips]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part) for part in parts])
        self.cache = parts[0].cache
        self.key = sha256_bytes(" ".join(part.key for part in parts).encode())[:16]

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> NDArray[np.float32]:
        """Return clip ``index`` of all of them [shape=(n,), float32]."""
        part = int(np.searchsorted(self._ends, index, side="right"))
        return self._parts[part][index - (int(self._ends[part - 1]) if part else 0)]


def _identity(path: Path, digest: str) -> str:
    """Return what identifies a recording: its digest, or else its place, size and time."""
    if digest not in {"", "-"}:
        return digest
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _to_16_bit(clip: Clip) -> NDArray[np.int16]:
    return np.round(np.clip(clip.waveform, -1, 32767 / 32768) * 32768).astype(np.int16)
