"""How long a 4 s clip takes to decode: ``python -m tests.benchmarks.bench_decode``.

Prints, in milliseconds, the first decode (children started for it), the warm ones (median and 95th
percentile) and plain soundfile with soxr in this process, for the same files in the same run.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import soxr

from core.audio.decode import decode, find_ffmpeg, shutdown, warm

REPEATS = 200
SECONDS = 4


def clips(folder: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    made = []
    for name, rate, channels, form, subtype in [
        ("wav_16k_mono.wav", 16_000, 1, "WAV", "PCM_16"),
        ("wav_48k_stereo.wav", 48_000, 2, "WAV", "PCM_16"),
        ("flac_44k_stereo.flac", 44_100, 2, "FLAC", "PCM_16"),
        ("mp3_44k_stereo.mp3", 44_100, 2, "MP3", "MPEG_LAYER_III"),
        ("opus_48k_mono.opus", 48_000, 1, "OGG", "OPUS"),
    ]:
        noise = 0.1 * rng.standard_normal((SECONDS * rate, channels))
        soundfile.write(folder / name, noise, rate, format=form, subtype=subtype)
        made.append(folder / name)
    ffmpeg = find_ffmpeg()
    if ffmpeg is not None:
        made.append(folder / "aac_48k_stereo.m4a")
        command = [ffmpeg, "-v", "error", "-i", str(made[1]), "-c:a", "aac", str(made[-1])]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return made


def plain(path: Path) -> None:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    soxr.resample(samples.mean(axis=1), rate, 16_000)


def milliseconds(action: Callable[[], object], repeats: int) -> np.ndarray:
    times = np.empty(repeats)
    for index in range(repeats):
        start = time.perf_counter()
        action()
        times[index] = 1000 * (time.perf_counter() - start)
    return times


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = clips(Path(folder))
        cold = milliseconds(lambda: decode(paths[0]), 1)[0]
        shutdown()
        started = milliseconds(warm, 1)[0]
        print(f"first decode, pool not started: {cold:.0f} ms; warm() alone: {started:.0f} ms")
        print(f"{'4 s clip':24}{'warm median':>12}{'warm p95':>10}{'soundfile':>11}   (ms)")
        for path in paths:
            times = milliseconds(lambda path=path: decode(path), REPEATS)
            readable = path.suffix != ".m4a"
            alone = f"{np.median(milliseconds(lambda path=path: plain(path), REPEATS)):.1f}" if readable else "-"
            print(f"{path.name:24}{np.median(times):12.1f}{np.percentile(times, 95):10.1f}{alone:>11}")
    shutdown()


if __name__ == "__main__":
    main()
