"""A detector wraps a network: windows, calibration, card."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.analysis.calibration import Calibration
from core.audio.clip import SAMPLE_RATE
from core.audio.segment import cut_windows, window_spans
from core.detectors.card import Card
from core.detectors.network import Network
from core.detectors.score import ClipScore, WindowScore
from core.runtime.engine import Eager, Engine
from core.threads import side_by_side

__all__ = ["SCORING", "ClipScore", "Detector", "WindowScore", "score_together"]

SCORING = 1
"""Version of the rule by which windows become a clip's score: another number makes every stored score one of old."""


class Detector:
    """A trained network with its calibration and its card.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    card : Card
        Name, calibration, decision thresholds, training data, figures.
    batch : int
        Windows heard at once. One by one is fastest on a CPU (the maps stay in its cache), and then a window's score
        cannot depend on how many there are.
    engine : Engine, optional
        What hears on the network's behalf; the network itself where none is given. It must say the same as the
        network, which stays what is explained.
    """

    def __init__(self, network: Network, card: Card, *, batch: int = 1, engine: Engine | None = None) -> None:
        self.network = network.eval()
        self.card = card
        self.batch = batch
        self.engine = engine or Eager(network)

    @property
    def name(self) -> str:
        """The checkpoint's name, as people choose it."""
        return self.card.name

    @property
    def calibration(self) -> Calibration:
        """Raw output to log-likelihood ratio; the identity where the card has none."""
        return self.card.calibration or Calibration(slope=1.0, intercept=0.0)

    @property
    def window(self) -> int:
        """Samples heard at once."""
        return self.network.window

    @property
    def hop(self) -> int:
        """Samples between the starts of windows: they overlap by half."""
        return self.network.window // 2

    def score(self, waveform: NDArray[np.float32]) -> ClipScore:
        """Score a clip of any length.

        Parameters
        ----------
        waveform : ndarray [shape=(n,), float32]
            Mono, 16 kHz, at least one sample.
        """
        pieces, spans = self.cut(waveform)
        # One engine for the whole clip, also when another takes its place meanwhile.
        engine = self.engine
        return self.conclude(spans, [engine.predict(some) for some in pieces], len(waveform))

    def cut(self, waveform: NDArray[np.float32]) -> tuple[list[NDArray[np.float32]], list[tuple[int, int]]]:
        """Return a clip's windows, some at a time as the engine takes them, and their (start, stop) in samples."""
        pieces, spans = cut_windows(waveform, window=self.window, hop=self.hop)
        return [pieces[start : start + self.batch] for start in range(0, len(pieces), self.batch)], spans

    def conclude(
        self, spans: Sequence[tuple[int, int]], heard: Sequence[tuple[NDArray[np.float64], NDArray[np.float32]]], n: int
    ) -> ClipScore:
        """Return the score of a clip of ``n`` samples from what the engine said of its windows."""
        raws, embeddings = (np.concatenate(parts) for parts in zip(*heard, strict=True))
        llrs = self.calibration.llr(raws)
        windows = tuple(
            WindowScore(start / SAMPLE_RATE, stop / SAMPLE_RATE, score=float(llr), raw=float(raw))
            for (start, stop), raw, llr in zip(spans, raws, llrs, strict=True)
        )
        raw = float(raws.mean())
        return ClipScore(
            name=self.name, raw=raw, score=float(self.calibration.llr(raw)), windows=windows,
            embedding=embeddings.mean(0), padded_s=max(0, self.window - n) / SAMPLE_RATE,
            calibrated=self.card.calibration is not None, decision=self.card.decision,
        )  # fmt: skip

    def embed(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the clip's embedding [shape=(d,), float32], the mean over its windows."""
        return self.score(waveform).embedding

    def raw_windows(self, waveform: torch.Tensor) -> Iterator[tuple[tuple[int, int], torch.Tensor]]:
        """Yield each window's (start, stop) and its samples [shape=(1, window)] as a function of ``waveform``.

        Differentiable: the cutting and repeating that ``score`` does, on a tensor [shape=(n,)].
        """
        for start, stop in window_spans(len(waveform), window=self.window, hop=self.hop):
            piece = waveform[start:stop]
            repeats = -(-self.window // len(piece))
            yield (start, stop), piece.repeat(repeats)[None, : self.window]

    def parameters(self) -> int:
        """Return the number of the network's parameters."""
        return sum(p.numel() for p in self.network.parameters())

    def describe(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        return self.card.model_dump(mode="json")


def score_together(detectors: Sequence[Detector], waveform: NDArray[np.float32]) -> list[ClipScore]:
    """Score a clip with several detectors, their windows side by side where there are several cores.

    Parameters
    ----------
    detectors : sequence of Detector
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz, at least one sample.
    """
    # Who begins with the slow ones ends soonest. One engine for the whole clip, also when another takes its place.
    order = sorted(range(len(detectors)), key=lambda i: not detectors[i].network.is_slow)
    asked = [(i, detectors[i].engine, *detectors[i].cut(waveform)) for i in order]
    work = [(engine, some) for _, engine, pieces, _ in asked for some in pieces]
    heard = iter(side_by_side(lambda each: each[0].predict(each[1]), work))
    scores = {
        i: detectors[i].conclude(spans, [next(heard) for _ in pieces], len(waveform)) for i, _, pieces, spans in asked
    }
    return [scores[i] for i in range(len(detectors))]
