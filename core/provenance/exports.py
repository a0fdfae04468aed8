"""Forms in which text-to-speech programs commonly export: exact sample rates, and one whole format."""

from core.audio.clip import DecodeRecord

__all__ = ["export_of", "origin_of"]

# By their documentation. Real corpora have these rates, too: LJSpeech 22.05 kHz, LibriTTS 24 kHz.
_RATES = {
    22_050: "Piper, VITS and most voices trained on LJSpeech",
    24_000: "Kokoro, XTTS, Bark, StyleTTS 2, F5-TTS, Chatterbox, OpenAI, Google and Azure voices",
    32_000: "GPT-SoVITS",
}
# The default of ElevenLabs: mp3_44100_128.
_MP3_RATE, _MP3_KBPS = 44_100, 128
# Half of a rate, less the transition of a resampler's filter; at 4 kHz an edge is found up to 200 Hz above it.
_TRANSITION = (0.92, 1.06)
_INNER = {24_000: "24 kHz", 22_050: "22.05 kHz", 16_000: "16 kHz", 8_000: "8 kHz, or a telephone line"}


def export_of(record: DecodeRecord, bit_rate_kbps: float | None) -> str:
    """Return whose usual export has this form; empty where it is nobody's in particular."""
    if record.channels != 1:
        return ""
    if record.codec == "MP3" and record.sample_rate_hz == _MP3_RATE and round(bit_rate_kbps or 0) == _MP3_KBPS:
        return "ElevenLabs"
    return _RATES.get(record.sample_rate_hz, "")


def origin_of(limit_hz: float, rate_hz: int) -> str:
    """Return from which lower sample rate a recording with this band comes, in words; empty where none fits."""
    low, high = _TRANSITION
    inner = {rate: words for rate, words in _INNER.items() if rate < rate_hz}
    return next((words for rate, words in inner.items() if low <= limit_hz / (rate / 2) <= high), "")
