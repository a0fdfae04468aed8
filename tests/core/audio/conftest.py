"""What the tests of recordings share: ffmpeg, where there is one, and sounds that are known by heart."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.decode import find_ffmpeg

Encode = Callable[..., Path]


@pytest.fixture
def encode() -> Encode:
    """Run ``ffmpeg -i source options target``, and return the target."""
    ffmpeg = find_ffmpeg()
    if ffmpeg is None:
        pytest.skip("no ffmpeg: neither on PATH nor from imageio-ffmpeg")

    def run(source: Path | list[Path], target: Path, *options: str) -> Path:
        inputs = [part for path in (source if isinstance(source, list) else [source]) for part in ("-i", str(path))]
        command = [str(ffmpeg), "-v", "error", "-y", *inputs, *options, str(target)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return target

    return run


def sweep(seconds: float, *, rate: int = SAMPLE_RATE, start_hz: float = 200.0, stop_hz: float = 900.0) -> NDArray:
    """A tone that rises evenly, so that each moment differs from every other."""
    t = np.arange(int(seconds * rate)) / rate
    return 0.3 * np.sin(2 * np.pi * (start_hz * t + (stop_hz - start_hz) * t**2 / (2 * seconds)))


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Two seconds that rise from 200 to 900 Hz, 16-bit at 16 kHz."""
    soundfile.write(tmp_path / "first.wav", sweep(2.0), SAMPLE_RATE, subtype="PCM_16")
    return tmp_path / "first.wav"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Three seconds that rise from 1 to 2 kHz, 16-bit at 16 kHz."""
    soundfile.write(tmp_path / "second.wav", sweep(3.0, start_hz=1000, stop_hz=2000), SAMPLE_RATE, subtype="PCM_16")
    return tmp_path / "second.wav"


def join(target: Path, *sources: Path) -> Path:
    """Set files end to end, byte after byte."""
    target.write_bytes(b"".join(source.read_bytes() for source in sources))
    return target
