"""What the two readers of files call codecs and containers, and what people call them."""

__all__ = ["FFMPEG_CODECS", "FFMPEG_CONTAINERS", "SOUNDFILE_CODECS", "SOUNDFILE_CONTAINERS"]

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
    "amrwb": "AMR-WB",
    "pcm_s16le": "16-bit PCM",
    "pcm_s24le": "24-bit PCM",
    "pcm_f32le": "32-bit float",
}
FFMPEG_CONTAINERS = {
    "mov": "MP4",
    "matroska": "WebM/Matroska",
    "asf": "ASF",
    "aac": "ADTS",
    "mpegts": "MPEG-TS",
    "ogg": "Ogg",
    "wv": "WavPack",
}
