"""Aligned pairs: a real recording and its vocoded, coded or re-synthesised copy, sample on sample."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import correlate

from core.audio.clip import SAMPLE_RATE
from core.audio.edit import magnitude_db
from core.corpus.page import page_of

__all__ = ["COLUMNS", "aligned_copy", "aligned_pairs", "find_lag", "magnitude_correlation"]

Wave = NDArray[np.float32]

COLUMNS = ("real", "copy", "lag", "correlation", "system", "page")
LONGEST_DIFFERENCE_S = 0.3
LEAST_CORRELATION = 0.85
LEAST_CORRELATION_OF_A_SOURCE = 0.7
_ENVELOPE_HOP = 16
_LEAST_ENVELOPE = 0.8


class _Envelope(NamedTuple):
    """A clip's level [shape=(n // 16,)], free of its mean and of unit length."""

    values: NDArray[np.float32]
    seconds: float


def aligned_pairs(
    frame: pd.DataFrame, clip: Callable[[int], Wave], *, report: Callable[[int, int], None] = lambda _done, _all: None
) -> pd.DataFrame:
    """Find the pairs of a bona fide clip and a spoof that is its copy.

    Candidates share a published page, or else a source, and differ in length by 0.3 s at most. A pair is one whose
    envelopes correlate above 0.8 at the best lag and whose log magnitudes then correlate above 0.85; above 0.7 where
    the manifest itself gives one source to both, so that only the alignment is in question.

    Parameters
    ----------
    frame : DataFrame
        Rows of a corpus; columns label, system, source, seconds, and page where there is one.
    clip : callable
        Row number to waveform [shape=(n,), float32].
    report : callable
        Called with the groups that are done and all of them.

    Returns
    -------
    DataFrame
        ``real`` and ``copy`` (row numbers), ``lag`` (samples: ``copy[n + lag]`` lies on ``real[n]``), ``correlation``,
        ``system`` and ``page``. Of a copy's several possible originals the one that correlates best.
    """
    rows: list[tuple[int, int, int, float, str, str]] = []
    groups = _groups(frame)
    for done, (real, copies, least) in enumerate(groups):
        report(done, len(groups))
        rows += _pairs_of_group(frame, clip, real, copies, least)
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    best = found.sort_values("correlation", ascending=False, kind="stable").drop_duplicates("copy")
    return best.sort_values(["copy", "real"]).reset_index(drop=True)


def aligned_copy(real: Wave, copy: Wave, lag: int) -> Wave:
    """Return a copy moved onto its real recording: of its length, as loud, and zero where it has nothing."""
    moved = np.zeros_like(real)
    first = max(0, -lag)
    piece = copy[max(0, lag) :][: len(real) - first]
    moved[first : first + len(piece)] = piece
    loudness = np.linalg.norm(real) / max(float(np.linalg.norm(moved)), 1e-9)
    return np.asarray(moved * np.float32(loudness))


def find_lag(real: Wave, copy: Wave) -> tuple[int, float]:
    """Return the lag at which two clips' envelopes fit best, a multiple of 1 ms, and their correlation there."""
    return _lag(_envelope(real), _envelope(copy))


def magnitude_correlation(real: Wave, copy: Wave) -> float:
    """Return the correlation of two equally long clips' decibels, from 60 dB below the loudest cell up."""
    a, b = (magnitude_db(wave, floor_db=-60.0).ravel() for wave in (real, copy))
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def _groups(frame: pd.DataFrame) -> list[tuple[list[int], list[int], float]]:
    """Return the bona fide rows, the spoofs, and the least correlation of each group in which pairs are looked for."""
    pages = frame["page"] if "page" in frame else pd.Series("-", index=frame.index)
    page = [page_of(source, own) for source, own in zip(frame["source"], pages, strict=True)]
    keys = pd.Series([own if own != "-" else source for source, own in zip(frame["source"], page, strict=True)])
    real = (frame["label"] == "bonafide").to_numpy()
    groups = []
    for _key, members in keys[~keys.isin(["", "-"])].groupby(keys, sort=True):
        rows = members.index.to_numpy()
        if real[rows].any() and not real[rows].all():
            least = LEAST_CORRELATION if page[rows[0]] != "-" else LEAST_CORRELATION_OF_A_SOURCE
            groups.append((rows[real[rows]].tolist(), rows[~real[rows]].tolist(), least))
    return groups


def _pairs_of_group(
    frame: pd.DataFrame, clip: Callable[[int], Wave], real: Sequence[int], copies: Sequence[int],
    least: float,
) -> Iterator[tuple[int, int, int, float, str, str]]:  # fmt: skip
    seconds = frame["seconds"].to_numpy(dtype=float)
    close = [(r, c) for r, c in product(real, copies) if abs(seconds[r] - seconds[c]) <= LONGEST_DIFFERENCE_S]
    waves = {row: np.asarray(clip(row), np.float32) for row in sorted({row for pair in close for row in pair})}
    envelopes = {row: _envelope(wave) for row, wave in waves.items()}
    for r, c in close:
        lag, fit = _lag(envelopes[r], envelopes[c])
        if fit < _LEAST_ENVELOPE or abs(lag) > LONGEST_DIFFERENCE_S * SAMPLE_RATE:
            continue
        correlation = magnitude_correlation(waves[r], aligned_copy(waves[r], waves[c], lag))
        if correlation > least:
            page = page_of(str(frame["source"].iloc[c]), str(frame["page"].iloc[c]) if "page" in frame else "-")
            yield r, c, lag, correlation, str(frame["system"].iloc[c]), page


def _envelope(wave: Wave) -> _Envelope:
    frames = wave[: len(wave) // _ENVELOPE_HOP * _ENVELOPE_HOP].reshape(-1, _ENVELOPE_HOP)
    level = np.sqrt(np.square(frames).mean(1))
    # 8 ms: below a period of a low voice it would follow the pulses, whose phase a copy does not keep.
    smooth = np.convolve(level, np.hanning(17) / np.hanning(17).sum(), "same")
    centred = smooth - smooth.mean()
    return _Envelope((centred / max(float(np.linalg.norm(centred)), 1e-9)).astype(np.float32), len(wave) / SAMPLE_RATE)


def _lag(real: _Envelope, copy: _Envelope) -> tuple[int, float]:
    found = correlate(copy.values, real.values, method="fft")
    best = int(found.argmax())
    return (best - (len(real.values) - 1)) * _ENVELOPE_HOP, float(found[best])
