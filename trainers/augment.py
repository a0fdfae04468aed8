"""Perturbations of a training clip: voice, rooms, channels, noise and codecs, for both classes alike.

Models trained without it learn the recording chain, not the voice. What each change costs is in docs/experiments.md.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from core.audio.clip import SAMPLE_RATE
from core.audio.perturbations import add_noise, below_one, opus, reverberate, rms, round_trip, telephone, trim_silence
from core.audio.segment import fit_length
from trainers.rawboost import rawboost
from trainers.recipe import Augmentation

__all__ = [
    "CODECS", "augment", "change_pitch", "change_speed", "codec", "equalise", "resample", "turn_phase", "voice_note",
]  # fmt: skip

Wave = NDArray[np.float32]

# Container, subtype, sample rates: what libsndfile can write and read back in memory.
CODECS: list[tuple[str, str, tuple[int, ...]]] = [
    ("MP3", "MPEG_LAYER_III", (16000, 22050, 24000)),
    ("OGG", "VORBIS", (16000, 24000)),
    ("OGG", "OPUS", (8000, 12000, 16000)),
    ("WAV", "ULAW", (8000,)),
    ("WAV", "ALAW", (8000,)),
    ("WAV", "GSM610", (8000,)),
    ("WAV", "IMA_ADPCM", (8000, 16000)),
    ("WAV", "MS_ADPCM", (16000,)),
    ("WAV", "G721_32", (8000,)),
    ("AU", "G723_24", (8000,)),
    ("WAV", "NMS_ADPCM_16", (8000,)),
]
_LOSSY = {"VORBIS", "OPUS", "MPEG_LAYER_III"}
_OPUS_RATES = (16000, 24000, 48000)
_TELEPHONE_CODECS = ("ULAW", "ALAW", "GSM610")
_SPEEDS = (0.9, 0.95, 1.05, 1.1)


def change_speed(wave: Wave, speed: float) -> Wave:
    """Play faster or slower, pitch included, by resampling; a clip that got too short is repeated."""
    import soxr

    return fit_length(soxr.resample(wave, SAMPLE_RATE * speed, SAMPLE_RATE), len(wave))


def change_pitch(wave: Wave, semitones: float) -> Wave:
    """Move the pitch and keep the tempo (phase vocoder and resampling)."""
    import librosa

    shifted: Wave = librosa.effects.pitch_shift(wave, sr=SAMPLE_RATE, n_steps=semitones, n_fft=1024)
    return shifted


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
    return result * np.float32(rms(wave) / rms(result))


def turn_phase(wave: Wave, rng: np.random.Generator) -> Wave:
    """Filter by two to eight random all-passes of the second order, and perhaps turn the sign: magnitudes stay."""
    count = int(rng.integers(2, 9))
    radius, angle = rng.uniform(0.5, 0.95, count), rng.uniform(0, np.pi, count)
    poles = np.stack([np.ones(count), -2 * radius * np.cos(angle), radius**2], axis=1)
    sections = np.concatenate([poles[:, ::-1], poles], axis=1)
    return (sosfilt(sections, wave) * rng.choice([-1.0, 1.0])).astype(np.float32)


def resample(wave: Wave, rng: np.random.Generator) -> Wave:
    """Go to another usual rate and back, through filters of a random quality."""
    import soxr

    rate, quality = int(rng.choice([8000, 11025, 22050, 24000])), str(rng.choice(["LQ", "MQ", "HQ"]))
    there = soxr.resample(wave, SAMPLE_RATE, rate, quality=quality)
    return fit_length(soxr.resample(there, rate, SAMPLE_RATE, quality=quality), len(wave))


def codec(wave: Wave, rng: np.random.Generator) -> Wave:
    """Send a clip through a random codec at a random rate and quality, low bit rates more often than high ones."""
    container, subtype, rates = CODECS[rng.integers(len(CODECS))]
    options: dict[str, object] = {}
    if subtype in _LOSSY:
        options["compression_level"] = 0.99 * float(np.sqrt(rng.random()))
    if subtype == "MPEG_LAYER_III":
        options["bitrate_mode"] = str(rng.choice(["CONSTANT", "AVERAGE", "VARIABLE"]))
    sent, peak = below_one(wave)
    return round_trip(sent, container, subtype, int(rng.choice(rates)), **options) * peak


def voice_note(wave: Wave, rng: np.random.Generator) -> Wave:
    """Send a clip as Opus at 8 to 48 kbit/s, each octave as often, as messengers send a voice note."""
    kbits = float(np.exp(rng.uniform(np.log(8), np.log(48))))
    return opus(wave, kbits=kbits, rate=int(rng.choice(_OPUS_RATES)))


def augment(wave: Wave, settings: Augmentation, rng: np.random.Generator) -> Wave:
    """Return a changed copy of a clip [shape=(n,), float32]: voice, room, channel, noise, converters, codec, level."""

    def chance(probability: float) -> bool:
        return bool(probability > 0 and rng.random() < probability)

    if chance(settings.silence_trim):
        wave = fit_length(trim_silence(wave), len(wave))
    if chance(settings.speed):
        wave = change_speed(wave, float(rng.choice(_SPEEDS)))
    if chance(settings.pitch):
        wave = change_pitch(wave, float(rng.uniform(*settings.pitch_semitones)))
    if chance(settings.reverberation):
        wave = reverberate(wave, rng)
    return _transmit(wave, settings, rng, chance)


def _transmit(wave: Wave, settings: Augmentation, rng: np.random.Generator, chance: Callable[[float], bool]) -> Wave:
    tilt, limit = chance(settings.equaliser), chance(settings.band_limit)
    if tilt or limit:
        wave = equalise(wave, rng, tilt=tilt, band_limit=limit)
    if chance(settings.phase):
        wave = turn_phase(wave, rng)
    if chance(settings.rawboost):
        wave = rawboost(wave, rng, algorithm=settings.rawboost_algorithm)
    if chance(settings.noise):
        snr_db = float(rng.uniform(*settings.noise_snr_db))
        wave = add_noise(wave, rng, snr_db=snr_db)
    if chance(settings.clipping):
        limit_at = np.quantile(np.abs(wave), rng.uniform(0.97, 1.0))
        wave = np.clip(wave, -limit_at, limit_at)
    if chance(settings.resample):
        wave = resample(wave, rng)
    if chance(settings.telephone):
        wave = telephone(wave, str(rng.choice(_TELEPHONE_CODECS)))
    if chance(settings.codec):
        wave = codec(wave, rng)
        if chance(settings.codec_chain):
            wave = codec(wave, rng)
    if chance(settings.opus):
        wave = voice_note(wave, rng)
    if chance(settings.gain):
        wave = wave * np.float32(10 ** (rng.uniform(*settings.gain_db) / 20))
    return np.ascontiguousarray(wave, dtype=np.float32)
