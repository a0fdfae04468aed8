"""Fingerprints of the clips of training sets."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.decode_ahead import decode_ahead
from core.audio.fingerprint import WORDS, fingerprint
from core.corpus.table import read_corpora
from core.errors import AudioError
from core.overlap import TrainingPrints, TrainingSet

__all__ = ["print_corpora"]


def print_corpora(
    corpora: Sequence[tuple[Path, Path]], *, split: str = "train",
    progress: Callable[[int, int], None] | None = None,
) -> TrainingPrints:  # fmt: skip
    """Return the fingerprints of the clips of a split, each clip once.

    Parameters
    ----------
    corpora : sequence of (manifest, root)
        In their order: the first, the first two and so on are each a training set.
    split : str
    progress : callable, optional
        Called with the clips that are done, and the clips in all.

    Raises
    ------
    CorpusError
        When a manifest cannot be read.
    AudioError
        When a clip cannot be decoded: a training set without it would not be the one that a card names.
    """
    known: dict[Path, NDArray[np.uint32] | None] = {}
    sets = []
    for n in range(1, len(corpora) + 1):
        corpus = read_corpora(corpora[:n])
        rows = corpus.frame[corpus.frame["split"] == split]
        paths = [(corpus.root / path).resolve() for path in rows["path"]]
        new = [path for path in paths if path not in known]
        for done, (path, clip) in enumerate(decode_ahead((path, path) for path in new), start=1):
            if isinstance(clip, AudioError):
                raise clip
            known[path] = fingerprint(clip.waveform)
            if progress is not None:
                progress(done, len(new))
        sets.append(TrainingSet(corpus.digest, split, len(paths), sum(each is not None for each in known.values())))
    found = [each for each in known.values() if each is not None]
    return TrainingPrints(np.array(found, np.uint32).reshape(-1, WORDS), tuple(sets))
