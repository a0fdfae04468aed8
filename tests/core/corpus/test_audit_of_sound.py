"""Leaks that only the sound shows, and classes that differ in silence: found where planted, and quiet without."""

import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr

from core.audio.clip import SAMPLE_RATE, Clip, DecodeRecord
from core.audio.fingerprint import fingerprint
from core.audio.perturbations import round_trip
from core.corpus.audit import audit, fix
from core.corpus.table import read_corpus


def load(path):
    waveform, _ = soundfile.read(path, dtype="float32")
    seconds = len(waveform) / SAMPLE_RATE
    return Clip(path.name, waveform, DecodeRecord("WAV", "PCM_16", SAMPLE_RATE, 1, seconds, seconds), path)


@pytest.fixture(scope="module")
def pieces(recordings):
    """A second and a half each of real voices."""
    found = []
    for path in recordings.values():
        wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = soxr.resample(wave.mean(axis=1), rate, SAMPLE_RATE).astype(np.float32)
        found += [mono[start : start + 24_000] for start in range(0, len(mono) - 24_000, 24_000)]
    return found[:24]


def corpus_of(folder, waves, labels, splits):
    for n, wave in enumerate(waves):
        soundfile.write(folder / f"{n}.wav", wave, SAMPLE_RATE, subtype="PCM_16")
    table = pd.DataFrame({"path": [f"{n}.wav" for n in range(len(waves))], "label": labels, "split": splits})
    table.to_csv(folder / "m.csv", index=False)
    return read_corpus(folder / "m.csv", folder)


def test_a_recording_coded_anew_in_another_split_leaks(tmp_path, pieces):
    coded = round_trip(pieces[3] * np.float32(0.5), "OGG", "OPUS", SAMPLE_RATE, compression_level=0.9)
    splits = ["train"] * (len(pieces) - 4) + ["dev"] * 4 + ["eval"]
    corpus = corpus_of(tmp_path, [*pieces, coded], "real", splits)
    report = audit(corpus, load=load, measure=False)
    rows = report.findings[["kind", "severity", "splits", "paths"]].values.tolist()
    assert rows == [["same-recording", "leak", ("train", "eval"), ("3.wav", f"{len(pieces)}.wav")]]
    assert f"{len(pieces)}.wav" not in set(fix(corpus, report)["path"])


def test_clips_of_a_training_set_are_found(tmp_path, pieces):
    corpus = corpus_of(tmp_path, pieces[:6], "real", "eval")
    known = np.array([fingerprint(piece) for piece in (pieces[2], pieces[4], *pieces[8:])])
    report = audit(corpus, load=load, measure=False, known=known)
    assert (report.trained, report.searched) == ((2, 4), 6)
    assert report.summary(corpus)["trained_paths"] == ["2.wav", "4.wav"]


@pytest.mark.parametrize("planted", [False, True])
def test_planted_silence_is_found(tmp_path, pieces, planted):
    labels = ["real" if n % 2 else "fake" for n in range(len(pieces))]
    silence = np.zeros(8_000, np.float32)
    waves = [
        np.concatenate([silence, wave]) if planted and label == "fake" else wave
        for wave, label in zip(pieces, labels, strict=True)
    ]
    report = audit(corpus_of(tmp_path, waves, labels, "eval"), load=load)
    found = {shortcut.name: shortcut for shortcut in report.shortcuts}
    assert (found["leading_silence_s"].weight == "solved") is planted
    assert not any(found[name].weight == "solved" for name in ("dc", "snr_db", "speaking_rate"))
    assert report.findings.empty and not report.has_leak
