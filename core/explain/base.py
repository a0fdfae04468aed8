"""What an explanation is, the registry of the methods that find one, and how one is asked for."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.audio.clip import Clip
from core.audio.edit import grid_freqs_hz, grid_times_s
from core.detectors.detector import Detector
from core.detectors.network import Network
from core.detectors.score import ClipScore
from core.errors import ExplanationError
from core.explain.earned import earned
from core.explain.faithfulness import Faithfulness, check_faithfulness
from core.explain.inspection import Inspection, View
from core.explain.regions import Region, find_regions
from core.explain.sentence import describe
from core.plugins import Registry

__all__ = [
    "METHODS",
    "Axes",
    "Explanation",
    "Faithfulness",
    "Method",
    "Region",
    "default_method",
    "explain",
    "methods_for",
    "with_faithfulness",
]  # fmt: skip

Axes = tuple[Literal["time"]] | tuple[Literal["time"], Literal["frequency"]]
TIME_FREQUENCY: Axes = ("time", "frequency")

# Presentation: neighbouring cells overlap by half a frame and more, so that a single cell means little.
SMOOTHING_BINS, SMOOTHING_FRAMES = 2.0, 3.0


class Method(ABC):
    """One way to attribute a score to the cells of the clip's spectrogram; one file each.

    Registers itself with ``@METHODS.register("name")`` and implements ``window``.

    Attributes
    ----------
    preference : int
        Of the methods that fit a network, the one with the highest is the default of a detector that the lab
        (``core.lab``) never measured.
    """

    preference: ClassVar[int] = 0

    def fits(self, network: Network) -> bool:
        """Return whether the method can explain this network."""
        return True

    def axes(self, network: Network) -> Axes:
        """Return the axes that the attribution really has."""
        return TIME_FREQUENCY

    @abstractmethod
    def window(self, view: View) -> NDArray[np.floating]:
        """Return the attribution [shape=(257, n_frames)] of one window's raw output; positive = evidence for spoof."""

    def windows(self, inspection: Inspection) -> Iterator[NDArray[np.floating]]:
        """Yield the attribution of each window on the frames of its view; zero where there is nothing but silence."""
        for view in inspection.views():
            yield np.zeros(tuple(view.magnitude.shape)) if view.silent else self.window(view)

    def attribute(self, inspection: Inspection) -> NDArray[np.float32]:
        """Return the attribution [shape=(257, frames)] of the clip's raw output.

        That output is the mean of the windows' outputs, so that their attributions are added up and divided by the
        number of windows.
        """
        total = np.zeros(tuple(inspection.magnitude.shape))
        for view, found in zip(inspection.views(), self.windows(inspection), strict=True):
            total[:, view.frames] += found
        return (total / len(inspection.spans)).astype(np.float32)


METHODS: Registry[type[Method]] = Registry("explanation method", "core.explain.methods")


@dataclass(frozen=True)
class Explanation:
    """What made a detector's score, on the clip's own spectrogram.

    Attributes
    ----------
    method : str
    score : ClipScore
        What is explained, with the detector's name and verdict.
    target : str
        What is explained: ``score``, the clip's score before calibration (which keeps its order and its sign).
    times_s : ndarray [shape=(frames,)]
    freqs_hz : ndarray [shape=(257,)]
        The grid of ``core.audio.edit``.
    attribution : ndarray [shape=(257, frames), float32]
        Positive = evidence for spoof, negative = for bona fide; smoothed by a Gaussian of 2 bins (62 Hz) by 3
        frames (30 ms), which keeps its sum.
    axes : tuple of str
        ``('time', 'frequency')``, or ``('time',)`` where the map says only when.
    regions : tuple of Region
        Up to three boxes where evidence for spoof is densest, the one with the largest share first. None where it is
        spread evenly, or where the map failed its faithfulness check.
    sentence : str
        The strongest of them in words, or first that the map is not faithful.
    faithfulness : Faithfulness or None
        Whether the detector relies on what the map marks.
    inspection : Inspection or None
        Kept until the faithfulness check has been made, which needs it again.
    """

    method: str
    score: ClipScore
    target: str
    times_s: NDArray[np.float64]
    freqs_hz: NDArray[np.float64]
    attribution: NDArray[np.float32]
    axes: Axes
    regions: tuple[Region, ...]
    sentence: str
    faithfulness: Faithfulness | None = None
    inspection: Inspection | None = field(default=None, repr=False)

    @property
    def detector(self) -> str:
        """Name of the detector that is explained."""
        return self.score.name


def methods_for(detector: Detector) -> list[str]:
    """Return the names of the methods that can explain a detector, its default first where it has one."""
    names = _fitting(detector)
    default = default_method(detector)
    return sorted(names, key=lambda name: name != default)


def default_method(detector: Detector) -> str | None:
    """Return the method whose maps found planted evidence best for this detector.

    None where the lab found none to be better than chance, or ships the detector without having tested its maps
    (``core.explain.earned.no_map_reason`` says so); the
    method of the highest ``preference`` where the lab never measured the detector.
    """
    record, names = earned(detector), _fitting(detector)
    if record is None or record.default not in (None, *names):
        return max(names, key=lambda name: METHODS.get(name).preference)
    return record.default


def _fitting(detector: Detector) -> list[str]:
    return [name for name in METHODS.names() if METHODS.get(name)().fits(detector.network)]


def smooth(attribution: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the attribution as it is shown: a Gaussian over neighbouring cells; the sum stays the same."""
    sigmas = (SMOOTHING_BINS, SMOOTHING_FRAMES)
    # Mirroring at the edges gives back what the kernel would carry outside.
    smoothed = gaussian_filter(attribution.astype(np.float64), sigmas, mode="reflect")
    return smoothed.astype(np.float32)


def explain(
    clip: Clip, detector: Detector, method: str, *, score: ClipScore | None = None, faithfulness: bool = True
) -> Explanation:
    """Explain a detector's score of a clip.

    Parameters
    ----------
    clip : Clip
    detector : Detector
    method : str
        A name out of ``methods_for(detector)``.
    score : ClipScore, optional
        The detector's score of the clip, where it is known already.
    faithfulness : bool
        Also test whether the detector relies on what the map marks; ``with_faithfulness`` can do it later.

    Raises
    ------
    UnknownNameError
        When no method has that name.
    ExplanationError
        When the method cannot explain this detector, or the map is not finite.
    """
    found = METHODS.get(method)()
    if not found.fits(detector.network):
        known = ", ".join(methods_for(detector))
        raise ExplanationError(f"{method!r} cannot explain {detector.name!r}: choose one of {known}.")
    score = score if score is not None else detector.score(clip.waveform)
    inspection = Inspection(clip.waveform, detector, score=score)
    attribution = inspection.on_clip(smooth(found.attribute(inspection)))
    if not np.isfinite(attribution).all():
        raise ExplanationError(f"{method!r} found no finite explanation of {detector.name!r} for {clip.name!r}.")
    axes = found.axes(detector.network)
    times_s, freqs_hz = grid_times_s(attribution.shape[1]), grid_freqs_hz()
    regions = find_regions(
        attribution, duration_s=clip.duration_s, has_frequency="frequency" in axes,
        scored=len(inspection.sound.waveform) / len(clip.waveform),
    )  # fmt: skip
    sentence = describe(attribution, regions, verdict=score.verdict, has_frequency="frequency" in axes)
    found_so_far = Explanation(
        method=method, score=score, target="score", times_s=times_s, freqs_hz=freqs_hz, attribution=attribution,
        axes=axes, regions=regions, sentence=sentence, inspection=inspection,
    )  # fmt: skip
    return with_faithfulness(found_so_far) if faithfulness else found_so_far


def with_faithfulness(explanation: Explanation) -> Explanation:
    """Return an explanation with the test of whether the detector relies on what it marks; once made, it stays."""
    inspection = explanation.inspection
    if inspection is None:
        return explanation
    checked = check_faithfulness(inspection, inspection.on_sound(explanation.attribution))
    complete = replace(explanation, faithfulness=checked, inspection=None)
    return complete if checked.faithful else _without_places(complete)


def _without_places(explanation: Explanation) -> Explanation:
    """Return the explanation by a map that is not faithful: nothing that it marks is evidence."""
    sentence = describe(explanation.attribution, (), verdict=explanation.score.verdict, faithful=False)
    return replace(explanation, regions=(), sentence=sentence)
