"""Which files are recordings by their names: one list, for whoever walks a folder."""

__all__ = ["AUDIO_SUFFIXES", "UNREAD_SUFFIXES", "suffix_of"]

# What is read here. A file is decoded by its content alone; this only chooses which files of a folder are tried.
AUDIO_SUFFIXES = frozenset({
    ".3g2", ".3ga", ".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".asf", ".au", ".avi", ".avr",
    ".awb", ".caf", ".dsf", ".dts", ".eac3", ".ec3", ".flac", ".flv", ".g722", ".gsm", ".htk", ".ircam", ".m4a",
    ".m4b", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpc", ".mpeg", ".mpg", ".mpga", ".nist", ".oga", ".ogg",
    ".ogv", ".oma", ".opus", ".paf", ".pvf", ".qcp", ".ra", ".rf64", ".rm", ".shn", ".snd", ".sph", ".spx", ".svx",
    ".tak", ".tta", ".vob", ".voc", ".w64", ".wav", ".wave", ".weba", ".webm", ".wma", ".wmv", ".wv",
})  # fmt: skip

# Sound too, but not read here: whoever walks a folder reports these instead of passing over them.
UNREAD_SUFFIXES = frozenset({
    ".dff", ".evrc", ".g721", ".g723", ".g729", ".m4p", ".mid", ".midi", ".ofr", ".pcm", ".raw", ".sd2", ".vox",
})  # fmt: skip


def suffix_of(path: str) -> str:
    """Return what stands behind the last dot of a path, with the dot and in small letters."""
    # Not by pathlib, which takes minutes for a million files.
    return f".{path.rpartition('.')[2].lower()}"
