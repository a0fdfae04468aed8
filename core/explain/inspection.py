"""A detector as a function of the clip's STFT magnitude: the layer that every explanation is taken at.

Cepstral axes are not frequency, and a raw-waveform network has no image at all. So a clip is written as
``waveform = istft(magnitude * phase)`` with its phase held fixed, and the score is differentiated with respect to the
magnitude, through re-synthesis, the cutting into windows, the front-end and the network. Virtual inspection layers:
Vielhaben et al., "Explainable AI for time series via virtual inspection layers", Pattern Recognition 2024.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.audio.edit import HOP, N_FFT, istft, noise_floor, stft
from core.audio.segment import Sound, fit_length, window_spans
from core.detectors.detector import ClipScore, Detector
from core.threads import side_by_side
from core.watch import report

__all__ = ["Inspection", "View"]

_PER_PASS = 8


@dataclass(frozen=True)
class View:
    """One window of the clip, as a function of the frames that reach into it.

    Attributes
    ----------
    detector : Detector
    span : (int, int)
        The samples of the sound that the window covers.
    frames : slice
        The frames that touch those samples.
    magnitude, floor : Tensor [shape=(257, n_frames)]
        Of the clip as it is, and of its noise floor (never above ``magnitude``).
    phase, noise : Tensor [shape=(257, n_frames), complex]
        Of unit modulus: the clip's, held fixed, and another at random. What is taken out is left as loud as the noise
        floor and gets the phase of noise; with its own, a detector of phase would hardly miss it.
    hiss : Tensor [shape=(257, n_frames), complex]
        Spectrum of white noise, of unit mean power.
    """

    detector: Detector
    span: tuple[int, int]
    frames: slice
    magnitude: torch.Tensor
    floor: torch.Tensor
    phase: torch.Tensor
    noise: torch.Tensor
    hiss: torch.Tensor

    @property
    def silent(self) -> bool:
        """Whether there is nothing at all in the window: then nothing in it can be evidence."""
        return not bool(self.magnitude.any())

    @property
    def per_pass(self) -> int:
        """How many variants of the window are scored at once."""
        return min(_PER_PASS, self.detector.batch)

    def samples(self, spectra: torch.Tensor) -> torch.Tensor:
        """Return what the network takes [shape=(batch, window)] for spectra [shape=(batch, 257, n_frames), complex]."""
        offset = self.frames.start * HOP
        start, stop = self.span
        return fit_length(istft(spectra, stop - offset)[:, start - offset :], self.detector.window)

    def raw(self, magnitude: torch.Tensor) -> torch.Tensor:
        """Return the raw bona fide output [shape=(batch,)], differentiable in the magnitudes."""
        return self.detector.network(self.samples(magnitude * self.phase)).raw.float()

    def gradient(self, magnitude: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the raw output [shape=(257, n_frames)] at one magnitude of that shape.

        The gradient is asked for the magnitude alone, so that parameters keep no gradient of their own.
        """
        with torch.enable_grad():
            leaf = magnitude.detach().clone().requires_grad_()
            (gradient,) = torch.autograd.grad(self.raw(leaf[None]).sum(), leaf)
        return gradient

    def predict(self, magnitudes: torch.Tensor) -> NDArray[np.float64]:
        """Return the raw outputs [shape=(n,)] of many magnitudes [shape=(n, 257, n_frames)], without gradients.

        They are scored by what scores clips, some on each core. Cells that were lowered to the floor get the phase of
        noise.
        """
        return np.concatenate(side_by_side(self._predict_some, magnitudes.split(self.per_pass)))

    def _predict_some(self, magnitudes: torch.Tensor) -> NDArray[np.float64]:
        with torch.inference_mode():
            taken_out = (magnitudes == self.floor) & (self.floor < self.magnitude)
            return self.predict_spectra(magnitudes * torch.where(taken_out, self.noise, self.phase))

    def predict_spectra(self, spectra: torch.Tensor) -> NDArray[np.float64]:
        """Return the raw outputs [shape=(n,)] of spectra [shape=(n, 257, n_frames), complex], by what scores clips."""
        with torch.inference_mode():
            windows = self.samples(spectra).numpy()
        return self.detector.engine.predict(windows)[0]


class Inspection:
    """A clip under inspection by one detector, window by window, so that memory does not grow with its length.

    What is inspected is what is scored: the clip without its long stretches of digital silence. All frames are the
    sound's but for those of ``on_clip`` and ``on_sound``.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    detector : Detector
    score : ClipScore, optional
        The detector's score of the clip, where it is known already.

    Attributes
    ----------
    cells : tuple of ndarray [shape=(bands, steps), float32]
        Of each window, where the score holds them.
    magnitude : Tensor [shape=(257, frames)]
        On the grid of ``core.audio.edit``.
    floor : Tensor [shape=(257, 1)]
        The clip's own (``core.audio.edit.noise_floor``).
    """

    def __init__(self, waveform: NDArray[np.float32], detector: Detector, *, score: ClipScore | None = None) -> None:
        self.detector = detector
        self.cells = score.cells if score is not None else ()
        self.sound = Sound.of(np.array(waveform, dtype=np.float32))
        detector.network.eval()
        with torch.no_grad():
            spectrum = stft(torch.from_numpy(self.sound.waveform))
            self.magnitude = spectrum.abs()
            # A cell without energy has no phase; zero is as good as any and keeps the product defined.
            empty = self.magnitude == 0
            self._phase = torch.where(empty, torch.ones_like(spectrum), spectrum / self.magnitude.clamp_min(1e-30))
            self.floor = noise_floor(self.magnitude)
            generator = torch.Generator().manual_seed(0)
            turns = torch.rand(self.magnitude.shape, generator=generator)
            self._noise = torch.polar(torch.ones_like(turns), 2 * torch.pi * turns)
            hiss = stft(torch.randn(len(self.sound.waveform), generator=generator))
            self._hiss = hiss / hiss.abs().square().mean().sqrt().clamp_min(1e-30)

    @property
    def frames(self) -> int:
        """Number of frames of the sound."""
        return self.magnitude.shape[1]

    def on_clip(self, attribution: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return an attribution [shape=(257, frames)] on the clip's frames; zero in its silence."""
        whole = np.zeros((len(attribution), 1 + self.sound.n_samples // HOP), np.float32)
        # Added: two frames of the sound may lie on one of the clip.
        np.add.at(whole.T, self.sound.clip_frames(HOP), attribution.T)
        return whole

    def on_sound(self, attribution: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return an attribution on the clip's frames as one on the sound's: the way back of ``on_clip``."""
        return attribution[:, self.sound.clip_frames(HOP)]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The samples that each window covers; the clip's raw output is the mean over these windows."""
        return window_spans(len(self.sound.waveform), window=self.detector.window, hop=self.detector.hop)

    def views(self) -> Iterator[View]:
        """Yield the clip's windows in order of time."""
        for index in range(len(self.spans)):
            report(index, len(self.spans))
            yield self.view(index)

    def view(self, index: int) -> View:
        """Return one of the clip's windows."""
        start, stop = self.spans[index]
        first = max(0, (start - N_FFT // 2) // HOP)
        frames = slice(first, min(self.frames, -(-(stop + N_FFT // 2) // HOP) + 1))
        magnitude = self.magnitude[:, frames]
        floor = torch.minimum(magnitude, self.floor)
        phase, noise, hiss = (each[:, frames] for each in (self._phase, self._noise, self._hiss))
        return View(self.detector, (start, stop), frames, magnitude, floor, phase, noise, hiss)
