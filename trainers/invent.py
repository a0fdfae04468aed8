"""Spoofs invented on the fly: a recording loses in a random, cheap way what synthesis loses.

Five families, each an idea of what vocoders do: they see few bands, smooth, guess phases, calculate at a low rate and
have a codebook. A network that knows many unlike families leans less on the quirks of one.
"""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from core.audio.clip import SAMPLE_RATE
from core.audio.segment import fit_length

__all__ = ["FAMILIES", "invent"]

Wave = NDArray[np.float32]
Spectrum = NDArray[np.complex64]
Family = Callable[[Wave, np.random.Generator], Wave]


def _through_spectrum(change: Callable[[Spectrum, np.random.Generator], Spectrum]) -> Family:
    """Return a change of waveforms from one of their spectra [shape=(bins, frames)], at a random resolution."""

    def family(wave: Wave, rng: np.random.Generator) -> Wave:
        import librosa

        n_fft = int(rng.choice([256, 512, 1024]))
        spectrum = librosa.stft(wave, n_fft=n_fft, hop_length=n_fft // 4)
        return librosa.istft(change(spectrum, rng), hop_length=n_fft // 4, length=len(wave))

    return family


@functools.cache
def _mel_bands(n_fft: int, n_mels: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the matrices from bins to band means [shape=(mels, bins)] and back, interpolating [(bins, mels)]."""
    import librosa

    bands = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=n_fft, n_mels=n_mels, htk=True, norm=None)
    down = bands / np.maximum(bands.sum(1, keepdims=True), 1e-6)
    up = bands.T / np.maximum(bands.sum(0)[:, None], 1e-6)
    return down.astype(np.float32), up.astype(np.float32)


def _mel_bottleneck(spectrum: Spectrum, rng: np.random.Generator) -> Spectrum:
    """Keep the phase, and of the magnitude the means of 10 to 80 mel bands."""
    n_fft = 2 * (len(spectrum) - 1)
    down, up = _mel_bands(n_fft, int(rng.integers(n_fft // 128, n_fft // 64 + 1)) * 5)
    magnitude = np.abs(spectrum)
    return spectrum * (up @ (down @ magnitude) / (magnitude + 1e-6))


def _smooth(spectrum: Spectrum, rng: np.random.Generator) -> Spectrum:
    """Keep the phase, and of the magnitude a moving mean over 3 to 9 frames or bins, or both."""
    width = [int(rng.integers(1, 5)) * 2 + 1, int(rng.integers(1, 5)) * 2 + 1]
    only = rng.integers(3)
    if only < 2:
        width[only] = 1
    magnitude = np.abs(spectrum)
    return spectrum * (uniform_filter(magnitude, width) / (magnitude + 1e-6))


def _jitter(spectrum: Spectrum, rng: np.random.Generator) -> Spectrum:
    """Turn phases by up to a half turn: each bin by an angle of its own, or each bin of each frame."""
    shape = (len(spectrum), 1) if rng.random() < 0.5 else spectrum.shape
    angles = rng.uniform(-np.pi, np.pi, shape).astype(np.float32) * np.float32(rng.uniform(0.3, 1.0))
    # Speech up to some hertz often keeps its phases: only what lies above is guessed.
    angles[: int(rng.uniform(0, 0.5) * len(angles))] = 0
    return spectrum * np.exp(1j * angles)


def _quantise(spectrum: Spectrum, rng: np.random.Generator) -> Spectrum:
    """Round magnitudes to steps of 2 to 10 dB and phases to a fourth to a sixteenth of a turn, or one of them."""
    magnitude, phase = np.abs(spectrum), np.angle(spectrum)
    what = rng.integers(3)
    if what != 0:
        step = np.float32(rng.uniform(2, 10) * np.log(10) / 20)
        magnitude = np.exp(np.round(np.log(magnitude + 1e-6) / step) * step)
    if what != 1:
        turn = np.float32(2 * np.pi / rng.integers(4, 17))
        phase = np.round(phase / turn) * turn
    return magnitude * np.exp(1j * phase)


def _hold(wave: Wave, rng: np.random.Generator) -> Wave:
    """Calculate at a half to a fourth of the rate and hold or stuff samples, which mirrors the low band upwards."""
    import soxr

    stride = int(rng.integers(2, 5))
    low = soxr.resample(wave, SAMPLE_RATE, SAMPLE_RATE / stride)
    if rng.random() < 0.5:
        raised = np.repeat(low, stride)
    else:
        raised = np.zeros(len(low) * stride, np.float32)
        raised[::stride] = low * stride
    true = soxr.resample(low, SAMPLE_RATE / stride, SAMPLE_RATE)
    size = min(len(true), len(raised))
    mirrored = (raised[:size] - true[:size]) * np.float32(rng.uniform(0.1, 1.0))
    return fit_length(true[:size] + mirrored, len(wave))


FAMILIES: dict[str, Family] = {
    "mel-bottleneck": _through_spectrum(_mel_bottleneck),
    "smooth": _through_spectrum(_smooth),
    "jitter": _through_spectrum(_jitter),
    "quantise": _through_spectrum(_quantise),
    "hold": _hold,
}


def invent(wave: Wave, rng: np.random.Generator) -> Wave:
    """Return a spoof of a bona fide clip [shape=(n,), float32] by one or two random families, as loud as it was."""
    chosen = rng.choice(list(FAMILIES), int(rng.integers(1, 3)), replace=False)
    spoof = wave
    for name in chosen:
        spoof = FAMILIES[name](spoof, rng)
    loudness = np.linalg.norm(wave) / (np.linalg.norm(spoof) + 1e-9)
    return np.ascontiguousarray(spoof * loudness, dtype=np.float32)
