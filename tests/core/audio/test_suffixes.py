"""Every suffix that a folder is searched for is that of a format which is read."""

import subprocess

import numpy as np
import pytest
import soundfile

from core.audio.decode import decode, find_ffmpeg
from core.audio.ffmpeg import FFMPEG_FORMATS
from core.audio.suffixes import AUDIO_SUFFIXES, UNREAD_SUFFIXES, suffix_of

RATE = 16000
# By libsndfile's name of the format.
SOUNDFILE = {
    ".aif": "AIFF", ".aiff": "AIFF", ".au": "AU", ".avr": "AVR", ".caf": "CAF", ".flac": "FLAC", ".htk": "HTK",
    ".ircam": "IRCAM", ".mp3": "MP3", ".mpga": "MP3", ".nist": "NIST", ".oga": "OGG", ".ogg": "OGG", ".paf": "PAF",
    ".pvf": "PVF", ".rf64": "RF64", ".snd": "AU", ".sph": "NIST", ".svx": "SVX", ".voc": "VOC", ".w64": "W64",
    ".wav": "WAV", ".wave": "WAV",
}  # fmt: skip
# By ffmpeg's name of the writer.
FFMPEG = {
    ".3g2": "mov", ".3ga": "mov", ".3gp": "mov", ".aac": "adts", ".ac3": "ac3", ".aifc": "aiff", ".asf": "asf",
    ".avi": "avi", ".eac3": "eac3", ".ec3": "eac3", ".flv": "flv", ".g722": "g722", ".m4a": "mp4", ".m4b": "mp4",
    ".mka": "matroska", ".mkv": "matroska", ".mov": "mov", ".mp2": "mp2", ".mp4": "mp4", ".mpeg": "mpeg",
    ".mpg": "mpeg", ".ogv": "ogg", ".opus": "opus", ".ra": "rm", ".rm": "rm", ".tta": "tta", ".vob": "vob",
    ".weba": "webm", ".webm": "webm", ".wma": "asf", ".wmv": "asf", ".wv": "wv",
}  # fmt: skip
# Nothing here writes these; ffmpeg's name of the reader.
READ_ONLY = {
    ".amr": "amr", ".ape": "ape", ".awb": "amr", ".dsf": "dsf", ".dts": "dts", ".gsm": "gsm", ".mpc": "mpc8",
    ".oma": "oma", ".qcp": "qcp", ".shn": "shn", ".spx": "ogg", ".tak": "tak",
}  # fmt: skip


def test_each_suffix_has_a_reader_that_is_tried_here():
    assert set(SOUNDFILE) | set(FFMPEG) | set(READ_ONLY) == AUDIO_SUFFIXES
    assert not AUDIO_SUFFIXES & UNREAD_SUFFIXES
    assert set(READ_ONLY.values()) <= set(FFMPEG_FORMATS.split(","))


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    seconds = np.arange(2 * RATE) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * seconds) * np.sin(3 * seconds), RATE, subtype="PCM_16")
    return path


def written(tone, path):
    suffix = path.suffix
    if suffix in SOUNDFILE:
        samples, rate = soundfile.read(tone)
        soundfile.write(path, samples, rate, format=SOUNDFILE[suffix])
        return
    options = ["-ar", "44100"] if FFMPEG[suffix] in {"flv", "rm"} else []
    if FFMPEG[suffix] == "mov":
        options = ["-c:a", "aac"]
    command = [find_ffmpeg(), "-v", "error", "-i", tone, *options, "-f", FFMPEG[suffix], path]
    subprocess.run(command, check=True, capture_output=True, timeout=600)


@pytest.mark.parametrize("suffix", sorted(set(SOUNDFILE) | set(FFMPEG)))
def test_a_file_of_each_kind_is_decoded(suffix, tone, tmp_path):
    written(tone, tmp_path / f"a{suffix}")
    assert decode(tmp_path / f"a{suffix}").record.duration_s == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(("path", "suffix"), [("a.WAV", ".wav"), ("b/c.d/e.Mp3", ".mp3"), ("x.tar.gz", ".gz")])
def test_the_suffix_is_what_follows_the_last_dot_in_small_letters(path, suffix):
    assert suffix_of(path) == suffix
