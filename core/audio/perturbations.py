"""Perturbations that training and robustness checks share: rooms, noise, codecs, the telephone, trimming."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from core.audio.clip import SAMPLE_RATE

__all__ = [
    "add_noise", "below_one", "coloured_noise", "low_passed", "opus", "reverberate", "rms", "round_trip",
    "telephone", "trim_silence",
]  # fmt: skip

Wave = NDArray[np.float32]

# Samples by which an MP3 coder and decoder are late; one with a header of its own is cut by libsndfile.
_MP3_DELAY = 1105
_TRIM_FRAME, _TRIM_HOP, _INAUDIBLE = 512, 128, 1e-10


def rms(wave: Wave) -> float:
    """Return the root mean square, never 0."""
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) + 1e-9


def below_one(wave: Wave) -> tuple[Wave, np.float32]:
    """Return a waveform whose peak is at most 1, as a codec needs it, and what gives its level back."""
    peak = np.float32(max(1.0, float(np.abs(wave).max())))
    return wave / peak, peak


def low_passed(wave: Wave, cutoff_hz: float) -> Wave:
    """Return a waveform without what lies above a frequency, at which it is 3 dB down; 40 dB down 7 % above it."""
    freqs = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt(1 + (freqs / cutoff_hz) ** 140)
    return np.fft.irfft(np.fft.rfft(wave) * gain, len(wave)).astype(np.float32)


def trim_silence(wave: Wave) -> Wave:
    """Return a clip without what lies 40 dB below its loudest 32 ms at both ends; a silent clip stays whole."""
    padded = np.pad(np.square(wave, dtype=np.float64), _TRIM_FRAME // 2)
    total = np.concatenate([[0.0], np.cumsum(padded)])
    level = np.maximum((total[_TRIM_FRAME:] - total[:-_TRIM_FRAME])[::_TRIM_HOP] / _TRIM_FRAME, _INAUDIBLE)
    loud = np.flatnonzero(level > level.max() * 1e-4)
    return wave[loud[0] * _TRIM_HOP : (loud[-1] + 1) * _TRIM_HOP] if len(loud) else wave


def reverberate(wave: Wave, rng: np.random.Generator) -> Wave:
    """Convolve with exponentially decaying noise (0.1 to 0.6 s to -60 dB) below a direct sound."""
    decay_s = rng.uniform(0.1, 0.6)
    size = int(decay_s * SAMPLE_RATE)
    tail = rng.standard_normal(size) * 10 ** (-3 * np.arange(size) / size)
    tail *= rng.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return fftconvolve(wave, tail)[: len(wave)].astype(np.float32)


def coloured_noise(size: int, rng: np.random.Generator) -> Wave:
    """Return noise of unit power whose spectrum falls by 0 to 6 dB an octave."""
    spectrum = rng.standard_normal(size // 2 + 1) + 1j * rng.standard_normal(size // 2 + 1)
    slope = np.maximum(np.arange(size // 2 + 1), 1.0) ** -rng.uniform(0, 1)
    noise: Wave = np.fft.irfft(spectrum * slope, size).astype(np.float32)
    return noise / np.float32(rms(noise))


def add_noise(wave: Wave, rng: np.random.Generator, *, snr_db: float) -> Wave:
    """Add coloured noise that lies ``snr_db`` below the clip's level."""
    return wave + coloured_noise(len(wave), rng) * np.float32(rms(wave) * 10 ** (-snr_db / 20))


def round_trip(wave: Wave, container: str, subtype: str, rate: int, **options: object) -> Wave:
    """Write and read back a clip [shape=(n,), peak up to 1] in memory; its length and place in time are kept.

    Parameters
    ----------
    container, subtype : str
        As libsndfile calls them.
    rate : int
        The codec's sample rate in hertz.
    **options
        ``compression_level`` in [0, 1) and ``bitrate_mode``, where the codec has them.
    """
    import soxr

    narrow = np.clip(wave if rate == SAMPLE_RATE else soxr.resample(wave, SAMPLE_RATE, rate), -1, 1)
    buffer = io.BytesIO()
    soundfile.write(buffer, narrow, rate, format=container, subtype=subtype, **options)
    buffer.seek(0)
    decoded, _ = soundfile.read(buffer, dtype="float32")
    if subtype == "MPEG_LAYER_III" and len(decoded) > len(narrow):
        decoded = decoded[_MP3_DELAY:]
    # Block codecs fill their last block.
    decoded = decoded[: len(narrow)]
    if rate != SAMPLE_RATE:
        decoded = soxr.resample(decoded, rate, SAMPLE_RATE)
    return np.pad(decoded, (0, max(0, len(wave) - len(decoded))))[: len(wave)]


def opus(wave: Wave, *, kbits: float, rate: int = SAMPLE_RATE) -> Wave:
    """Send a clip [shape=(n,)] as Opus at a bit rate of 6 to 256 kbit/s, and back; it may exceed full scale.

    ``rate`` is the codec's sample rate in hertz, one of 8,000, 12,000, 16,000, 24,000 and 48,000.
    """
    sent, peak = below_one(wave)
    # libsndfile spreads the levels 0 to 1 over 256 to 6 kbit/s.
    return round_trip(sent, "OGG", "OPUS", rate, compression_level=(256 - kbits) / 250) * peak


def telephone(wave: Wave, subtype: str) -> Wave:
    """Send a clip over a telephone: 300 Hz to 3.4 kHz, then ``ULAW``, ``ALAW`` or ``GSM610`` at 8 kHz."""
    freqs = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    gain = 1 / (1 + (freqs / 3400) ** 40) * (1 - 1 / (1 + (freqs / 300) ** 8))
    narrow = np.fft.irfft(np.fft.rfft(wave) * gain, len(wave)).astype(np.float32)
    sent, peak = below_one(narrow)
    return round_trip(sent, "WAV", subtype, 8000) * peak
