"""From a folder of recordings to a corpus that can be trained on, and nothing half-written."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.cli import main
from core.corpus.table import read_corpus
from core.errors import CorpusError, UnknownNameError
from trainers.spoofing import folder as module
from trainers.spoofing.base import SpoofingError
from trainers.spoofing.folder import Settings, choose_systems, spoof_folder
from trainers.spoofing.systems.world import World
from trainers.spoofing.texts import SENTENCES, read_texts
from trainers.waveforms import Waveforms

REPOSITORY = Path(__file__).resolve().parents[3]
RATE = 16000
QUICK = Settings(("lpc", "pvoc-vc", "world"), per_clip=2, licence="CC0", dataset="mine")


def read(out, **more):
    corpus = read_corpus(out / "manifest.csv", out, verify=True, **more)
    assert corpus.problems == ()
    return corpus


def test_the_command_makes_a_corpus_that_leaks_nothing_and_lists_the_broken_file(mine, tmp_path, capsys):
    out = tmp_path / "corpus"
    command = [sys.executable, "-m", "trainers", "spoof", str(mine), "-o", str(out), "--licence", "CC0"]
    done = subprocess.run(
        [*command, "--systems", "griffinlim,lpc, pvoc-vc", "--per-clip", "2"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "left out: broken.wav: “broken.wav” is not audio" in done.stderr
    assert "griffinlim 2, lpc 2, pvoc-vc 2; 1 left out." in done.stdout
    frame = read(out).frame
    assert Counter(frame["label"]) == {"bonafide": 3, "spoof": 6}
    assert set(frame["split"]) == {"train", "dev", "eval"}
    assert (set(frame["part"]), set(frame["licence"]), set(frame["dataset"])) == ({"made"}, {"CC0"}, {"my voice"})
    assert main(["audit", "--manifest", str(out / "manifest.csv"), "--root", str(out)]) == 0
    assert "9 rows compared. Nothing leaks" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "my voice"]


def test_recordings_of_all_kinds_are_taken_and_sound_that_is_not_read_is_reported(recorded, tmp_path, caplog):
    folder = tmp_path / "all kinds"
    folder.mkdir()
    for old, new in (("One.wav", "one.w64"), ("calls/two.flac", "two.caf"), ("calls/old/three.ogg", "three.oga")):
        samples, rate = soundfile.read(recorded / old)
        kind = {"one.w64": "W64", "two.caf": "CAF", "three.oga": "OGG"}[new]
        soundfile.write(folder / new, samples, rate, format=kind)
    (folder / "music.dff").write_text("sound")
    with caplog.at_level("WARNING"):
        outcome = spoof_folder(folder, tmp_path / "corpus", QUICK)
    assert Counter(row.label for row in outcome.rows) == {"bonafide": 3, "spoof": 6}
    assert "1 file is left out, in formats that are not read (.dff): music.dff." in caplog.text


@pytest.fixture(scope="module")
def made_once(recorded, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "corpus"
    spoof_folder(recorded, out, QUICK)
    return out


@pytest.fixture
def corpus(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "corpus"))


def test_spoofs_share_source_split_and_path_with_their_recording(corpus):
    frame = read(corpus).frame
    for _, clips in frame.groupby("source"):
        assert Counter(clips["label"]) == {"bonafide": 1, "spoof": 2}
        assert clips["split"].nunique() == 1
        assert clips["seconds"].max() - clips["seconds"].min() < 0.5
    formats = {
        (info.format, info.subtype, info.samplerate, info.channels)
        for info in (soundfile.info(corpus / path) for path in frame["path"])
    }
    assert formats == {("FLAC", "PCM_16", RATE, 1)}
    assert dict(zip(frame["system"], frame["kind"], strict=True)) == {
        "-": "-", "lpc": "vocoder", "world": "vocoder", "pvoc-vc": "vc",
    }  # fmt: skip


def test_the_trainers_read_it(corpus, tmp_path):
    clips = read(corpus, split="train")
    waves = Waveforms(clips, tmp_path / "cache")
    assert len(waves) == len(clips.frame) == 3
    seconds = [len(waves[row]) / RATE for row in range(3)]
    assert seconds == pytest.approx(list(clips.frame["seconds"]), abs=1e-3)


def test_the_record_says_how_it_was_made(corpus):
    record = json.loads((corpus / "spoofing.json").read_text())
    assert (record["systems"], record["seed"], record["clips"]) == (["lpc", "pvoc-vc", "world"], 1234, 9)
    assert [skipped["what"] for skipped in record["skipped"]] == ["broken.wav"]


def test_the_same_seed_makes_the_same_files_and_another_others(mine, corpus, tmp_path):
    spoof_folder(mine, tmp_path / "again", QUICK)
    assert (tmp_path / "again/manifest.csv").read_bytes() == (corpus / "manifest.csv").read_bytes()
    spoof_folder(mine, tmp_path / "other", Settings(("pvoc-vc",), per_clip=1, seed=5))
    digests = {row.path: row.sha256 for row in read(corpus).frame.itertuples()}
    for row in read(tmp_path / "other").frame.itertuples():
        assert digests.get(row.path) != row.sha256


@pytest.mark.slow
def test_several_workers_make_the_same_files(mine, corpus, tmp_path):
    spoof_folder(mine, tmp_path / "again", QUICK, workers=2)
    assert (tmp_path / "again/manifest.csv").read_bytes() == (corpus / "manifest.csv").read_bytes()


def test_text_to_speech_has_the_text_for_its_source(mine, tmp_path, programs):
    out, texts = tmp_path / "corpus", ("One text.", "Another text.", "A third one.")
    spoof_folder(mine, out, Settings(("flite", "lpc"), per_clip=1, texts=texts))
    frame = read(out).frame
    spoken = frame[frame["kind"] == "tts"]
    assert len(spoken) == 3 and spoken["source"].nunique() == 3
    assert spoken["source"].str.startswith("text-").all() and spoken["speaker"].str.startswith("flite/").all()
    for name in ("train", "dev", "eval"):
        assert set(frame.loc[frame["split"] == name, "system"]) == {"-", "flite", "lpc"}
    # By names alone: two short texts of one voice may sound alike.
    assert main(["audit", "--quick", "--manifest", str(out / "manifest.csv"), "--root", str(out)]) == 0


def test_a_long_recording_is_cut_and_its_pieces_share_a_source(mine, tmp_path, speech):
    soundfile.write(mine / "long.wav", np.tile(speech, 3), RATE)
    spoof_folder(mine, tmp_path / "corpus", Settings(("pvoc-vc",), per_clip=1, longest_s=5.0))
    frame = read(tmp_path / "corpus").frame
    pieces = frame[frame["source"].str.startswith("long-")]
    assert Counter(pieces["label"]) == {"bonafide": 3, "spoof": 3}
    assert (pieces["source"].nunique(), pieces["split"].nunique()) == (1, 1)
    assert pieces["seconds"].max() < 4.1


def test_a_recording_that_is_there_twice_is_used_once(mine, tmp_path):
    waveform, _ = soundfile.read(mine / "One.wav")
    soundfile.write(mine / "copy.flac", waveform, RATE)
    outcome = spoof_folder(mine, tmp_path / "corpus", Settings(("pvoc-vc",), per_clip=1))
    assert len(outcome.rows) == 6
    assert ("copy.flac", "it sounds the same as One.wav") in outcome.skipped


def test_a_spoof_that_fails_is_listed_and_the_others_are_made(mine, tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("no voice found")

    monkeypatch.setattr(World, "render", fail)
    outcome = spoof_folder(mine, tmp_path / "corpus", QUICK)
    assert Counter(row.system for row in outcome.rows) == {"-": 3, "lpc": 2, "pvoc-vc": 2}
    assert [skipped.why for skipped in outcome.skipped if " by world" in skipped.what] == ["no voice found"] * 2


def test_an_interrupted_work_leaves_nothing(mine, tmp_path, monkeypatch):
    made = module.make

    def interrupted(job):
        if job.name.startswith("three"):
            raise KeyboardInterrupt
        return made(job)

    monkeypatch.setattr(module, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        spoof_folder(mine, tmp_path / "corpus", QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["my voice"]


def test_what_exists_is_replaced_only_when_asked_and_only_when_made_here(mine, corpus, tmp_path):
    before = (corpus / "manifest.csv").read_bytes()
    with pytest.raises(SpoofingError, match="exists already: choose another folder, or replace it with --overwrite"):
        spoof_folder(mine, corpus, QUICK)
    assert (corpus / "manifest.csv").read_bytes() == before
    spoof_folder(mine, corpus, Settings(("pvoc-vc",), per_clip=1), overwrite=True)
    assert len(read(corpus).frame) == 6
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("mine")
    with pytest.raises(SpoofingError, match="was not made by this command"):
        spoof_folder(mine, tmp_path / "thesis", QUICK, overwrite=True)
    assert (tmp_path / "thesis/chapter.tex").read_text() == "mine"


@pytest.mark.parametrize("place", ["my voice/corpus", ".", "my voice"])
def test_a_corpus_and_its_recordings_do_not_lie_in_one_another(mine, tmp_path, place):
    with pytest.raises(SpoofingError, match="lie in one another"):
        spoof_folder(mine, tmp_path / place, QUICK, overwrite=True)


def test_fewer_than_three_recordings_are_refused_and_nothing_is_written(mine, tmp_path):
    (mine / "One.wav").write_bytes(b"RIFF but no sound either")
    with pytest.raises(SpoofingError, match="Only 2 recordings can be used"):
        spoof_folder(mine, tmp_path / "corpus", QUICK)
    for path in mine.rglob("*.*"):
        path.unlink()
    with pytest.raises(SpoofingError, match="has 0 recordings"):
        spoof_folder(mine, tmp_path / "corpus", QUICK)
    with pytest.raises(CorpusError, match="is not a folder"):
        spoof_folder(tmp_path / "nowhere", tmp_path / "corpus", QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["my voice"]


def test_systems_that_are_not_named_are_all_that_can_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    chosen, absent = choose_systems([])
    assert {"griffinlim", "lpc", "psola-vc", "pvoc-vc", "world", "world-vc"} <= set(chosen)
    assert {"espeak-ng", "festival", "flite"} <= set(absent)
    with pytest.raises(SpoofingError, match="flite cannot run here: the program flite is not installed"):
        choose_systems(["world", "flite"])
    with pytest.raises(UnknownNameError, match="'nothing'; there are: dac, encodec"):
        choose_systems(["nothing"])


def test_texts_are_one_a_line_and_ours_where_there_are_none(tmp_path):
    assert read_texts(None) == SENTENCES and len(set(SENTENCES)) == len(SENTENCES) >= 20
    path = tmp_path / "texts.txt"
    path.write_text("Eins.\n\n  Zwei.\nEins.\nDrei.\n", encoding="utf-8")
    assert read_texts(path) == ("Eins.", "Zwei.", "Drei.")
    path.write_text("Eins.\n")
    with pytest.raises(SpoofingError, match="has 1 texts"):
        read_texts(path)
    with pytest.raises(SpoofingError, match="cannot be read"):
        read_texts(tmp_path)
