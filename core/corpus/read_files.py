"""Reading every file of a corpus once: digests of its bytes and samples, its fingerprint, what is measured of it."""

import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE, Clip
from core.audio.fingerprint import MOST_S, fingerprint, stream
from core.corpus.measure import measure_clip
from core.corpus.table import Corpus
from core.errors import AudioError
from core.files import sha256_bytes, sha256_file

__all__ = ["File", "Load", "Progress", "read_files"]

_FULL_SCALE = 32768

Load = Callable[[Path], Clip]

Progress = Callable[[int, int], None]
"""Called with the rows that are read and the rows in all."""


@dataclass(frozen=True, eq=False)
class File:
    """What was read of a row's file.

    Attributes
    ----------
    content, audio : str
        Digest of its bytes, and of its samples; "" where they were not read, or not decoded for this row.
    fault : str
        What went wrong.
    print : ndarray or None
        Its fingerprint.
    words : ndarray or None
        The stream in which others' fingerprints are searched (``core.audio.fingerprint``), where it was asked for.
    measured : dict or None
        What ``core.corpus.measure.measure_clip`` returned, where it was asked for.
    """

    content: str = ""
    audio: str = ""
    fault: str = ""
    print: NDArray[np.uint32] | None = None
    words: NDArray[np.uint32] | None = None
    measured: dict[str, float | str] | None = None


def read_files(
    corpus: Corpus, load: Load | None, *, closely: Collection[int] = (), measure: bool = True,
    progress: Progress | None = None,
) -> list[File]:  # fmt: skip
    """Return what was read of each row; a content that several rows hold is decoded for one of them.

    Parameters
    ----------
    corpus : Corpus
    load : callable or None
        Decodes a path to a clip, called from several threads; None: nothing is decoded.
    closely : collection of int
        Rows whose streams are kept and, with ``measure``, that are measured.
    measure : bool
    progress : callable, optional
    """
    root, paths = corpus.root.resolve(), corpus.frame["path"].astype(str)
    chosen, lock = frozenset(closely), Lock()
    begun: set[str] = set()

    def read(row: int, path: str) -> File:
        try:
            # A link within the root is followed: the decoder refuses links.
            file = (root / path).resolve()
            content = sha256_file(file)
        except OSError as error:
            return File(fault=f"the file cannot be read: {error.strerror or error}")
        with lock:
            repeated = content in begun
            begun.add(content)
        if load is None or repeated:
            return File(content)
        try:
            return _decoded(load(file), content, closely=row in chosen, measure=measure)
        except AudioError as error:
            return File(content, fault=str(error))

    files = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for file in pool.map(read, range(len(paths)), paths):
                files.append(file)
                if progress is not None:
                    progress(len(files), len(paths))
        except BaseException:
            # Who no longer wants the audit does not wait for the rest of it.
            pool.shutdown(cancel_futures=True)
            raise
    return files


def _decoded(clip: Clip, content: str, *, closely: bool, measure: bool) -> File:
    waveform = clip.waveform
    words = stream(waveform[: round(MOST_S * SAMPLE_RATE)]) if closely else None
    measured = measure_clip(waveform, clip.record) if closely and measure else None
    return File(content, _waveform_digest(clip), print=fingerprint(waveform), words=words, measured=measured)


def _waveform_digest(clip: Clip) -> str:
    """Return the SHA-256 of a clip as 16-bit samples, so that containers of the same samples agree."""
    samples = np.clip(np.rint(clip.waveform * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    # Where the end was not decoded, two long recordings with one beginning must not pass for the same.
    length = f"{clip.record.duration_s:.3f}" if clip.record.dropped_s > 0 else ""
    return sha256_bytes(samples.tobytes() + length.encode())
