"""What happens to a training clip on its way in: channels, rooms, noise and codecs, for both classes alike.

Models trained without it hear the recording chain, not the voice.
"""

import io
from collections.abc import Callable

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from core.audio.clip import SAMPLE_RATE
from trainers.recipe import Augmentation

__all__ = ["augment", "codec", "coloured_noise", "equalise", "reverberate"]

Wave = NDArray[np.float32]

# Container, subtype, sample rate: what libsndfile can write and read back in memory.
_CODECS = [
    ("MP3", "MPEG_LAYER_III", 16000),
    ("OGG", "VORBIS", 16000),
    ("OGG", "OPUS", 16000),
    ("WAV", "ULAW", 8000),
    ("WAV", "ALAW", 8000),
    ("WAV", "GSM610", 8000),
    ("WAV", "IMA_ADPCM", 16000),
]


def _rms(wave: Wave) -> float:
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) + 1e-9


def equalise(wave: Wave, rng: np.random.Generator, *, tilt: bool = True, band_limit: bool = False) -> Wave:
    """Filter by a smooth random gain of up to 12 dB, and optionally limit the band to 50-300 Hz up to 3.4-8 kHz."""
    size = len(wave)
    freqs = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    gain = np.ones(len(freqs))
    if tilt:
        knots = np.geomspace(60, 8000, 7)
        gain *= 10 ** (np.interp(freqs, knots, rng.uniform(-12, 12, 7)) / 20)
    if band_limit:
        top, bottom = rng.uniform(3400, 7800), rng.uniform(40, 300)
        gain *= 1 / (1 + (freqs / top) ** rng.choice([16, 40, 80]))
        gain *= 1 - 1 / (1 + (freqs / bottom) ** 6)
    result: Wave = np.fft.irfft(np.fft.rfft(wave) * gain, size).astype(np.float32)
    return result * np.float32(_rms(wave) / _rms(result))


def coloured_noise(size: int, rng: np.random.Generator) -> Wave:
    """Return noise of unit power whose spectrum falls by 0 to 12 dB an octave."""
    spectrum = rng.standard_normal(size // 2 + 1) + 1j * rng.standard_normal(size // 2 + 1)
    slope = np.maximum(np.arange(size // 2 + 1), 1.0) ** -rng.uniform(0, 1)
    noise: Wave = np.fft.irfft(spectrum * slope, size).astype(np.float32)
    return noise / np.float32(_rms(noise))


def reverberate(wave: Wave, rng: np.random.Generator) -> Wave:
    """Convolve with exponentially decaying noise (0.1 to 0.6 s to -60 dB) below a direct sound."""
    decay_s = rng.uniform(0.1, 0.6)
    size = int(decay_s * SAMPLE_RATE)
    tail = rng.standard_normal(size) * 10 ** (-3 * np.arange(size) / size)
    tail *= rng.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return fftconvolve(wave, tail)[: len(wave)].astype(np.float32)


def codec(wave: Wave, rng: np.random.Generator) -> Wave:
    """Write and read back through a random lossy codec, at its own rate and a random quality; length is kept."""
    import soxr

    container, subtype, rate = _CODECS[rng.integers(len(_CODECS))]
    narrow = np.clip(wave if rate == SAMPLE_RATE else soxr.resample(wave, SAMPLE_RATE, rate), -1, 1)
    buffer = io.BytesIO()
    lossy = {"compression_level": float(rng.uniform(0, 0.9))} if subtype in {"VORBIS", "OPUS", "MPEG_LAYER_III"} else {}
    soundfile.write(buffer, narrow, rate, format=container, subtype=subtype, **lossy)
    buffer.seek(0)
    heard, _ = soundfile.read(buffer, dtype="float32")
    if rate != SAMPLE_RATE:
        heard = soxr.resample(heard, rate, SAMPLE_RATE)
    return np.resize(heard, len(wave)) if len(heard) else wave


def augment(wave: Wave, settings: Augmentation, rng: np.random.Generator) -> Wave:
    """Return a changed copy of a clip [shape=(n,), float32]; the order is room, channel, noise, level, codec."""
    chance: Callable[[float], bool] = lambda p: bool(p > 0 and rng.random() < p)  # noqa: E731
    if chance(settings.reverberation):
        wave = reverberate(wave, rng)
    tilt, limit = chance(settings.equaliser), chance(settings.band_limit)
    if tilt or limit:
        wave = equalise(wave, rng, tilt=tilt, band_limit=limit)
    if chance(settings.noise):
        snr_db = rng.uniform(*settings.noise_snr_db)
        wave = wave + coloured_noise(len(wave), rng) * np.float32(_rms(wave) * 10 ** (-snr_db / 20))
    if chance(settings.clipping):
        limit_at = np.quantile(np.abs(wave), rng.uniform(0.97, 1.0))
        wave = np.clip(wave, -limit_at, limit_at)
    if chance(settings.codec):
        peak = max(1.0, float(np.abs(wave).max()))
        wave = codec((wave / peak).astype(np.float32), rng) * np.float32(peak)
    if chance(settings.gain):
        wave = wave * np.float32(10 ** (rng.uniform(*settings.gain_db) / 20))
    return np.ascontiguousarray(wave, dtype=np.float32)
