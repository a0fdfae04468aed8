"""The folds of published pages: which pages are held out together, for good."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.corpus.table import Corpus
from core.errors import CorpusError

__all__ = ["FOLDS", "folds_of", "judged_corpus", "kept_pages", "on_page", "train_and_dev"]

#: How many folds there are.
FOLDS = 5
_TABLE = Path(__file__).parent / "pages" / "folds.csv"
_UNNAMED = ("", "-")


@cache
def _written_down() -> dict[str, int]:
    frame = pd.read_csv(_TABLE, dtype={"page": str, "fold": int})
    return dict(zip(frame["page"], frame["fold"], strict=True))


def folds_of(pages: Iterable[str]) -> NDArray[np.intp]:
    """Return the fold of each page [shape=(n,)]: as it is written down, or else by the digest of its name.

    ``trainers/pages/folds.csv`` keeps pages of one owner and of one project in one fold, and gives every fold as many
    clips of each kind as the others.
    """
    known = _written_down()
    return np.array([known.get(page, _number(page) % FOLDS) for page in pages], dtype=np.intp)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def train_and_dev(corpus: Corpus) -> Corpus:
    """Return the clips of these two splits, in the order of the corpus: what is computed of them is kept by row."""
    return replace(corpus, frame=corpus.frame[corpus.frame["split"].isin(["train", "dev"])].reset_index(drop=True))


def judged_corpus(corpus: Corpus) -> Corpus:
    """Return the clips of ``train`` and ``dev`` with a column ``fold``: -1 where a clip stands on no page.

    ``eval`` is left out: nothing is chosen or calibrated on it.

    Raises
    ------
    CorpusError
        When no clip stands on a published page.
    """
    frame = train_and_dev(corpus).frame
    known = ~frame["page"].isin(_UNNAMED).to_numpy(dtype=bool)
    if not known.any():
        raise CorpusError(
            "No clip of the splits train and dev stands on a published page, so that no page can be held out: give "
            "the manifest a column `page`, or add the corpus of pages (docs/corpora.md)."
        )
    return replace(corpus, frame=frame.assign(fold=np.where(known, folds_of(frame["page"]), -1)))


def on_page(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which clips of a judged corpus stand on a published page, and so will be held out."""
    return (frame["fold"] >= 0).to_numpy(dtype=bool)


def kept_pages(pages: Iterable[str], share: float, *, seed: int = 0) -> set[str]:
    """Return a share of the pages, drawn by the digests of their names: those of a smaller share are in a larger."""
    order = sorted(set(pages), key=lambda page: _number(f"{seed} {page}"))
    return set(order[: round(share * len(order))])
