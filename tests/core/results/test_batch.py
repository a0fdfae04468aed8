"""A corpus becomes a run: every clip once, what cannot be heard listed, nothing done twice."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.analysis.calibration import p_spoof
from core.corpus.table import read_corpus
from core.errors import ResultsError
from core.results import batch as engine
from core.results.batch import run_digest, score_corpus
from core.results.chunks import read_chunk
from core.usecases import analyse_file, load_panel


@pytest.fixture
def panel(shipped_small):
    return load_panel()


@pytest.fixture
def corpus(small_corpus):
    return read_corpus(small_corpus / "manifest.csv", small_corpus, split="eval")


@pytest.fixture
def forbidden(monkeypatch):
    def refuse(*_):
        raise AssertionError("a clip was heard again")

    return lambda: monkeypatch.setattr(engine, "_say", refuse)


def same(one, other):
    pd.testing.assert_frame_equal(one.scores, other.scores)
    pd.testing.assert_frame_equal(one.windows, other.windows)
    pd.testing.assert_frame_equal(one.panel, other.panel)
    for name in one.detectors:
        np.testing.assert_array_equal(one.embeddings(name), other.embeddings(name))


def test_a_run_says_what_the_panel_says_of_each_clip(corpus, panel, tmp_path):
    run = score_corpus(corpus, panel, tmp_path / "run", split="eval")
    assert run.clips["path"].tolist() == corpus.frame["path"].tolist()
    assert len(run.scores) == 2 * len(corpus.frame)
    for row in (0, 11):
        path = run.clips["path"][row]
        heard = analyse_file(corpus.root / path, panel)
        fused = run.panel.set_index("path").loc[path]
        assert fused["score"] == pytest.approx(heard.score, abs=1e-6)
        assert fused["verdict"] == heard.verdict
        for name, result in heard.detectors.items():
            said = run.scores[(run.scores["path"] == path) & (run.scores["detector"] == name)].iloc[0]
            assert (said["raw"], said["score"]) == pytest.approx((result.raw, result.score), abs=1e-6)
            assert said["p_spoof"] == pytest.approx(float(p_spoof(said["score"])))
            assert said["verdict"] == result.verdict
            windows = run.windows[(run.windows["path"] == path) & (run.windows["detector"] == name)]
            assert windows["end_s"].tolist() == [w.end_s for w in result.windows]
            assert windows["score"].tolist() == pytest.approx([w.score for w in result.windows], abs=1e-6)
            np.testing.assert_allclose(run.embeddings(name)[row], result.embedding, atol=1e-5)


def test_reconstruction_errors_are_those_of_the_autoencoder(corpus, panel, tmp_path):
    run = score_corpus(corpus, panel, tmp_path / "run")
    assert run.errors["detector"].unique().tolist() == ["small-cae"]
    assert run.errors["path"].tolist() == run.clips["path"].tolist()
    bands = run.errors[["static", "delta", "delta-delta"]].mean(axis=1)
    np.testing.assert_allclose(bands, run.errors["total"], rtol=1e-5)


def test_a_finished_run_is_not_scored_again(corpus, panel, tmp_path, forbidden):
    first = score_corpus(corpus, panel, tmp_path / "run")
    made = (tmp_path / "run/manifest.json").stat().st_mtime_ns
    forbidden()
    again = score_corpus(corpus, panel, tmp_path / "run")
    assert again.manifest == first.manifest
    assert (tmp_path / "run/manifest.json").stat().st_mtime_ns == made


def test_another_run_in_the_folder_is_not_replaced_unless_asked(corpus, panel, tmp_path):
    score_corpus(corpus, panel, tmp_path / "run")
    alone = load_panel(["small-cnn"])
    with pytest.raises(ResultsError, match="holds another run"):
        score_corpus(corpus, alone, tmp_path / "run")
    assert score_corpus(corpus, alone, tmp_path / "run", overwrite=True).detectors == ["small-cnn"]


def test_a_killed_run_goes_on_and_ends_the_same(corpus, panel, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_CHUNK", 4)
    whole = score_corpus(corpus, panel, tmp_path / "whole")
    say, count = engine._say, iter(range(1000))

    def dying(detector, clip):
        if next(count) == 13:
            raise KeyboardInterrupt
        return say(detector, clip)

    monkeypatch.setattr(engine, "_say", dying)
    with pytest.raises(KeyboardInterrupt):
        score_corpus(corpus, panel, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    same(score_corpus(corpus, panel, tmp_path / "run"), whole)
    # Four clips of two detectors were kept, the rest heard: 14 calls before the end, 16 after it.
    assert next(count) == 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "whole"]


def test_a_damaged_chunk_is_heard_again(corpus, panel, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_CHUNK", 4)
    whole = score_corpus(corpus, panel, tmp_path / "whole")
    monkeypatch.setattr(engine, "write_run", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        score_corpus(corpus, panel, tmp_path / "run")
    monkeypatch.undo()
    monkeypatch.setattr(engine, "_CHUNK", 4)
    chunks = sorted(tmp_path.glob(".run.*/*"))
    assert len(chunks) == 3
    for chunk, share in zip(chunks, (0.01, 0.5, 0.99), strict=True):
        broken = bytearray(chunk.read_bytes())
        broken[int(share * len(broken))] ^= 1
        chunk.write_bytes(broken)
        assert read_chunk(chunk) is None
    same(score_corpus(corpus, panel, tmp_path / "run"), whole)


def test_the_order_in_which_detectors_are_named_changes_nothing(corpus, tmp_path, shipped_small, forbidden):
    one = score_corpus(corpus, load_panel(["small-cnn", "small-cae"]), tmp_path / "run")
    other = score_corpus(corpus, load_panel(["small-cae", "small-cnn"]), tmp_path / "other")
    for column in ("raw", "score"):
        pd.testing.assert_frame_equal(one.wide(column), other.wide(column)[one.detectors])
    np.testing.assert_array_equal(one.embeddings("small-cae"), other.embeddings("small-cae"))
    forbidden()
    assert score_corpus(corpus, load_panel(["small-cae", "small-cnn"]), tmp_path / "run").digest == other.digest


def test_clips_that_cannot_be_heard_are_listed_and_the_rest_is_scored(small_corpus, panel, tmp_path):
    root = tmp_path / "corpus"
    shutil.copytree(small_corpus, root)
    (root / "clip-03.flac").write_bytes(b"no audio")
    (root / "clip-04.flac").unlink()
    whole = (root / "clip-05.flac").read_bytes()
    (root / "clip-05.flac").write_bytes(whole[:60])
    corpus = read_corpus(root / "manifest.csv", root)
    run = score_corpus(corpus, panel, tmp_path / "run")
    told = {problem["path"]: problem["what"] for problem in run.problems}
    assert set(told) == {"clip-03.flac", "clip-04.flac", "clip-05.flac"}
    assert "no such file" in told["clip-04.flac"]
    assert run.paths == {f"clip-{n:02d}.flac" for n in range(12)} - set(told)
    assert run.scores.groupby("detector").size().to_dict() == {"small-cnn": 9, "small-cae": 9}
    assert run.windows["path"].isin(run.paths).all()


def test_a_corpus_of_which_nothing_can_be_heard_is_refused(small_corpus, panel, tmp_path):
    root = tmp_path / "corpus"
    shutil.copytree(small_corpus, root)
    for clip in root.glob("*.flac"):
        clip.write_bytes(b"no audio")
    with pytest.raises(ResultsError, match="Not one of 12 clips"):
        score_corpus(read_corpus(root / "manifest.csv", root), panel, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_wide_embeddings_are_reduced_and_the_manifest_says_how(corpus, panel, tmp_path):
    whole = score_corpus(corpus, panel, tmp_path / "whole")
    run = score_corpus(corpus, panel, tmp_path / "run", embedding_dims=6)
    about = run.manifest["detectors"]["small-cnn"]["embedding"]
    assert about["dims"] == whole.embeddings("small-cnn").shape[1] == 720
    assert about["reduced"]["dims"] == 6
    assert 0.5 < about["reduced"]["explained_variance"] <= 1
    assert np.load(tmp_path / "run" / about["file"]).dtype == np.float16
    # Distances between clips survive, as the map of them needs.
    far, near = (np.linalg.norm(r.embeddings("small-cnn")[:, None] - r.embeddings("small-cnn"), axis=-1)
                 for r in (whole, run))  # fmt: skip
    assert np.corrcoef(far.ravel(), near.ravel())[0, 1] > 0.98
    again = score_corpus(corpus, panel, tmp_path / "again", embedding_dims=6)
    np.testing.assert_array_equal(again.embeddings("small-cnn"), run.embeddings("small-cnn"))


def test_the_digest_tells_what_a_run_is_made_from(corpus, small_corpus, panel):
    digest = run_digest(corpus, panel, split="eval", embedding_dims=None)
    assert digest == run_digest(corpus, load_panel(), split="eval", embedding_dims=None)
    assert digest != run_digest(corpus, load_panel(["small-cnn"]), split="eval", embedding_dims=None)
    assert digest != run_digest(corpus, panel, split="eval", embedding_dims=64)
    panel.detectors["small-cnn"].card.decision.spoof_below = -2.0
    assert digest != run_digest(corpus, panel, split="eval", embedding_dims=None)


def test_progress_is_told_to_the_end(corpus, panel, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_CHUNK", 5)
    told = []
    score_corpus(corpus, panel, tmp_path / "run", progress=lambda done, total: told.append((done, total)))
    assert told == [(5, 12), (10, 12), (12, 12)]


def test_a_path_in_two_splits_is_heard_once(corpus, panel, tmp_path):
    doubled = replace(corpus, frame=pd.concat([corpus.frame, corpus.frame[:3].assign(split="dev")]))
    run = score_corpus(doubled, panel, tmp_path / "run")
    assert run.clips["path"].tolist() == corpus.frame["path"].tolist()
