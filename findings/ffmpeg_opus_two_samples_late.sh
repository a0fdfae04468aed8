#!/usr/bin/env bash
# FFmpeg 9.0.2: its own Opus decoder, the default, puts speech about two samples later than libopus does.
#
# Speech at up to some 40 kbit/s is coded by SILK, alone or beside CELT. For such packets the decoder "opus" of ffmpeg
# gives samples 1.9 later than the decoder "libopus" of the same binary (and than libsndfile), so that the two differ
# by -14 dB, though both read the same packets to the same length. Music (CELT) is the same to 24 bits. Who reads Opus
# from Ogg by libsndfile and from WebM by ffmpeg gets other samples from another container: "-c:a libopus
# -request_sample_fmt flt" before -i mends that.
#
# Seen with the ffmpeg of imageio-ffmpeg 0.8.1 on x86-64:
#   speech 24k: length differs by 0, opus is 1.9 samples late, difference -7 dB
#   music 128k: length differs by 0, opus is 0.0 samples late, difference -138 dB
# Exits with 0 where that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check imageio-ffmpeg==0.8.1 numpy 2>/dev/null

cat >"$folder/compare.py" <<'PYTHON'
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
RATE, SECONDS = 48_000, 3
FOLDER = Path(sys.argv[1])


def run(*arguments, sent=None):
    command = [FFMPEG, "-v", "error", "-y", *arguments]
    return subprocess.run(command, input=sent, capture_output=True, check=True).stdout


def voice():
    """A pulse train of a gliding pitch through three resonances, in syllables: what SILK is made for."""
    t = np.arange(RATE * SECONDS) / RATE
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * t)) / RATE
    wave = sum(
        np.cos(k * phase) * sum(np.exp(-(((k * 120 - f) / 150) ** 2)) for f in (500, 1500, 2500)) for k in range(1, 30)
    )
    wave *= np.clip(np.sin(2 * np.pi * 2 * t), 0, 1)
    return (0.3 * wave / np.abs(wave).max()).astype("<f4")


def decoded(path, decoder):
    raw = run("-c:a", decoder, "-request_sample_fmt", "flt", "-i", str(path), "-f", "f32le", "-ac", "1", "pipe:1")
    return np.frombuffer(raw, "<f4").astype(float)


def compare(name, rate, application):
    path = FOLDER / f"{rate}.opus"
    source = ("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0")
    run(*source, "-c:a", "libopus", "-b:a", rate, "-application", application, str(path), sent=voice().tobytes())
    own, reference = decoded(path, "opus"), decoded(path, "libopus")
    n = 8 * len(reference)
    spectra = np.fft.rfft(own, len(reference)) * np.fft.rfft(reference).conj()
    late = int(np.argmax(np.fft.irfft(spectra, n)))
    late = (late if late < n // 2 else late - n) / 8
    same = min(len(own), len(reference))
    error = np.sum((own[:same] - reference[:same]) ** 2) / np.sum(reference**2)
    level = 10 * np.log10(max(error, 1e-20))
    print(f"{name} {rate}: length differs by {len(own) - len(reference)}, opus is {late:.1f} samples late, "
          f"difference {level:.0f} dB")
    return len(own) == len(reference), late


speech, music = compare("speech", "24k", "voip"), compare("music", "128k", "audio")
sys.exit(not (speech[0] and speech[1] > 1 and music[0] and abs(music[1]) < 0.2))
PYTHON
"$folder/venv/bin/python" "$folder/compare.py" "$folder"
