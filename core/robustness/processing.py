"""What a benign processing is, and the registry of them: one file each in ``core/robustness/processings``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.plugins import Registry

__all__ = ["PROCESSINGS", "Probe", "Processing", "processing"]

Wave = NDArray[np.float32]
Apply = Callable[[Wave, np.random.Generator], Wave]

Probe = Literal["silence", "band", "codec", "background"]
"""What a verdict rests on where this processing alone changes it."""


@dataclass(frozen=True)
class Processing:
    """What happens to real speech on its way to a listener, and makes nothing synthetic.

    Attributes
    ----------
    name : str
        In the registry.
    label : str
        For a table.
    summary : str
        What is done, in one sentence.
    apply : callable
        From a waveform [shape=(n,), float32, 16 kHz] and a generator to the processed waveform.
    probe : Probe or None
        What a verdict rests on that does not outlive it.
    codec : str
        A file has been through it whose codec's name holds this word, in lower case; empty where no file shows it.
    moves_time : bool
        Whether seconds of the result are not those of the original; otherwise the length is kept, too.
    needs : callable
        Returns why it cannot be applied here; None where it can.
    """

    name: str
    label: str
    summary: str
    apply: Apply
    probe: Probe | None = None
    codec: str = ""
    moves_time: bool = False
    needs: Callable[[], str | None] = lambda: None

    def available(self) -> str | None:
        """Return why it cannot be applied on this machine; None where it can."""
        return self.needs()

    def __call__(self, waveform: Wave, rng: np.random.Generator) -> Wave:
        """Return the processed waveform [shape=(m,), float32, 16 kHz, mono].

        Raises
        ------
        AudioError
            When an outside program fails on it.
        """
        return np.ascontiguousarray(self.apply(waveform, rng), dtype=np.float32)


PROCESSINGS: Registry[Processing] = Registry("benign processing", "core.robustness.processings")


def processing(
    name: str, *, label: str, summary: str, probe: Probe | None = None, codec: str = "", moves_time: bool = False,
    needs: Callable[[], str | None] = lambda: None,
) -> Callable[[Apply], Processing]:  # fmt: skip
    """Return a decorator that registers a function as a processing; see ``Processing`` for its arguments."""

    def add(apply: Apply) -> Processing:
        made = Processing(name, label, summary, apply, probe=probe, codec=codec, moves_time=moves_time, needs=needs)
        return PROCESSINGS.register(name)(made)

    return add
