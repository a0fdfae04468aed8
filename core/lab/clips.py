"""Which clips of a corpus the lab plants evidence into: real recordings and their aligned copies."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from core.audio.decode import decode
from core.audio.decode_ahead import decode_ahead
from core.corpus.pairs import aligned_copy, aligned_pairs
from core.corpus.speakers import UNKNOWN, voices_of
from core.corpus.table import Corpus
from core.errors import AudioError, CorpusError
from core.lab.planted import Source, Waveform, seed_of

__all__ = ["Choice", "choose", "load"]

# Room for a second with as much around it; and what a person still waits for.
_LEAST_S, _MOST_S = 2.2, 10.0


@dataclass(frozen=True)
class Choice:
    """A real recording, its copy, and another recording of its speaker where there is one.

    Attributes
    ----------
    real, copy : Path
    lag : int
        Samples: ``copy[n + lag]`` lies on ``real[n]``.
    name, system, speaker : str
        ``name`` is the real recording's path in the manifest; ``speaker`` the page where the speaker is not known.
    other : Path or None
    """

    real: Path
    copy: Path
    lag: int
    name: str
    system: str
    speaker: str
    other: Path | None


def choose(
    corpus: Corpus, clips: int, *, trained: Collection[str] = (),
    report: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Choice]:  # fmt: skip
    """Choose pairs: up to ``clips`` of systems of training and up to ``clips`` of others, in turns.

    The systems of each come round robin, and a real recording comes again only when there is no other. Which are
    chosen depends on the manifest alone, and the first of many are those of few.

    Parameters
    ----------
    corpus : Corpus
    clips : int
    trained : collection of str
        Names of the systems that detectors were trained on.
    report : callable
        Called with the groups of clips that were looked through for pairs, and all of them.

    Raises
    ------
    CorpusError
        When the corpus has no aligned pair of a fitting length.
    """
    def clip(row: int) -> Waveform:
        return decode(corpus.root / str(corpus.frame["path"].iloc[row])).waveform

    pairs = _fitting(aligned_pairs(corpus.frame, clip, report=report), corpus.frame)
    if pairs.empty:
        raise CorpusError(
            f"No real recording of {_LEAST_S:g} to {_MOST_S:g} s has an aligned copy in {corpus.root}: give a corpus "
            "whose spoofs were made from its own recordings, or another split."
        )
    known = pairs["system"].isin(list(trained))
    groups = (_in_turns(pairs[chosen], clips) for chosen in (known, ~known))
    rows = [row for row in chain.from_iterable(zip_longest(*groups)) if row is not None]
    paths = corpus.frame["path"].to_numpy()
    others = {speaker: sorted(map(str, paths[own])) for speaker, own in voices_of(corpus.frame).items()}
    return [_choice(pair, corpus, others) for _, pair in pairs.loc[rows].iterrows()]


def _fitting(pairs: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    real = frame.loc[pairs["real"]].reset_index(drop=True)
    pairs = pairs.reset_index(drop=True).assign(
        name=real["path"], speaker=real["speaker"].where(~real["speaker"].isin(UNKNOWN), real["page"])
    )
    pairs = pairs[real["seconds"].between(_LEAST_S, _MOST_S)]
    order = [seed_of(name, str(copy)) for name, copy in zip(pairs["name"], pairs["copy"], strict=True)]
    return pairs.assign(order=np.array(order, dtype=np.uint64)).sort_values("order")


def _in_turns(pairs: pd.DataFrame, clips: int) -> list[int]:
    """Return the labels of up to ``clips`` pairs: systems in turns, each real recording once while there are others."""
    waiting = [list(zip(rows.index, rows["name"], strict=True)) for _, rows in pairs.groupby("system")]
    used: set[str] = set()
    chosen: list[int] = []
    # Twice: what is left after the first time are pairs whose recordings all were used.
    for again in (False, True):
        turns = [queue for queue in waiting if queue]
        while turns and len(chosen) < clips:
            turns = [queue for queue in turns if any(again or name not in used for _, name in queue)]
            for queue in turns[: clips - len(chosen)]:
                place = next((row for row, (_, name) in enumerate(queue) if again or name not in used), None)
                if place is not None:
                    row, name = queue.pop(place)
                    used.add(name)
                    chosen.append(int(row))
    return chosen


def _choice(pair: pd.Series, corpus: Corpus, others: dict[str, list[str]]) -> Choice:
    name = str(pair["name"])
    same = [path for path in others.get(str(pair["speaker"]), []) if path != name]
    other = same[seed_of(name, "other") % len(same)] if same else None
    return Choice(
        corpus.root / name, corpus.root / str(corpus.frame.loc[pair["copy"], "path"]), int(pair["lag"]), name,
        str(pair["system"]), str(pair["speaker"]), None if other is None else corpus.root / other,
    )  # fmt: skip


def load(choices: Sequence[Choice]) -> Iterator[Source]:
    """Yield the recordings of each choice; one that cannot be decoded is left out."""
    files = [(row, path) for row, choice in enumerate(choices) for path in (choice.real, choice.copy, choice.other)]
    clips = decode_ahead((row, path) for row, path in files if path is not None)
    for choice in choices:
        found = [next(clips)[1] for path in (choice.real, choice.copy, choice.other) if path is not None]
        waves = [clip.waveform for clip in found if not isinstance(clip, AudioError)]
        if len(waves) < len(found):
            continue
        real, copy, *rest = waves
        moved = aligned_copy(real, copy, choice.lag)
        yield Source(choice.name, real, moved, choice.system, choice.speaker, rest[0] if rest else None)
