"""A corpus becomes a run: every clip once, what cannot be decoded listed, nothing scored twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import Calibration, p_spoof
from core.analysis.fusion import Combination
from core.analysis.verdict import Decision
from core.corpus.opened import open_corpus
from core.corpus.table import read_corpus
from core.detectors import checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.errors import ResultsError, ScoringError
from core.fusion import Fusion
from core.results import keys
from core.results.fill import Tally, score_corpus
from core.results.keys import clips_key, detector_digest
from core.results.measured import MEASURED, measured_key, read_measured
from core.results.parts import part_folder
from core.results.store import read_run
from core.scoring.executors.process import Processes
from core.usecases import analyse_file, load_panel


@pytest.fixture
def panel(shipped_small):
    return load_panel()


@pytest.fixture(scope="module")
def corpus(small_corpus):
    return read_corpus(small_corpus / "manifest.csv", small_corpus, split="eval")


@pytest.fixture(scope="module")
def whole(corpus, small_checkpoints, tmp_path_factory):
    """The run of the corpus by both detectors; not to be changed."""
    panel = load_panel(sorted(small_checkpoints.iterdir()))
    return score_corpus(corpus, panel, tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of that run's folder, the test's own."""
    return Path(shutil.copytree(whole.folder, tmp_path / "run"))


class Calls(Counter[str]):
    """How often each detector has scored a clip; from ``last`` scores on the next is interrupted."""

    last: int | None = None


@pytest.fixture
def calls(monkeypatch):
    counts, score = Calls(), Detector.score

    def counted(self, waveform):
        if counts.last is not None and counts.total() >= counts.last:
            counts.last = None
            raise KeyboardInterrupt
        answer = score(self, waveform)
        counts[self.name] += 1
        return answer

    monkeypatch.setattr(Detector, "score", counted)
    return counts


@pytest.fixture
def shipped_copy(small_checkpoints, tmp_path, monkeypatch):
    """A copy of the small checkpoints that a test may add to."""
    folder = tmp_path / "checkpoints"
    shutil.copytree(small_checkpoints, folder)
    monkeypatch.setattr(checkpoint, "SHIPPED", folder)
    return folder


def recarded(folder, name, *, rename=None, **changes):
    """Write a checkpoint again with another card, its weights the same."""
    detector = checkpoint.load_detector(folder / name)
    card = detector.card.model_copy(update={"name": rename or name, **changes})
    checkpoint.save_checkpoint(folder / card.name, detector.network, card, overwrite=True)


def same(one, other):
    pd.testing.assert_frame_equal(one.scores, other.scores)
    pd.testing.assert_frame_equal(one.windows, other.windows)
    pd.testing.assert_frame_equal(one.panel, other.panel)
    for name in one.detectors:
        # One detector alone has more threads than several at once, and adds in another order.
        np.testing.assert_allclose(one.embeddings(name), other.embeddings(name), rtol=1e-4, atol=1e-6)


def test_a_run_holds_what_the_panel_scores_for_each_clip(corpus, panel, whole):
    run = whole
    assert run.clips["path"].tolist() == corpus.frame["path"].tolist()
    assert len(run.scores) == 2 * len(corpus.frame)
    for number in (0, 11):
        path = run.clips["path"][number]
        answer = analyse_file(corpus.root / path, panel)
        fused = run.panel.set_index("path").loc[path]
        assert fused["score"] == pytest.approx(answer.score, abs=1e-6)
        assert fused["verdict"] == panel.decision.verdict(answer.score)
        for name, result in answer.detectors.items():
            row = run.scores[(run.scores["path"] == path) & (run.scores["detector"] == name)].iloc[0]
            assert (row["raw"], row["score"]) == pytest.approx((result.raw, result.score), abs=1e-6)
            assert row["p_spoof"] == pytest.approx(float(p_spoof(row["score"])))
            assert row["verdict"] == result.verdict
            windows = run.windows[(run.windows["path"] == path) & (run.windows["detector"] == name)]
            assert windows["end_s"].tolist() == [w.end_s for w in result.windows]
            assert windows["score"].tolist() == pytest.approx([w.score for w in result.windows], abs=1e-6)
            np.testing.assert_allclose(run.embeddings(name)[number], result.embedding, atol=1e-5)


def test_reconstruction_errors_are_those_of_the_autoencoder(whole):
    run = whole
    assert run.errors["detector"].unique().tolist() == ["small-cae"]
    assert run.errors["path"].tolist() == run.clips["path"].tolist()
    bands = run.errors[["static", "delta", "delta-delta"]].mean(axis=1)
    np.testing.assert_allclose(bands, run.errors["total"], rtol=1e-5)


def test_a_finished_run_is_not_scored_again(corpus, panel, tmp_path, calls):
    first = score_corpus(corpus, panel, tmp_path / "run")
    made = (tmp_path / "run/manifest.json").stat().st_mtime_ns
    tallies, fresh = [], load_panel()
    again = score_corpus(corpus, fresh, tmp_path / "run", tally=tallies.append)
    assert fresh.detectors.loaded == []
    assert calls == {"small-cnn": 12, "small-cae": 12}
    assert tallies == [Tally(clips=0, detectors=0, found=24)]
    assert again.manifest == first.manifest
    assert (tmp_path / "run/manifest.json").stat().st_mtime_ns == made


def test_a_run_that_was_never_measured_is_measured_and_not_scored_again(corpus, panel, whole, folder, calls):
    measured = read_measured(whole.folder, whole.clip_part).table(MEASURED)
    assert measured["seconds"].tolist() == pytest.approx(corpus.frame["seconds"].tolist())
    shutil.rmtree(part_folder(folder, measured_key(whole.clip_part.about["key"])))
    tallies = []
    run = score_corpus(corpus, panel, folder, tally=tallies.append)
    assert calls == {}
    assert tallies == [Tally(clips=12, detectors=0, found=24)]
    pd.testing.assert_frame_equal(read_measured(folder, run.clip_part).table(MEASURED), measured)


def test_a_detector_that_is_added_is_the_only_one_to_score(corpus, shipped_copy, folder, calls):
    before = read_run(folder)
    network = NETWORKS.get("cnn2d-lfcc")(channels=[2, 2, 2])
    card = checkpoint.read_card(shipped_copy / "small-cnn").model_copy(update={"name": "toy"})
    checkpoint.save_checkpoint(shipped_copy / "toy", network, card.model_copy(update={"hyperparameters": {
        "channels": [2, 2, 2]
    }}))  # fmt: skip
    tallies = []
    after = score_corpus(corpus, load_panel(checkpoint.shipped()), folder, tally=tallies.append)
    assert calls == {"toy": 12}
    assert tallies == [Tally(clips=12, detectors=1, found=24)]
    assert after.detectors == ["small-cae", "small-cnn", "toy"]
    same(after.only(before.detectors), before)
    assert set(before.files) < set(after.files)
    # Asked for one alone, the others stay in the folder.
    assert score_corpus(corpus, load_panel(["toy"]), folder).detectors == ["toy"]
    assert read_run(folder).detectors == after.detectors


def test_a_rename_costs_nothing(corpus, shipped_copy, folder, calls):
    before = read_run(folder)
    recarded(shipped_copy, "small-cnn", rename="other-name")
    shutil.rmtree(shipped_copy / "small-cnn")
    after = score_corpus(corpus, load_panel(checkpoint.shipped()), folder)
    assert calls == {}
    assert read_run(folder).detectors == ["other-name", "small-cae"]
    assert after.wide("raw")["other-name"].tolist() == before.wide("raw")["small-cnn"].tolist()


def test_a_rename_of_a_member_leaves_no_fusion_that_names_nobody(corpus, shipped_copy, folder):
    panel, even = load_panel(), Calibration(1.0, 0.0)
    fusion = Fusion(Combination({"small-cnn": 0.5, "small-cae": 0.5}), even, Decision())
    score_corpus(corpus, replace(panel, fusion=fusion), folder)
    recarded(shipped_copy, "small-cae", calibration=even)
    score_corpus(corpus, load_panel(["small-cae"]), folder)
    assert read_run(folder).manifest["fusion"] == fusion.to_json()
    recarded(shipped_copy, "small-cnn", rename="other-name")
    score_corpus(corpus, load_panel(["other-name"]), folder)
    run = read_run(folder)
    assert run.detectors == ["other-name", "small-cae"] and run.manifest["fusion"] is None
    assert np.isfinite(run.llr("panel")).all()


def test_two_names_of_one_detector_are_scored_once_and_share_a_part(corpus, shipped_copy, tmp_path, calls):
    recarded(shipped_copy, "small-cnn", rename="twin")
    run = score_corpus(corpus, load_panel(["small-cnn", "twin"]), tmp_path / "run")
    assert calls.total() == 12
    assert run.wide("raw")["twin"].tolist() == run.wide("raw")["small-cnn"].tolist()
    assert len(list((tmp_path / "run/parts").iterdir())) == 3


def test_another_calibration_needs_no_new_scores(corpus, shipped_copy, folder, calls):
    before = read_run(folder)
    recarded(shipped_copy, "small-cnn", calibration=Calibration(slope=3.0, intercept=-1.0))
    after = score_corpus(corpus, load_panel(), folder)
    assert calls == {}
    assert after.wide("score")["small-cnn"].tolist() == (3.0 * before.wide("raw")["small-cnn"] - 1.0).tolist()
    assert after.digest != before.digest


def test_another_rule_of_scoring_makes_all_scores_anew(corpus, panel, folder, calls, monkeypatch):
    monkeypatch.setattr(keys, "SCORING", keys.SCORING + 1)
    score_corpus(corpus, panel, folder)
    assert calls == {"small-cnn": 12, "small-cae": 12}


def test_a_detector_without_a_digest_is_refused(panel):
    with pytest.raises(ResultsError, match="save it as a checkpoint"):
        detector_digest(panel.card("small-cnn").model_copy(update={"sha256": ""}))


def test_the_run_of_another_corpus_is_not_replaced_unless_asked(corpus, panel, folder):
    fewer = replace(corpus, frame=corpus.frame[:4], digest="another")
    with pytest.raises(ResultsError, match="run of another corpus"):
        score_corpus(fewer, panel, folder)
    run = score_corpus(fewer, load_panel(["small-cnn"]), folder, overwrite=True)
    assert len(run.clips) == 4
    assert read_run(folder).detectors == ["small-cnn"]
    assert len(list((folder / "parts").iterdir())) == 3


def test_overwriting_keeps_the_scores_that_are_asked_for(corpus, panel, tmp_path, calls):
    score_corpus(corpus, panel, tmp_path / "run", embedding_dims=6)
    calls.clear()
    run = score_corpus(corpus, load_panel(["small-cnn"]), tmp_path / "run", overwrite=True)
    assert calls == {}
    assert run.embeddings("small-cnn").shape == (12, 6)
    assert read_run(tmp_path / "run").detectors == ["small-cnn"]
    assert len(list((tmp_path / "run/parts").iterdir())) == 3


def test_a_damaged_part_is_refused_and_scored_again_when_asked(corpus, panel, whole, folder, calls):
    file = read_run(folder).parts["small-cnn"].folder / "scores.parquet"
    broken = bytearray(file.read_bytes())
    broken[len(broken) // 2] ^= 1
    file.write_bytes(broken)
    with pytest.raises(ResultsError, match=str(file)):
        _ = score_corpus(corpus, panel, folder).scores
    same(score_corpus(corpus, panel, folder, overwrite=True), whole)
    assert calls == {"small-cnn": 12}


def test_files_of_somebody_else_are_left_alone(corpus, panel, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/thesis.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(ResultsError, match="other files and no run"):
            score_corpus(corpus, panel, tmp_path / "run", overwrite=overwrite)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "thesis.txt"]


@pytest.mark.parametrize(("call", "lost"), [(0, 0), (12, 0), (13, 1)])
def test_an_interrupted_run_goes_on_and_loses_no_more_than_the_clip_at_work(
    call, lost, corpus, panel, whole, tmp_path, calls
):
    calls.last = call
    with pytest.raises(KeyboardInterrupt):
        score_corpus(corpus, panel, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    same(score_corpus(corpus, panel, tmp_path / "run"), whole)
    assert calls.total() == 24 + lost
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


_KILLED = """
import os, signal, sys
from core.corpus.table import read_corpus
from core.detectors import checkpoint
from core.detectors.detector import Detector
from core.results.fill import score_corpus
from core.usecases import load_panel
checkpoints, root, log, folder = sys.argv[1:]
score, calls = Detector.score, 0
def counted(self, waveform):
    global calls
    calls += 1
    if calls == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    with open(log, "a") as file:
        file.write(f"{len(waveform)}\\n")
    return score(self, waveform)
Detector.score = counted
panel = load_panel([os.path.join(checkpoints, "small-cnn")])
score_corpus(read_corpus(root + "/manifest.csv", root), panel, folder)
"""


def test_a_detector_that_fails_is_named_with_its_clip(corpus, panel, tmp_path, monkeypatch):
    monkeypatch.setattr(Detector, "score", lambda self, waveform: 1 / 0)
    with pytest.raises(ScoringError, match=r"clip-00\.flac: A worker failed: ZeroDivisionError"):
        score_corpus(corpus, panel, tmp_path / "run")


def test_a_killed_process_loses_no_score_and_none_is_made_twice(shipped_small, small_corpus, corpus, tmp_path, calls):
    log, folder = tmp_path / "log", tmp_path / "run"
    command = [sys.executable, "-c", _KILLED, *map(str, (shipped_small, small_corpus, log, folder))]
    repository = Path(__file__).resolve().parents[3]
    assert subprocess.run(command, cwd=repository, timeout=600, check=False).returncode == -9
    run = score_corpus(corpus, load_panel(["small-cnn"]), folder)
    assert len(log.read_text().splitlines()) == 7
    assert calls == {"small-cnn": 12 - 7}
    assert len(run.clips) == len(run.scores) == 12
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "run"]


def test_a_killed_worker_changes_no_byte_of_a_run(corpus, tmp_path, shipped_small):
    pool = Processes(2)
    killed = []

    def kill(done, total):
        if done == 4:
            killed.append(pool.pids()[-1])
            os.kill(killed[-1], signal.SIGKILL)

    run = score_corpus(corpus, load_panel(), tmp_path / "run", executor=pool, progress=kill)
    other = score_corpus(corpus, load_panel(), tmp_path / "other", executor=Processes(1))
    assert len(killed) == 1
    assert run.files == other.files
    assert pool.pids() == []


def test_a_damaged_line_of_a_journal_is_scored_again(corpus, whole, tmp_path, shipped_small, calls):
    alone = load_panel(["small-cnn"])
    calls.last = 9
    with pytest.raises(KeyboardInterrupt):
        score_corpus(corpus, alone, tmp_path / "run")
    (journal,) = [path for path in tmp_path.glob(".run.*/*") if b"embedding" in path.read_bytes()]
    lines = journal.read_bytes().splitlines(keepends=True)
    at = [number for number, line in enumerate(lines) if line.strip()]
    lines[at[2]] = lines[at[2]].replace(b'"raw": ', b'"raw": 1')
    lines[-1] = lines[-1][: len(lines[-1]) // 2]
    journal.write_bytes(b"".join(lines))
    again = score_corpus(corpus, alone, tmp_path / "run")
    assert again.wide("raw")["small-cnn"].tolist() == pytest.approx(whole.wide("raw")["small-cnn"].tolist(), rel=1e-4)
    assert calls == {"small-cnn": 9 + 2 + 3}


def test_a_journal_that_nobody_went_on_with_is_removed_after_a_week(corpus, panel, folder, tmp_path):
    left = tmp_path / ".other.spoofscope-scores"
    left.mkdir()
    for days, there in ((6, True), (8, False)):
        then = time.time() - days * 86_400
        os.utime(left, (then, then))
        score_corpus(corpus, panel, folder)
        assert left.exists() == there


def test_the_order_in_which_detectors_are_named_changes_nothing(corpus, tmp_path, shipped_small):
    one = score_corpus(corpus, load_panel(["small-cnn", "small-cae"]), tmp_path / "run")
    other = score_corpus(corpus, load_panel(["small-cae", "small-cnn"]), tmp_path / "other")
    pd.testing.assert_frame_equal(one.wide("raw"), other.wide("raw")[one.detectors])
    np.testing.assert_array_equal(one.embeddings("small-cae"), other.embeddings("small-cae"))
    assert read_run(tmp_path / "run").digest == read_run(tmp_path / "other").digest


def test_clips_that_cannot_be_decoded_are_listed_and_the_rest_is_scored(small_corpus, panel, tmp_path):
    root = tmp_path / "corpus"
    shutil.copytree(small_corpus, root)
    (root / "clip-03.flac").write_bytes(b"no audio")
    (root / "clip-04.flac").unlink()
    whole = (root / "clip-05.flac").read_bytes()
    (root / "clip-05.flac").write_bytes(whole[:60])
    corpus = read_corpus(root / "manifest.csv", root)
    run = score_corpus(corpus, panel, tmp_path / "run")
    reasons = {problem["path"]: problem["what"] for problem in run.problems}
    assert set(reasons) == {"clip-03.flac", "clip-04.flac", "clip-05.flac"}
    assert "no such file" in reasons["clip-04.flac"]
    assert run.paths == {f"clip-{n:02d}.flac" for n in range(12)} - set(reasons)
    assert run.scores.groupby("detector").size().to_dict() == {"small-cnn": 9, "small-cae": 9}
    assert run.windows["path"].isin(run.paths).all()


def test_a_clip_that_was_decoded_and_cannot_be_any_more_is_named(small_corpus, tmp_path, shipped_small):
    root = tmp_path / "corpus"
    shutil.copytree(small_corpus, root)
    corpus = read_corpus(root / "manifest.csv", root)
    score_corpus(corpus, load_panel(["small-cnn"]), tmp_path / "run")
    (root / "clip-03.flac").write_bytes(b"no audio")
    with pytest.raises(ResultsError, match=r"clip-03\.flac was scored when the run was made and cannot be now"):
        score_corpus(corpus, load_panel(["small-cae"]), tmp_path / "run")


def test_a_corpus_of_which_nothing_can_be_decoded_is_refused(small_corpus, panel, tmp_path):
    root = tmp_path / "corpus"
    shutil.copytree(small_corpus, root)
    for clip in root.glob("*.flac"):
        clip.write_bytes(b"no audio")
    with pytest.raises(ResultsError, match="Not one of 12 clips"):
        score_corpus(read_corpus(root / "manifest.csv", root), panel, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_wide_embeddings_are_reduced_and_the_manifest_states_how(corpus, panel, whole, tmp_path):
    run = score_corpus(corpus, panel, tmp_path / "run", embedding_dims=9)
    about = run.manifest["detectors"]["small-cnn"]["embedding"]
    assert about["dims"] == whole.embeddings("small-cnn").shape[1] == 720
    assert about["reduced"]["dims"] == 9
    assert 0.5 < about["reduced"]["explained_variance"] <= 1
    assert run.parts["small-cnn"].array("embeddings.npy").dtype == np.float16
    # Distances between clips survive, as the map of them needs.
    far, near = (np.linalg.norm(r.embeddings("small-cnn")[:, None] - r.embeddings("small-cnn"), axis=-1)
                 for r in (whole, run))  # fmt: skip
    assert np.corrcoef(far.ravel(), near.ravel())[0, 1] > 0.98
    again = score_corpus(corpus, panel, tmp_path / "again", embedding_dims=9)
    np.testing.assert_array_equal(again.embeddings("small-cnn"), run.embeddings("small-cnn"))
    # A new clip is placed among them as they were.
    placed = run.project("small-cnn", whole.embeddings("small-cnn")[3])
    np.testing.assert_allclose(placed, run.embeddings("small-cnn")[3], atol=0.02)
    np.testing.assert_array_equal(whole.project("small-cnn", placed), placed)
    assert run.project("nobody", placed) is None


def test_what_embeddings_are_kept_is_settled_when_the_run_is_made(corpus, tmp_path, shipped_small):
    score_corpus(corpus, load_panel(["small-cnn"]), tmp_path / "run", embedding_dims=6)
    with pytest.raises(ResultsError, match="keeps embeddings with 6 dimensions"):
        score_corpus(corpus, load_panel(["small-cae"]), tmp_path / "run", embedding_dims=7)
    assert score_corpus(corpus, load_panel(["small-cae"]), tmp_path / "run").embeddings("small-cae").shape == (12, 6)


def test_the_key_of_the_clips_knows_corpus_split_and_paths(corpus):
    key = clips_key(corpus, split="eval")
    assert key == clips_key(replace(corpus, frame=corpus.frame[::-1]), split="eval")
    assert key != clips_key(corpus, split="dev")
    assert key != clips_key(replace(corpus, frame=corpus.frame[:5]), split="eval")
    assert key != clips_key(replace(corpus, digest="another"), split="eval")


def test_another_recording_in_the_place_of_one_is_another_clip(small_corpus, panel, tmp_path):
    place = tmp_path / "recordings"
    place.mkdir()
    sounds = sorted(small_corpus.rglob("*.flac"))
    for number in range(3):
        shutil.copy(sounds[number], place / f"{number}.flac")
    key = clips_key(open_corpus(place), split=None)
    assert key == clips_key(open_corpus(place), split=None)
    shutil.copy(sounds[5], place / "0.flac")
    assert key != clips_key(open_corpus(place), split=None)


def test_two_processes_do_not_fill_one_run_at_once(corpus, shipped_small, tmp_path):
    cnn, cae = load_panel(["small-cnn"]), load_panel(["small-cae"])
    refused = []

    def meanwhile(done, total):
        if done == 5:
            with pytest.raises(ResultsError, match="Another process is filling") as error:
                score_corpus(corpus, cae, tmp_path / "run")
            refused.append(error)

    score_corpus(corpus, cnn, tmp_path / "run", progress=meanwhile)
    assert len(refused) == 1
    score_corpus(corpus, cae, tmp_path / "run")
    assert read_run(tmp_path / "run").detectors == ["small-cae", "small-cnn"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_progress_goes_to_the_end(corpus, tmp_path, shipped_small):
    panel, steps = load_panel(["small-cnn"]), []
    score_corpus(corpus, panel, tmp_path / "run", progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 12) for done in range(13)]


def test_an_audit_stays_with_the_run(corpus, tmp_path, shipped_small):
    panel = load_panel(["small-cnn"])
    score_corpus(corpus, panel, tmp_path / "run", audited={"rows": 12})
    assert score_corpus(corpus, panel, tmp_path / "run").manifest["corpus"]["audit"] == {"rows": 12}
    assert json.loads((tmp_path / "run/manifest.json").read_text())["corpus"]["audit"] == {"rows": 12}


def test_a_path_in_two_splits_is_scored_once(corpus, tmp_path, shipped_small):
    doubled = replace(corpus, frame=pd.concat([corpus.frame, corpus.frame[:3].assign(split="dev")]))
    run = score_corpus(doubled, load_panel(["small-cnn"]), tmp_path / "run")
    assert run.clips["path"].tolist() == corpus.frame["path"].tolist()


def test_a_manifests_own_columns_are_kept_numbers_as_such(corpus, panel, tmp_path):
    n = len(corpus.frame)
    takes = [str(number) for number in range(n - 1)] + ["-"]
    own = corpus.frame.assign(room=["hall", "booth"] * (n // 2), take=takes)
    run = score_corpus(replace(corpus, frame=own), panel, tmp_path / "run")
    assert run.column("room").tolist() == own["room"].tolist()
    assert run.column("room").dtype == "category"
    assert run.column("take").to_numpy()[:-1].tolist() == list(range(n - 1))
    assert np.isnan(run.column("take").iloc[-1])
    assert {"page", "licence"} <= set(run.columns)
