"""What detectors cost on this machine: each measured in a process of its own, so that its memory is its own too."""

import multiprocessing
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import torch

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.runtime.probes import speechlike
from core.speed.timing import time_in_turns

__all__ = ["DetectorCost", "PanelCost", "bench_detectors", "bench_panel"]

Given = ParamSpec("Given")
Cost = TypeVar("Cost")

_REPEATS = 7
_PANEL_REPEATS = 5


@dataclass(frozen=True)
class DetectorCost:
    """What one detector costs, on one thread, from waveform to score; decoding is left out.

    Attributes
    ----------
    engine : str
        Which one computed.
    clips_per_s : float
        Clips of ``clip_s`` seconds scored in a second, one after the other.
    latency_ms, eager_ms : float
        Median for a clip, by the engine and by PyTorch, taken in turns.
    cpu_ms, eager_cpu_ms : float
        The same in time computed, which a busy machine does not lengthen.
    speedup : float
        ``eager_cpu_ms / cpu_ms``.
    peak_mb : float
        The most memory that the process ever held: Python, PyTorch, the detector, and what scoring takes. PyTorch's
        turn comes after it was read.
    own_mb : float
        What was added to it from the loading of the detector on.
    load_s : float
        Seconds to load it, its export being in the cache.
    """

    name: str
    architecture: str
    engine: str
    clip_s: float
    clips_per_s: float
    latency_ms: float
    eager_ms: float
    cpu_ms: float
    eager_cpu_ms: float
    speedup: float
    peak_mb: float
    own_mb: float
    load_s: float
    parameters: int
    checkpoint_bytes: int


@dataclass(frozen=True)
class PanelCost:
    """How long a verdict by all detectors takes: side by side on ``threads`` threads, and one after the other."""

    detectors: int
    clip_s: float
    threads: int
    verdict_ms: float
    one_by_one_ms: float


def bench_detectors(names: Sequence[str | Path], *, seconds: float) -> Iterator[DetectorCost]:
    """Measure detectors on a clip of so many seconds.

    Raises
    ------
    UnknownNameError, CheckpointError
        When one of them cannot be loaded.
    """
    from core.detectors.checkpoint import find_checkpoint, load_detector

    for name in names:
        # An export that is missing is made here, outside what is measured.
        load_detector(name)
        yield _alone(_detector_cost, find_checkpoint(name), seconds)


def bench_panel(names: Sequence[str | Path], *, seconds: float) -> PanelCost:
    """Measure the verdict of a panel on a clip of so many seconds; see ``bench_detectors``."""
    from core.detectors.checkpoint import find_checkpoint

    return _alone(_panel_cost, [find_checkpoint(name) for name in names], seconds)


def _alone(measure: Callable[Given, Cost], *given: Given.args, **named: Given.kwargs) -> Cost:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(measure, *given, **named).result()


def _detector_cost(folder: Path, seconds: float) -> DetectorCost:
    from core.detectors.checkpoint import load_detector
    from core.detectors.detector import Detector

    torch.set_num_threads(1)
    waveform = speechlike(round(seconds * SAMPLE_RATE))
    before_mb, started = _resident_mb("VmRSS"), time.perf_counter()
    detector = load_detector(folder)
    load_s = time.perf_counter() - started
    for _ in range(3):
        detector.score(waveform)
    peak_mb = _resident_mb("VmHWM")
    eager = Detector(detector.network, detector.card)
    taken = time_in_turns(
        {"engine": lambda: detector.score(waveform), "eager": lambda: eager.score(waveform)}, repeats=_REPEATS
    )
    ours, theirs = taken["engine"], taken["eager"]
    return DetectorCost(
        name=detector.name, architecture=detector.card.architecture, engine=detector.engine.name, clip_s=seconds,
        clips_per_s=1 / ours.wall_s, latency_ms=1000 * ours.wall_s, eager_ms=1000 * theirs.wall_s,
        cpu_ms=1000 * ours.cpu_s, eager_cpu_ms=1000 * theirs.cpu_s, speedup=theirs.cpu_s / ours.cpu_s,
        peak_mb=peak_mb, own_mb=peak_mb - before_mb, load_s=load_s, parameters=detector.parameters(),
        checkpoint_bytes=detector.card.size_bytes,
    )  # fmt: skip


def _panel_cost(folders: list[Path], seconds: float) -> PanelCost:
    from core.usecases import analyse_clip, load_panel

    panel = load_panel(folders)
    record = DecodeRecord("-", "-", SAMPLE_RATE, 1, seconds, seconds)
    clip = Clip("made up", speechlike(round(seconds * SAMPLE_RATE)), record)

    def one_by_one() -> None:
        for detector in panel.detectors.values():
            detector.score(clip.waveform)

    taken = time_in_turns(
        {"together": lambda: analyse_clip(clip, panel), "one by one": one_by_one}, repeats=_PANEL_REPEATS
    )
    return PanelCost(
        detectors=len(panel.detectors), clip_s=seconds, threads=torch.get_num_threads(),
        verdict_ms=1000 * taken["together"].wall_s, one_by_one_ms=1000 * taken["one by one"].wall_s,
    )  # fmt: skip


def _resident_mb(what: str) -> float:
    """Return this process' memory: 'VmRSS' now, 'VmHWM' at most; where there is no /proc, the most in both cases.

    ``getrusage`` would also count what the parent held when this process was started.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(rf"^{what}:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found is not None:
            return int(found[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
