"""Every hostile recording is classified as the corpus expects, and nothing hangs, dies or is left behind."""

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import decode as decoding
from core.audio.clip import Clip
from core.audio.pool import DecoderPool
from core.errors import AudioError

# One second of sound under a header that claims years: so few bytes cannot hold them, and the second is read.
READ_FOR_ALL_THEIR_CLAIMS = {"audio/liar_vorbis_granule.ogg", "audio/liar_mp3_xing.mp3"}


@dataclass(frozen=True)
class Outcome:
    file: str
    category: str
    expected: str
    result: Clip | AudioError


@dataclass(frozen=True)
class Observation:
    outcomes: list[Outcome]
    stray: dict[str, set[str]]
    pids_before: list[int]
    pids_after: list[int]


def listing(folder: Path) -> set[str]:
    return {os.path.relpath(Path(root) / name, folder) for root, _, names in os.walk(folder) for name in names}


@pytest.fixture(scope="module")
def hostile(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "corpus"
    command = [sys.executable, str(shared / "hostile" / "make_hostile.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def observed(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observation]:
    with open(hostile / "expected.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith("audio/")]
    # Whatever a decoder might write goes to folders of its own, where it is seen.
    before = Path.cwd(), tempfile.tempdir
    folders = {name: tmp_path_factory.mktemp(name) for name in ("cwd", "tmp")}
    folders["hostile"] = hostile
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folders["cwd"])
        patch.setenv("TMPDIR", str(folders["tmp"]))
        patch.setattr(tempfile, "tempdir", str(folders["tmp"]))
        patch.setattr(decoding, "_pool", DecoderPool(size=2))
        decoding.warm()
        pids = decoding._shared_pool().pids()
        listed = {name: listing(folder) for name, folder in folders.items()}
        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(lambda row: decode_row(hostile, row), rows))
        stray = {name: listing(folder) ^ listed[name] for name, folder in folders.items()}
        decoding.warm()
        after = decoding._shared_pool().pids()
        yield Observation(outcomes, stray, pids, after)
        decoding.shutdown()
    assert (Path.cwd(), tempfile.tempdir) == before


def decode_row(hostile: Path, row: dict[str, str]) -> Outcome:
    result: Clip | AudioError
    try:
        result = decoding.decode(hostile / row["file"])
    except AudioError as error:
        result = error
    return Outcome(row["file"], row["category"], row["expected"], result)


def test_every_recording_is_classified_as_expected(observed: Observation) -> None:
    assert len(observed.outcomes) > 200
    wrong = [
        (one.file, one.expected, str(one.result)[:200])
        for one in observed.outcomes
        if one.expected != ("reject" if isinstance(one.result, AudioError) else "ok")
        and one.file not in READ_FOR_ALL_THEIR_CLAIMS
    ]
    assert wrong == []


def test_a_claim_that_the_bytes_cannot_hold_is_noted_and_not_believed(observed: Observation) -> None:
    clips = [one.result for one in observed.outcomes if one.file in READ_FOR_ALL_THEIR_CLAIMS]
    assert len(clips) == 2
    for clip in clips:
        assert isinstance(clip, Clip) and abs(clip.duration_s - 1.0) < 0.05
        assert any("more than so few bytes can hold" in note for note in clip.record.notes)


def test_what_is_accepted_is_finite_mono_and_audible(observed: Observation) -> None:
    clips = [one.result for one in observed.outcomes if isinstance(one.result, Clip)]
    assert clips
    for clip in clips:
        assert clip.waveform.dtype == np.float32 and clip.waveform.ndim == 1
        assert np.isfinite(clip.waveform).all()
        assert clip.waveform.std() > 0
        assert np.isclose(clip.record.used_s + clip.record.dropped_s, clip.record.duration_s)
        assert abs(clip.duration_s - clip.record.used_s) < 1e-3


def test_every_refusal_is_one_clear_sentence(observed: Observation) -> None:
    for one in observed.outcomes:
        if isinstance(one.result, AudioError):
            message = str(one.result)
            assert message.startswith("“") and message.endswith(".") and ". " not in message.split("” ")[-1]
            assert message.isprintable() and len(message) < 300
            assert "Error" not in message and "Traceback" not in message


def test_refusals_wait_for_no_clock(observed: Observation) -> None:
    # Each comes of what was read or of the processor time that it cost, which the kernel counts.
    late = [one.file for one in observed.outcomes if "busy" in str(one.result)]
    assert late == []


def test_no_stray_file_appears(observed: Observation) -> None:
    assert observed.stray == {"cwd": set(), "tmp": set(), "hostile": set()}


def test_the_pool_is_whole_and_usable_afterwards(observed: Observation, tmp_path: Path) -> None:
    assert len(observed.pids_after) == 2
    soundfile.write(tmp_path / "a.wav", 0.1 * np.random.default_rng(0).standard_normal(16000), 16000)
    assert decoding.decode(tmp_path / "a.wav").duration_s == 1.0


def test_only_a_file_that_computes_for_ever_costs_a_child(observed: Observation) -> None:
    ended = [one.file for one in observed.outcomes if "too long to decode" in str(one.result)]
    # Some kilobytes of FLAC that hold days of silence, whatever their headers count.
    assert set(ended) <= {"audio/bomb_flac_hidden_total.flac", "audio/bomb_flac_lying_total.flac"}
    assert len(set(observed.pids_before) - set(observed.pids_after)) <= len(ended)
