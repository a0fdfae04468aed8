"""A newcomer's recordings, end to end: ``python -m tests.benchmarks.bench_newcomer --corpus FOLDER``.

A phone's recording (AAC in M4A), a messenger's voice note (Opus in Ogg) and a podcast of 20 minutes (MP3), all of real
speech of a corpus (``manifest.csv``), each in a process of its own: decoded, scored as the page does, kept as a case
with what is tried, and verified with the recording. Prints verdict, seconds by the clock and computed, and the process'
peak memory. A case is of a recording's first ten minutes; the podcast is also scored whole, as in the list.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import soundfile

from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.audio.ffmpeg_pipe import find_ffmpeg
from core.audio.limits import DEFAULT_LIMITS

Made = TypeVar("Made")

#: Name to seconds of speech and what ffmpeg encodes it with.
RECORDINGS = {
    "phone.m4a": (12.0, ["-ar", "48000", "-c:a", "aac", "-b:a", "64k"]),
    "voice-note.ogg": (9.0, ["-ar", "48000", "-c:a", "libopus", "-b:a", "16k", "-application", "voip"]),
    "podcast.mp3": (1200.0, ["-ar", "44100", "-ac", "2", "-c:a", "libmp3lame", "-b:a", "96k"]),
}


def speech(corpus: Path, seconds: float) -> np.ndarray:
    """Return so many seconds of real speech, clip after clip."""
    table = pd.read_csv(corpus / "manifest.csv")
    clips, held = [], 0
    for path in table.loc[table["label"] == "bonafide", "path"]:
        clips.append(decode(corpus / path).waveform)
        if (held := held + len(clips[-1])) >= seconds * SAMPLE_RATE:
            break
    return np.concatenate(clips)[: round(seconds * SAMPLE_RATE)]


def timed(what: str, work: Callable[[], Made]) -> Made:
    """Do some work and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    taken = f"{time.perf_counter() - wall:.1f} s by the clock, {time.process_time() - cpu:.1f} s computed"
    print(f"  {what}: {taken}", flush=True)
    return made


def tried(path: Path) -> None:
    """Take one recording the whole way."""
    from core.case import Context, verify_case, write_case
    from core.overview import overview_file
    from core.panel import load_panel
    from core.usecases import analyse_file

    panel = load_panel()
    found = timed("decoded and scored", lambda: analyse_file(path, panel))
    record = found.clip.record
    print(f"  {record.form}, {record.used_s:.2f} of {record.duration_s:.2f} s decoded")
    print(f"  {found.verdict}, P(spoof) {found.p_spoof:.2f}")
    if record.duration_s > DEFAULT_LIMITS.keep_s:
        whole = timed("scored whole, as in the list", lambda: overview_file(path, panel))
        print(f"  of the whole: {whole.verdict}, P(spoof) {whole.p_spoof:.2f}, {len(whole.segments)} segments marked")
    case, context = path.with_suffix(".zip"), Context(panel)
    timed("case written, with what is tried", lambda: write_case([path], case, context=replace(context, tries=True)))
    verified = timed("verified with the recording", lambda: verify_case(case, path, context=context))
    states = pd.Series([check.state for check in verified.checks]).value_counts().to_dict()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"  {states}; case {case.stat().st_size / 1e6:.1f} MB, peak memory {peak_mb:.0f} MB", flush=True)
    if not verified.holds:
        wrong = (f"{check.what}: {check.text}" for check in verified.checks if check.state == "differs")
        raise SystemExit("\n".join(wrong))


def main() -> None:
    """Make the recordings, and take each the whole way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--only", choices=sorted(RECORDINGS), help="one of them")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        tried(asked.one)
        return
    if asked.corpus is None or (ffmpeg := find_ffmpeg()) is None:
        parser.error("a corpus (--corpus) and ffmpeg are needed")
    with tempfile.TemporaryDirectory() as folder:
        for name, (seconds, encoder) in RECORDINGS.items():
            if asked.only in (None, name):
                wav, path = Path(folder) / "speech.wav", Path(folder) / name
                soundfile.write(wav, speech(asked.corpus, seconds), SAMPLE_RATE)
                subprocess.run([ffmpeg, "-v", "error", "-y", "-i", wav, *encoder, path], check=True)
                print(f"{name}: {path.stat().st_size / 1e6:.2f} MB", flush=True)
                subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_newcomer", "--one", path], check=True)


if __name__ == "__main__":
    main()
