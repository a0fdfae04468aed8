"""What the two readers of files call codecs and containers, what people call them, and how late they start."""

import re

__all__ = [
    "AMR_CODECS",
    "FFMPEG_CODECS",
    "FFMPEG_CONTAINERS",
    "SOUNDFILE_CODECS",
    "SOUNDFILE_CONTAINERS",
    "encoder_delay_s",
    "is_lossless",
]

SOUNDFILE_CODECS = {
    "PCM_S8": "8-bit PCM",
    "PCM_U8": "8-bit PCM",
    "PCM_16": "16-bit PCM",
    "PCM_24": "24-bit PCM",
    "PCM_32": "32-bit PCM",
    "FLOAT": "32-bit float",
    "DOUBLE": "64-bit float",
    "ULAW": "µ-law",
    "ALAW": "A-law",
    "IMA_ADPCM": "IMA ADPCM",
    "MS_ADPCM": "Microsoft ADPCM",
    "GSM610": "GSM 6.10",
    "VORBIS": "Vorbis",
    "OPUS": "Opus",
    "MPEG_LAYER_I": "MPEG layer 1",
    "MPEG_LAYER_II": "MP2",
    "MPEG_LAYER_III": "MP3",
}
SOUNDFILE_CONTAINERS = {"WAVEX": "WAV", "OGG": "Ogg", "MPEG": "MP3", "W64": "Wave64"}
FFMPEG_CODECS = {
    "aac": "AAC",
    "alac": "Apple Lossless",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "mp3": "MP3",
    "mp2": "MP2",
    "flac": "FLAC",
    "ac3": "AC-3",
    "wmav1": "WMA",
    "wmav2": "WMA",
    "wavpack": "WavPack",
    "tta": "True Audio",
    "adpcm_g722": "G.722",
    "amrnb": "AMR",
    "amr_nb": "AMR",
    "amrwb": "AMR-WB",
    "amr_wb": "AMR-WB",
    "aac_latm": "AAC",
    "ape": "Monkey's Audio",
    "dts": "DTS",
    "eac3": "E-AC-3",
    "gsm": "GSM 6.10",
    "gsm_ms": "GSM 6.10",
    "musepack7": "Musepack",
    "musepack8": "Musepack",
    "qcelp": "QCELP",
    "tak": "TAK",
    "truehd": "TrueHD",
    "pcm_s16be": "16-bit PCM",
    "pcm_s16le": "16-bit PCM",
    "pcm_s24le": "24-bit PCM",
    "pcm_f32le": "32-bit float",
}
FFMPEG_CONTAINERS = {
    "mov": "MP4",
    "matroska": "WebM/Matroska",
    "asf": "ASF",
    "aac": "ADTS",
    "loas": "LATM",
    "mpeg": "MPEG-PS",
    "mpegts": "MPEG-TS",
    "mpc": "Musepack",
    "mpc8": "Musepack",
    "ogg": "Ogg",
    "wv": "WavPack",
}
# What keeps every sample; whatever else a reader names changes the sound.
_LOSSLESS = frozenset({
    "8-bit PCM", "16-bit PCM", "24-bit PCM", "32-bit PCM", "32-bit float", "64-bit float", "Apple Lossless", "WavPack",
    "True Audio", "Monkey's Audio", "TAK", "TrueHD", "apac", "atrac3al", "atrac3pal", "dst", "mlp", "mp4als", "osq",
    "ralf", "s302m", "shorten", "wavarc", "wmalossless",
})  # fmt: skip
# Those that have a name for each depth.
_LOSSLESS_KIND = re.compile(r"FLAC|(ALAC|DWVW|DPCM)_|pcm_(?!alaw|mulaw|vidc)")

# Telephone codecs that leave out frames of silence (discontinuous transmission).
AMR_CODECS = ("AMR", "AMR-WB")
NOTED_S = 0.04
# Samples before the first one of the recording: one frame of AAC; LAME's 576 and the MP3 decoder's 529.
_DELAYS = {"AAC": 1024, "MP3": 1105}
# These have no field for the delay.
_WITHOUT_DELAY = {"ADTS", "AVI", "FLV", "LATM", "MPEG-PS", "MPEG-TS", "WAV"}


def is_lossless(codec: str) -> bool:
    """Return whether a codec, named as in a clip's record, keeps every sample."""
    return codec in _LOSSLESS or _LOSSLESS_KIND.match(codec) is not None


def encoder_delay_s(container: str, codec: str, rate_hz: int) -> float:
    """Return by how many seconds a recording starts late, where its container cannot state the encoder's delay.

    Less than 40 ms, which no time on the page shows, count as none.
    """
    delay_s = _DELAYS.get(codec, 0) / rate_hz if container in _WITHOUT_DELAY else 0.0
    return delay_s if delay_s >= NOTED_S else 0.0
