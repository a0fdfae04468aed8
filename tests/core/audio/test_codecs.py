"""Codecs: which of them keep every sample, for every name that a recording's record can have."""

import subprocess

import pytest
import soundfile

from core.audio.codecs import FFMPEG_CODECS, SOUNDFILE_CODECS, is_lossless
from core.audio.decode import find_ffmpeg

LOSSY = {
    "µ-law", "A-law", "IMA ADPCM", "Microsoft ADPCM", "GSM 6.10", "Vorbis", "Opus", "MPEG layer 1", "MP2", "MP3", "AAC",
    "AC-3", "WMA", "G.722", "AMR", "AMR-WB", "DTS", "E-AC-3", "Musepack", "QCELP",
}  # fmt: skip


def test_each_codec_that_has_a_name_here_is_lossless_or_lossy() -> None:
    names = {*SOUNDFILE_CODECS.values(), *FFMPEG_CODECS.values()}
    assert {name for name in names if not is_lossless(name)} == LOSSY


def test_of_what_libsndfile_writes_only_pulse_code_and_its_packings_are_lossless() -> None:
    found = {SOUNDFILE_CODECS.get(name, name) for name in soundfile.available_subtypes()}
    lossless = {name for name in found if is_lossless(name)}
    assert {name for name in lossless if "PCM" not in name and "float" not in name} <= {
        f"{kind}_{depth}" for kind in ("ALAC", "DWVW") for depth in (12, 16, 20, 24, 32)
    }
    assert {name for name in found - lossless if "PCM" in name} == {
        "IMA ADPCM", "Microsoft ADPCM", *(name for name in found if "_ADPCM" in name),
    }  # fmt: skip
    assert is_lossless("FLAC (16-bit)")


def test_ffmpegs_codecs_are_what_ffmpeg_calls_them() -> None:
    if (ffmpeg := find_ffmpeg()) is None:
        pytest.skip("needs ffmpeg")
    told = subprocess.run([str(ffmpeg), "-hide_banner", "-codecs"], capture_output=True, text=True, check=True).stdout
    # Flags such as D.AI.S: the third is the medium, the last two that it may be lossy, that it may be lossless.
    rows = [line.split()[:2] for line in told.partition("-------")[2].splitlines() if len(line.split()) > 1]
    sure = {name: flags[5] == "S" for flags, name in rows if flags[2] == "A" and flags[4:6] in ("L.", ".S")}
    assert len(sure) > 50
    assert {name for name, kept in sure.items() if is_lossless(FFMPEG_CODECS.get(name, name)) != kept} == set()
