"""Training crops whose spoofed seconds and bands are known: copies spliced into their originals, and genuine joins.

Splices of a recording and its aligned copy show where the copy is. Joins within one class carry that class alone, so
that a cut by itself means nothing: without them, localisers mark authentic edits too.
"""

import io
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import fit_length
from core.audio.splice import delete, join, match_spectrum, splice
from core.corpus.pairs import aligned_pairs
from core.detectors.network import Grid
from core.files import write_bytes
from trainers.invent import invent
from trainers.recipe import Sampling, Splices
from trainers.waveforms import Clips

__all__ = ["Splicer", "cell_shares", "kept_pairs"]

Wave = NDArray[np.float32]

_SHORTEST_S, _LONGEST_S, _LONGEST_FADE_S = 0.1, 3.0, 0.05
_NARROWEST_HZ = 1000.0
_LONGEST_DELETION_S = 1.0
_MATCHED = 0.8


class _Pair(NamedTuple):
    """A recording and its copy: rows, and the samples by which the copy is late."""

    real: int
    copy: int
    lag: int


def kept_pairs(frame: pd.DataFrame, waves: Clips) -> pd.DataFrame:
    """Return the aligned pairs of some clips, from the cache where they were looked for before."""
    path = waves.cache / f"pairs-{waves.key}.csv"
    if not path.exists():
        text = io.StringIO()
        aligned_pairs(frame, waves.__getitem__).to_csv(text, index=False)
        write_bytes(path, text.getvalue().encode())
    return pd.read_csv(path)


def cell_shares(
    gain: NDArray[np.float32], grid: Grid, *, band_hz: tuple[float, float] | None = None
) -> NDArray[np.float32]:
    """Return which share of each cell [shape=(bands, steps)] a splice takes.

    Parameters
    ----------
    gain : ndarray [shape=(n,)]
        Share of the copy in each sample.
    grid : Grid
        Its steps are whole ones: what is left of the last is dropped.
    band_hz : (float, float), optional
        Where it lies; everywhere if not given.
    """
    step = round(grid.hop_s * SAMPLE_RATE)
    over_time = gain[: len(gain) // step * step].reshape(-1, step).mean(1)
    edges = np.asarray(grid.edges_hz)
    low, high = band_hz or (edges[0], edges[-1])
    inside = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None) / np.diff(edges)
    return np.asarray(inside[:, None] * over_time, dtype=np.float32)


class Splicer:
    """Makes training crops with the target P(bona fide) of each cell.

    Parameters
    ----------
    frame : DataFrame
        The training clips; columns label, system, speaker.
    waves : Clips
        In the same order.
    pairs : DataFrame
        Of ``core.corpus.pairs.aligned_pairs``, in the same rows.
    grid : Grid
    settings : Splices
    sampling : Sampling
        By its ``power`` systems are drawn, and by ``published`` those of pages.
    """

    def __init__(
        self, frame: pd.DataFrame, waves: Clips, pairs: pd.DataFrame, grid: Grid, settings: Splices,
        sampling: Sampling,
    ) -> None:  # fmt: skip
        self._waves, self._grid, self._settings = waves, grid, settings
        self._real = (frame["label"] == "bonafide").to_numpy()
        self._pairs = [_Pair(*row) for row in pairs[["real", "copy", "lag"]].to_numpy(dtype=int).tolist()]
        self._chances = _chances(pairs, sampling)
        self._voice = [" ".join(cells) for cells in frame[["label", "system", "speaker"]].astype(str).to_numpy()]
        self._of_voice: dict[str, list[int]] = defaultdict(list)
        for row, voice in enumerate(self._voice):
            self._of_voice[voice].append(row)

    def __call__(self, row: int, crop: int, rng: np.random.Generator) -> tuple[Wave, NDArray[np.float32]]:
        """Return a crop [shape=(crop,), float32] and its cells' targets [shape=(bands, steps)].

        By chance it is of a pair, else of the clip.
        """
        if self._pairs and rng.random() < self._settings.pairs:
            pair = self._pairs[int(rng.choice(len(self._pairs), p=self._chances))]
            return self._spliced(*self._overlap(pair), crop, rng)
        if self._real[row] and rng.random() < self._settings.invented:
            real = _cropped(self._waves[row], crop, rng)
            return self._spliced(real, invent(real, rng), crop, rng)
        wave = self._waves[row]
        if rng.random() < self._settings.joins:
            wave = self._joined(row, rng)
        target = np.ones(crop, np.float32) if self._real[row] else np.zeros(crop, np.float32)
        return _cropped(wave, crop, rng), cell_shares(target, self._grid)

    def _overlap(self, pair: _Pair) -> tuple[Wave, Wave]:
        """Return a recording and its copy where both have something."""
        real, copy = self._waves[pair.real], self._waves[pair.copy]
        real, copy = real[max(0, -pair.lag) :], copy[max(0, pair.lag) :]
        size = min(len(real), len(copy))
        return real[:size], copy[:size]

    def _spliced(self, real: Wave, copy: Wave, crop: int, rng: np.random.Generator) -> tuple[Wave, NDArray[np.float32]]:
        """Put pieces of the copy into the recording, or of the recording into its copy."""
        start = int(rng.integers(max(1, len(real) - crop + 1)))
        real, copy = (fit_length(wave[start : start + crop], crop) for wave in (real, copy))
        into_real = rng.random() < 0.5
        host, guest = (real, copy) if into_real else (copy, real)
        guest = match_spectrum(guest, host) if rng.random() < _MATCHED else guest
        band = self._band(rng)
        start_s, end_s = _span(crop / SAMPLE_RATE, rng, whole=band is not None)
        fade_s = float(rng.uniform(0, _LONGEST_FADE_S))
        spliced = splice(host, guest, start_s=start_s, end_s=end_s, band_hz=band, fade_s=fade_s, match=False)
        taken = cell_shares(spliced.gain, self._grid, band_hz=band)
        return spliced.waveform, 1 - taken if into_real else taken

    def _band(self, rng: np.random.Generator) -> tuple[float, float] | None:
        if rng.random() >= self._settings.bands:
            return None
        top = self._grid.edges_hz[-1]
        width = float(rng.uniform(_NARROWEST_HZ, 0.75 * top))
        low = float(rng.uniform(0, top - width))
        return low, low + width

    def _joined(self, row: int, rng: np.random.Generator) -> Wave:
        """Return a clip with some of it deleted, or joined to another one of the same voice and class."""
        wave, fade_s = self._waves[row], float(rng.uniform(0, _LONGEST_FADE_S))
        length_s = len(wave) / SAMPLE_RATE
        others = self._of_voice[self._voice[row]]
        if len(others) > 1 and rng.random() < 0.5:
            other = self._waves[others[int(rng.integers(len(others)))]]
            at, into = int(len(wave) * rng.uniform(0.2, 0.8)), int(len(other) * rng.uniform(0.2, 0.8))
            loudness = np.float32(np.linalg.norm(wave) / len(wave) ** 0.5)
            other = other * (loudness / np.float32(np.linalg.norm(other) / len(other) ** 0.5 + 1e-9))
            return join(wave[:at], other[into:], fade_s=fade_s)
        taken_s = float(rng.uniform(0.05, min(_LONGEST_DELETION_S, 0.5 * length_s)))
        start_s = float(rng.uniform(0.1 * length_s, 0.9 * length_s - taken_s))
        return delete(wave, start_s, start_s + taken_s, fade_s=fade_s)


def _chances(pairs: pd.DataFrame, sampling: Sampling) -> NDArray[np.float64]:
    """Return the chance of each pair: systems by their count to a power, and a share for those of pages."""
    size = pairs.groupby("system")["real"].transform("size").to_numpy(dtype=float)
    weights = size ** (sampling.power - 1)
    on_page = (pairs["page"].astype(str) != "-").to_numpy()
    for here, share in ((on_page, sampling.published), (~on_page, 1 - sampling.published)):
        if here.any() and not here.all():
            weights[here] *= share / weights[here].sum()
    return weights / weights.sum() if len(weights) else weights


def _cropped(wave: Wave, crop: int, rng: np.random.Generator) -> Wave:
    """Return a random crop; a short clip is repeated from its start on."""
    start = int(rng.integers(max(1, len(wave) - crop + 1)))
    return fit_length(wave[start : start + crop], crop)


def _span(length_s: float, rng: np.random.Generator, *, whole: bool) -> tuple[float, float]:
    """Return start and end of a piece: short ones as often as long ones; a band may lie over the whole crop."""
    if whole and rng.random() < 0.5:
        return 0.0, length_s
    longest = min(_LONGEST_S, 0.9 * length_s)
    size = float(np.exp(rng.uniform(np.log(_SHORTEST_S), np.log(longest))))
    start = float(rng.uniform(0, length_s - size))
    return start, start + size
