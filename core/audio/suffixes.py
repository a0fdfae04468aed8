"""Which files are recordings by their names: one list, for whoever walks a folder."""

__all__ = ["AUDIO_SUFFIXES", "UNREAD_SUFFIXES", "suffix_of"]

# What is read here. A file is decoded by its content alone; this only chooses which files of a folder are tried.
AUDIO_SUFFIXES = frozenset({
    ".3g2", ".3ga", ".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".asf", ".au", ".avr", ".awb", ".caf",
    ".flac", ".g722", ".htk", ".ircam", ".m4a", ".m4b", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpga",
    ".nist", ".oga", ".ogg", ".ogv", ".opus", ".paf", ".pvf", ".rf64", ".snd", ".sph", ".spx", ".tta", ".voc", ".w64",
    ".wav", ".wave", ".weba", ".webm", ".wma", ".wmv", ".wv",
})  # fmt: skip

# Sound too, but not read here: whoever walks a folder reports these instead of passing over them.
UNREAD_SUFFIXES = frozenset({
    ".ape", ".avi", ".dff", ".dsf", ".dts", ".evrc", ".flv", ".g721", ".g723", ".g729", ".gsm", ".m4p", ".mid",
    ".midi", ".mpc", ".mpeg", ".mpg", ".ofr", ".pcm", ".qcp", ".ra", ".raw", ".rm", ".sd2", ".shn", ".tak", ".vob",
    ".vox",
})  # fmt: skip


def suffix_of(path: str) -> str:
    """Return what stands behind the last dot of a path, with the dot and in small letters."""
    # Not by pathlib, which takes minutes for a million files.
    return f".{path.rpartition('.')[2].lower()}"
