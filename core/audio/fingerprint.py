"""Fingerprints of recordings: 40 bytes that stay nearly the same when a recording is coded, filtered, levelled or cut.

After Haitsma and Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002): the signs of differences of band
energies along frequency and time. Theirs is a stream of such words; of a recording that is looked for, only a few words
of its richest second and a half are kept here, and the recording that is asked about is searched at every place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

__all__ = ["LEAST_S", "MATCH", "MATCH_PART", "MOST_S", "WORDS", "Match", "fingerprint", "search", "stream"]

WORDS = 10
"""Words of 32 bits in a fingerprint."""

# 256 ms of sound make a word; there is one every 16 ms, and a fingerprint takes every sixth.
_WINDOW, _HOP, _STRIDE, _BACK = 4096, 256, 6, 4
_SPAN = (WORDS - 1) * _STRIDE + 1
LEAST_S = (_WINDOW + (_SPAN + _BACK - 1) * _HOP) / SAMPLE_RATE
"""Seconds below which a recording has no fingerprint, 1.2."""

_LOWEST_HZ, _HIGHEST_HZ, _BANDS = 300.0, 3000.0, 33

MATCH, MATCH_PART = 0.25, 0.17
"""Recordings match where fewer of a fingerprint's bits differ; of the seven words of one that is cut, the second.

What they find and how often they are wrong is counted in ``docs/audit.md``.
"""

# So many words of a fingerprint may lie beyond the start or the end of a recording that was cut.
_CUT = 3

# Of the loudest second and a half, how much energy the one nearest to the middle must have.
_LOUD_ENOUGH = 0.5

MOST_S = 300.0
"""Of a longer recording this much from the start is searched."""

_BLOCK = 64


@dataclass(frozen=True)
class Match:
    """The known fingerprint that a recording is nearest to.

    Attributes
    ----------
    row : int
        Of the known fingerprints.
    distance : float
        Share of bits that differ, 0 to 1; in unrelated recordings rarely less than 0.3.
    limit : float
        Below which it is the same recording, or one was made from the other.
    """

    row: int
    distance: float
    limit: float

    @property
    def is_known(self) -> bool:
        """Whether it is the same recording, or one was made from the other."""
        return self.distance < self.limit


def stream(waveform: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return a word for every 16 ms of a waveform [shape=(n,), mono, 16 kHz]; none where it is shorter than 0.3 s."""
    energies = _band_energies(waveform)
    if len(energies) <= _BACK:
        return np.zeros(0, np.uint32)
    slope = energies[:, :-1] - energies[:, 1:]
    bits = slope[_BACK:] > slope[:-_BACK]
    return (bits.astype(np.uint64) << np.arange(32, dtype=np.uint64)).sum(axis=1).astype(np.uint32)


def fingerprint(waveform: NDArray[np.float32]) -> NDArray[np.uint32] | None:
    """Return the fingerprint of a recording [shape=(10,)], None where it is shorter than ``LEAST_S`` or silent.

    It is of the second and a half with the most energy, so that silence, which has no shape of its own, does not
    decide it.
    """
    words = stream(waveform)
    if len(words) < _SPAN or not np.any(waveform):
        return None
    power = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    starts = np.arange(len(words) - _SPAN + 1)
    ends = np.minimum(starts * _HOP + round(LEAST_S * SAMPLE_RATE), len(waveform))
    energy = power[ends] - power[starts * _HOP]
    loud = np.flatnonzero(energy >= _LOUD_ENOUGH * energy.max())
    start = int(loud[np.abs(loud - len(starts) // 2).argmin()])
    return words[start : start + _SPAN : _STRIDE]


def search(words: NDArray[np.uint32], known: NDArray[np.uint32]) -> Match | None:
    """Return which of the known fingerprints [shape=(n, 10)] a recording is nearest to.

    Parameters
    ----------
    words : ndarray [shape=(frames,), uint32]
        The recording's ``stream``, of at most ``MOST_S``.
    known : ndarray [shape=(n, 10), uint32]

    Returns
    -------
    Match or None
        None where there is nothing to compare, or the recording is shorter than seven words.
    """
    if len(words) < (WORDS - _CUT - 1) * _STRIDE + 1 or not len(known):
        return None
    found = [
        _nearest(words, known, MATCH),
        _nearest(words[: 2 * _SPAN], known[:, _CUT:], MATCH_PART),
        _nearest(words[-2 * _SPAN :], known[:, :-_CUT], MATCH_PART),
    ]
    return min((match for match in found if match is not None), key=lambda match: match.distance / match.limit)


def _nearest(words: NDArray[np.uint32], known: NDArray[np.uint32], limit: float) -> Match | None:
    span = (known.shape[1] - 1) * _STRIDE + 1
    if len(words) < span:
        return None
    places = np.lib.stride_tricks.sliding_window_view(words, span)[:, ::_STRIDE]
    best = (places.shape[1] * 32 + 1, 0)
    for first in range(0, len(places), _BLOCK):
        block = places[first : first + _BLOCK]
        differing = np.zeros((len(block), len(known)), np.uint16)
        for own, theirs in _pairs(block, known):
            differing += np.bitwise_count(own[:, np.newaxis] ^ theirs)
        at = int(differing.argmin())
        best = min(best, (int(differing.flat[at]), at % len(known)))
    return Match(row=best[1], distance=best[0] / (places.shape[1] * 32), limit=limit)


def _pairs(
    block: NDArray[np.uint32], known: NDArray[np.uint32]
) -> Iterator[tuple[NDArray[np.unsignedinteger], NDArray[np.unsignedinteger]]]:
    """Yield the columns of both, two words at once as far as they go."""
    even = block.shape[1] // 2 * 2
    own, theirs = (np.ascontiguousarray(words[:, :even]).view(np.uint64) for words in (block, known))
    yield from ((own[:, column], theirs[:, column]) for column in range(even // 2))
    if even < block.shape[1]:
        yield block[:, -1], known[:, -1]


def _band_energies(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the energy of 33 bands, evenly spaced on a logarithmic scale, every 16 ms [shape=(frames, 33)]."""
    if len(waveform) < _WINDOW:
        return np.zeros((0, _BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(waveform, _WINDOW)[::_HOP]
    edges_hz = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1)
    edges = np.rint(edges_hz * _WINDOW / SAMPLE_RATE).astype(int)
    window = np.hanning(_WINDOW).astype(np.float32)
    found = []
    for first in range(0, len(frames), 1024):
        spectrum = np.fft.rfft(frames[first : first + 1024] * window, axis=1)[:, : edges[-1]]
        power = spectrum.real**2 + spectrum.imag**2
        found.append(np.add.reduceat(power, edges[:-1], axis=1))
    return np.concatenate(found).astype(np.float32)
