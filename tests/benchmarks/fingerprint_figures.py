"""How often a training clip is found by its fingerprint after it was changed, and how often another recording is.

``python -m tests.benchmarks.fingerprint_figures --trained MANIFEST ROOT --unseen MANIFEST ROOT`` prints the tables of
``docs/audit.md``: the first corpus' split ``train`` is in the fingerprints that ship, the second's clips are asked for.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

from core.analysis.format import rate, text_table
from core.analysis.shares import wilson
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode, find_ffmpeg
from core.audio.fingerprint import Match, search, stream
from core.audio.perturbations import Wave, add_noise, telephone
from core.corpus.table import read_corpus
from core.overlap import shipped_prints


def coded(suffix: str, *options: str) -> Callable[[Wave], Wave]:
    """Return what codes a waveform by ffmpeg and decodes it as every recording here."""

    def change(wave: Wave) -> Wave:
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder, "a.wav"), Path(folder, f"b.{suffix}")
            soundfile.write(first, wave, SAMPLE_RATE)
            ffmpeg = [find_ffmpeg() or "ffmpeg", "-nostdin", "-v", "error", "-i", str(first)]
            subprocess.run([*ffmpeg, *options, str(second)], check=True)
            return decode(second).waveform

    return change


def cut(share: float) -> Callable[[Wave], Wave]:
    """Return what cuts this share off both ends."""
    return lambda wave: wave[round(share * len(wave)) : len(wave) - round(share * len(wave))]


RNG = np.random.default_rng(0)
CHANGES: dict[str, Callable[[Wave], Wave]] = {
    "as it is": lambda wave: wave,
    "MP3, 64 kbit/s": coded("mp3", "-b:a", "64k"),
    "Opus, 24 kbit/s": coded("ogg", "-c:a", "libopus", "-b:a", "24k"),
    "Opus, 12 kbit/s": coded("ogg", "-c:a", "libopus", "-b:a", "12k"),
    "AAC, 64 kbit/s": coded("m4a", "-b:a", "64k"),
    "44.1 kHz, MP3, 32 kbit/s": coded("mp3", "-ar", "44100", "-b:a", "32k"),
    "telephone (GSM)": lambda wave: telephone(wave, "GSM610"),
    "20 dB quieter": lambda wave: wave * np.float32(0.1),
    "noise at 20 dB": lambda wave: add_noise(wave, RNG, snr_db=20.0),
    "10 % cut off both ends": cut(0.1),
    "20 % cut off both ends": cut(0.2),
    "30 % cut off both ends": cut(0.3),
    "the first half": lambda wave: wave[: len(wave) // 2],
}


def waves(manifest: Path, root: Path, split: str | None, most: int) -> list[tuple[str, Wave]]:
    """Return some clips of a corpus, drawn at random, that are long enough for a fingerprint."""
    corpus = read_corpus(manifest, root, split=split)
    drawn = corpus.frame.sample(min(most, len(corpus.frame)), random_state=0)
    return [(path, decode((root / path).resolve()).waveform) for path in drawn["path"]]


def row(name: str, found: list[Match | None], right: list[bool]) -> dict[str, str]:
    distances = [match.distance for match in found if match is not None]
    return {
        "": name, "clips": str(len(found)), "found": rate(float(np.mean(right)), wilson(sum(right), len(right))),
        "bits that differ, median": f"{100 * float(np.median(distances)):.0f} %" if distances else "–",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trained", nargs=2, type=Path, required=True)
    parser.add_argument("--unseen", nargs=2, type=Path, required=True)
    parser.add_argument("--split", default=None, help="Of the unseen clips.")
    parser.add_argument("--most", type=int, default=200)
    asked = parser.parse_args()
    prints = shipped_prints()
    assert prints is not None, "no fingerprints ship: python -m trainers fingerprints"
    table: list[dict[str, str]] = []
    trained = waves(*asked.trained, "train", asked.most)
    plain = [search(stream(wave), prints.known) for _, wave in trained]
    for name, change in CHANGES.items():
        found = [search(stream(change(wave)), prints.known) for _, wave in trained]
        right = [
            one is not None and first is not None and one.is_known and one.row == first.row
            for one, first in zip(found, plain, strict=True)
        ]
        table.append(row(name, found, right))
    print(text_table(pd.DataFrame(table), markdown=True))
    unseen = waves(*asked.unseen, asked.split, 2 * asked.most)
    for name, backwards in (("as they are", False), ("backwards", True)):
        found = [search(stream(wave[::-1] if backwards else wave), prints.known) for _, wave in unseen]
        known = [match is not None and match.is_known for match in found]
        share = rate(float(np.mean(known)), wilson(sum(known), len(known)))
        print(f"\nunseen clips {name}: {sum(known)} of {len(known)} match, {share}")
        for (path, _), match in zip(unseen, found, strict=True):
            if match is not None and match.is_known:
                print(f"  {path}: row {match.row}, {100 * match.distance:.0f} % of bits differ")


if __name__ == "__main__":
    main()
