"""A detector wraps a network: windows, calibration, card."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import Calibration
from core.audio.clip import SAMPLE_RATE
from core.audio.segment import Sound, fit_length, window_spans
from core.detectors.card import Card
from core.detectors.network import Network
from core.detectors.score import ClipScore, WindowScore
from core.runtime.engine import Eager, Engine, Prediction

__all__ = ["SCORING", "ClipScore", "Detector", "WindowScore"]

SCORING = 2
"""Version of the rule by which a clip becomes windows and windows its score; a stored score of another one is of old.

2 leaves out long stretches of digital silence.
"""


class Detector:
    """A trained network with its calibration and its card.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    card : Card
        Name, calibration, decision thresholds, training data, figures.
    batch : int
        Windows scored at once. One by one is fastest on a CPU (the maps stay in its cache), and then a window's score
        cannot depend on how many there are.
    engine : Engine, optional
        What predicts on the network's behalf; the network itself where none is given. It must predict the same as the
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
        """Samples of a window."""
        return self.network.window

    @property
    def hop(self) -> int:
        """Samples between the starts of windows: they overlap by half."""
        return self.network.window // 2

    def score(self, waveform: NDArray[np.float32]) -> ClipScore:
        """Score a clip of any length; long stretches of digital silence in it do not count.

        Parameters
        ----------
        waveform : ndarray [shape=(n,), float32]
            Mono, 16 kHz, at least one sample.
        """
        sound = Sound.of(waveform)
        pieces, spans = self.cut(sound)
        # One engine for the whole clip, also when another takes its place meanwhile.
        engine = self.engine
        return self.conclude(sound, spans, [engine.predict(some) for some in pieces])

    def cut(self, sound: Sound) -> tuple[list[NDArray[np.float32]], list[tuple[int, int]]]:
        """Return a sound's windows, some at a time as the engine takes them, and their (start, stop) in its samples.

        One by one they are views of the sound: windows that overlap by half, copied, would take twice its room.
        """
        waveform = np.asarray(sound.waveform, dtype=np.float32)
        spans = window_spans(len(waveform), window=self.window, hop=self.hop)
        pieces = [fit_length(waveform[start:stop], self.window)[None] for start, stop in spans]
        if self.batch == 1:
            return pieces, spans
        return [np.concatenate(pieces[at : at + self.batch]) for at in range(0, len(pieces), self.batch)], spans

    def conclude(self, sound: Sound, spans: Sequence[tuple[int, int]], predictions: Sequence[Prediction]) -> ClipScore:
        """Return the score of a clip from what the engine predicted for its windows, the mean of which counts."""
        raws = np.concatenate([each.raws for each in predictions])
        embeddings = np.concatenate([each.embeddings for each in predictions])
        cells = tuple(window for each in predictions if each.cells is not None for window in each.cells)
        llrs = self.calibration.llr(raws)
        in_clip = [sound.in_clip(*span) for span in spans]
        windows = tuple(
            WindowScore(start / SAMPLE_RATE, stop / SAMPLE_RATE, score=float(llr), raw=float(raw))
            for (start, stop), raw, llr in zip(in_clip, raws, llrs, strict=True)
        )
        raw = float(raws.mean())
        return ClipScore(
            name=self.name, raw=raw, score=float(self.calibration.llr(raw)), windows=windows,
            embedding=embeddings.mean(0), padded_s=max(0, self.window - len(sound.waveform)) / SAMPLE_RATE,
            calibrated=self.card.calibration is not None, decision=self.card.decision,
            cells=cells,
        )  # fmt: skip

    def embed(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the clip's embedding [shape=(d,), float32], the mean over its windows."""
        return self.score(waveform).embedding

    def parameters(self) -> int:
        """Return the number of the network's parameters."""
        return sum(p.numel() for p in self.network.parameters())

    def describe(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        return self.card.model_dump(mode="json")
