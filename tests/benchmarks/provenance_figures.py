"""What ``docs/provenance.md`` and the card of the mark rest on.

``python -m tests.benchmarks.provenance_figures --weights FILE --manifest M --root R [--manifest M --root R]...``

FILE is ``perth_net_250000.pth.tar`` of the package resemble-perth 1.0.1: only it has the network that makes marks.
The bar of the mark is chosen on real clips of the split ``train`` and measured on real clips of ``dev`` and ``eval``;
marks are made in some of these, and read again after what usually happens to recordings. The same clips, as they are
and after lossy codecs, are counted for the holes that such codecs leave.
"""

import argparse
import io
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import nn

from core.analysis.format import rate, text_table
from core.analysis.shares import wilson
from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode, find_ffmpeg
from core.corpus.table import read_corpus
from core.provenance.holes import MOST_HOLES
from core.provenance.perth import (
    FOLDER,
    RATE,
    Convolution,
    MarkDecoder,
    magnitudes,
    mark_card,
    read_mark,
    shipped_decoder,
)  # fmt: skip
from core.provenance.perth_weights import import_perth, read_published, write_card
from core.provenance.samples import measure_samples
from tests.test_layout import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "provenance.md"
BARS = np.arange(0.5, 0.96, 0.05)
MOST_FALSE = 1 / 500
SEED = 13
# Long enough to read a mark; of longer clips more is read, and more surely.
CLIP_S = 3.0
Sound = NDArray[np.float32]


class MarkEncoder(nn.Module):
    """The network of resemble-perth that makes marks: it adds to the bands below 2 kHz."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        middle = [Convolution(256, 256, 7) for _ in range(5)]
        self.layers = nn.Sequential(Convolution(128, 256, 1), *middle, Convolution(256, 128, 1, active=False))
        self.load_state_dict({n.removeprefix("encoder."): t for n, t in weights.items() if n.startswith("encoder.")})
        self.eval()

    @torch.inference_mode()
    def mark(self, waveform: Sound) -> Sound:
        """Return a waveform at 16 kHz with the mark, made at 32 kHz as the package does."""
        wave = torch.from_numpy(soxr.resample(waveform, SAMPLE_RATE, RATE).astype(np.float32))[None]
        window = torch.hann_window(2048)
        spectrum = torch.stft(wave, 2048, 320, window=window, center=True, return_complex=True)
        level = magnitudes(wave)
        total = level.sum(dim=1)
        loud = (total > 0.05 * total.amax(dim=1, keepdim=True)).float()[:, None]
        change = torch.zeros_like(level)
        change[:, :128] = self.layers(level[:, :128]) * loud
        marked = torch.polar(10 ** (((level + change) * 195 - 180) / 20), spectrum.angle())
        sound = torch.istft(marked, 2048, 320, window=window, center=True, length=wave.shape[1])[0].numpy()
        return np.asarray(soxr.resample(sound, RATE, SAMPLE_RATE), np.float32)[: len(waveform)]


def through(*options: str, container: str) -> Callable[[Sound], Sound]:
    """Return what encodes a clip with ffmpeg, and decodes it again."""

    def coded(sound: Sound) -> Sound:
        command, wav = [str(find_ffmpeg()), "-v", "error", "-i", "pipe:0"], io.BytesIO()
        soundfile.write(wav, sound, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        there = [*command, *options, "-f", container, "pipe:1"]
        back = [*command, "-ar", str(SAMPLE_RATE), "-ac", "1", "-f", "wav", "pipe:1"]
        middle = subprocess.run(there, input=wav.getvalue(), capture_output=True, check=True).stdout
        out = subprocess.run(back, input=middle, capture_output=True, check=True).stdout
        return np.asarray(soundfile.read(io.BytesIO(out), dtype="float32")[0])

    return coded


def gsm(sound: Sound) -> Sound:
    """Return a clip after the codec of mobile telephones, at 8 kHz."""
    file = io.BytesIO()
    soundfile.write(file, soxr.resample(sound, SAMPLE_RATE, 8000), 8000, format="WAV", subtype="GSM610")
    narrow = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32")[0]
    return np.asarray(soxr.resample(narrow, 8000, SAMPLE_RATE), np.float32)


def noisy(sound: Sound) -> Sound:
    """Return a clip under white noise, 20 dB below it."""
    noise = np.random.default_rng(SEED).standard_normal(len(sound))
    return np.asarray(sound + noise * np.sqrt(np.mean(sound**2)) * 0.1, np.float32)


_COPY = ("-c:a", "pcm_s16le")
PROCESSINGS: dict[str, Callable[[Sound], Sound]] = {
    "as it is": lambda sound: sound,
    "40 dB less level": lambda sound: sound * np.float32(0.01),
    "cutting to one second": lambda sound: sound[SAMPLE_RATE : 2 * SAMPLE_RATE],
    "MP3 at 64 kbit/s": through("-c:a", "libmp3lame", "-b:a", "64k", container="mp3"),
    "AAC at 32 kbit/s": through("-c:a", "aac", "-b:a", "32k", container="adts"),
    "Opus at 16 kbit/s": through("-c:a", "libopus", "-b:a", "16k", container="ogg"),
    "a telephone band": through("-af", "highpass=300,lowpass=3400", *_COPY, container="wav"),
    "GSM 6.10": gsm,
    "white noise at 20 dB": noisy,
    "a tempo of +10 %": through("-af", "atempo=1.1", *_COPY, container="wav"),
    "pitch and tempo of +6 %": through("-af", "asetrate=16960,aresample=16000", *_COPY, container="wav"),
    "a pitch of +6 %": through("-af", "asetrate=16960,aresample=16000,atempo=0.9434", *_COPY, container="wav"),
}
CODED = {
    "as they are": PROCESSINGS["as it is"],
    "MP3 at 32 kbit/s": through("-c:a", "libmp3lame", "-b:a", "32k", container="mp3"),
    "MP3 at 64 kbit/s": PROCESSINGS["MP3 at 64 kbit/s"],
    "Vorbis at 32 kbit/s": through("-c:a", "libvorbis", "-b:a", "32k", container="ogg"),
    "AAC at 32 kbit/s": PROCESSINGS["AAC at 32 kbit/s"],
    "Opus at 16 kbit/s": PROCESSINGS["Opus at 16 kbit/s"],
}


def drawn(pairs: Iterable[tuple[Path, Path]], splits: set[str], n: int) -> list[Path]:
    """Return files of real clips of at least 1.5 s of these splits, as many of each corpus, drawn once for all."""
    corpora = [read_corpus(manifest, root) for manifest, root in pairs]
    chosen: list[Path] = []
    for corpus in corpora:
        frame = corpus.frame
        long = pd.to_numeric(frame["seconds"], errors="coerce").fillna(2.0) >= 1.5
        rows = frame[(frame["label"] == "bonafide") & frame["split"].isin(splits) & long]
        sample = rows.sample(min(n // len(corpora), len(rows)), random_state=SEED)
        chosen += [corpus.root / path for path in sample["path"]]
    return chosen


def read_clip(path: Path) -> Sound:
    """Return the start of a clip."""
    return decode(path).waveform[: round(CLIP_S * SAMPLE_RATE)]


def lowest_bar(values: Sequence[float]) -> float:
    """Return the lowest bar that at most one real clip of 500 passes."""
    return next(float(round(bar, 2)) for bar in (*BARS, 1.0) if np.mean(np.array(values) > bar) <= MOST_FALSE)


def share(count: int, n: int) -> str:
    """Return a share with its interval, and what was counted."""
    return f"{rate(count / n, wilson(count, n))} ({count} of {n})"


def holes(clips: Sequence[Sound]) -> pd.DataFrame:
    """Return the share of clips with the holes of a codec, after each codec."""
    rows = []
    for name, coded in CODED.items():
        found = [measure_samples(coded(clip).astype(np.float64), SAMPLE_RATE)["holes"] for clip in clips]
        known = [value for value in found if value is not None]
        rows.append((name, share(sum(value >= MOST_HOLES for value in known), len(known))))
    return pd.DataFrame(rows, columns=["real clips", "with holes"])


def survival(clips: Sequence[Sound], encoder: MarkEncoder, decoder: MarkDecoder, bar: float) -> pd.DataFrame:
    """Return the share of marks that are still read, after each processing."""
    marked, rows = [encoder.mark(clip) for clip in clips], []
    for name, processed in PROCESSINGS.items():
        values = np.array([read_mark(processed(clip), decoder) for clip in marked])
        rows.append((name, int((values > bar).sum()), len(values), f"{np.median(values):.2f}"))
        print(*rows[-1], sep="; ", flush=True)
    return pd.DataFrame(rows, columns=["the marked clip", "found", "of", "median reading"])


def write_document(blocks: dict[str, str]) -> None:
    """Write what stands between the markers of each name anew."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, content in blocks.items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        head, tail = text.split(start)[0], text.split(end)[1]
        text = f"{head}{start}\n{content}\n{end}{tail}"
    DOCUMENT.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure, and write the document and the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--manifest", type=Path, action="append", required=True)
    parser.add_argument("--root", type=Path, action="append", required=True)
    parser.add_argument("--real", type=int, default=520)
    parser.add_argument("--marked", type=int, default=40)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    import_perth(asked.weights, FOLDER)
    decoder, encoder = shipped_decoder(), MarkEncoder(read_published(asked.weights))
    pairs = list(zip(asked.manifest, asked.root, strict=True))
    chosen = [read_mark(read_clip(path), decoder) for path in drawn(pairs, {"train"}, asked.real)]
    bar = lowest_bar(chosen)
    print(f"bar {bar} on {len(chosen)} clips, the largest {max(chosen):.2f}", flush=True)
    clips = [read_clip(path) for path in drawn(pairs, {"dev", "eval"}, asked.real)]
    values = [read_mark(clip, decoder) for clip in clips]
    false = sum(value > bar for value in values)
    print(f"false alarms {false} of {len(values)}, the largest {max(values):.2f}", flush=True)
    picked = np.random.default_rng(SEED).choice(len(clips), asked.marked, replace=False)
    survived = survival([clips[k] for k in picked], encoder, decoder, bar)
    counted = holes([clips[k] for k in picked])
    low, high = wilson(false, len(values))
    figures = {
        "bar": bar, "false_alarms": false, "real_clips": len(values), "false_alarm_rate": false / len(values),
        "false_alarm_interval": [low, high], "chosen_on": len(chosen),
        "survival": {row[0]: row[1:3] for row in survived.itertuples(index=False, name=None)},
    }  # fmt: skip
    known = {key: value for key, value in mark_card().items() if key not in ("card_sha256", *figures)}
    write_card(FOLDER, {**known, **figures})
    lead = (
        f"Clips are cut to {CLIP_S:.0f} s. The bar is {bar:.2f}: of {len(chosen)} real ones (split `train`) at most "
        f"one in 500 passes it, the largest reading is {max(chosen):.2f}. Of {len(values)} other real clips (`dev` and "
        f"`eval`) {share(false, len(values))} pass it, the largest reading is {max(values):.2f}."
    )
    counts = zip(survived.pop("found"), survived.pop("of"), strict=True)
    survived.insert(1, "mark found", [share(found, of) for found, of in counts])
    write_document({
        "marks": lead + "\n\n" + text_table(survived, markdown=True), "holes": text_table(counted, markdown=True),
    })  # fmt: skip


if __name__ == "__main__":
    main()
