"""What a scoring needs: space for what will be written, and time by what detectors have taken here."""

import math
import shutil
from collections import namedtuple

import pytest

from core.corpus.table import read_corpus
from core.errors import ResultsError
from core.results.fill import score_corpus
from core.results.needs import CLIP, Needs, known_costs, remember_costs
from core.usecases import load_panel


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))


def needs(seconds, dims, folder, *, half=None, workers=2):
    return Needs.of(seconds, dims, folder, half=half, workers=workers)


def test_time_follows_from_what_detectors_took_here_and_from_the_workers(tmp_path):
    first = needs([10.0] * 100, {"a": 256}, tmp_path)
    assert first.guessed and "roughly" in first.text
    remember_costs({"a": 300.0, CLIP: 100.0}, sound_s=1000.0)
    assert known_costs() == {"a": 0.3, CLIP: 0.1}
    one, two = (needs([10.0] * 100, {"a": 256}, tmp_path, workers=n) for n in (1, 2))
    assert (one.time_s - 3.0, two.time_s - 3.0) == pytest.approx((400.0, 200.0))
    assert "100 clips, 17 min of sound, 1 detector: about 3 min on 2 cores" in two.text
    # One clip keeps one core busy.
    assert needs([10.0], {"a": 256}, tmp_path).workers == 1


def test_lengths_that_are_not_known_are_taken_for_the_mean_of_the_others(tmp_path):
    found = needs([2.0, math.nan, 4.0], {}, tmp_path)
    assert (found.sound_s, found.assumed) == (9.0, True)
    assert "(lengths assumed)" in found.text


def test_half_precision_and_fewer_dimensions_need_less_space(tmp_path):
    whole, half = (needs([4.0] * 1000, {"a": 512}, tmp_path, half=n).bytes for n in (None, 64))
    assert whole - half == 1000 * (4 * 512 - 2 * 64)


def test_a_scoring_takes_no_more_space_than_was_stated(small_corpus, shipped_small, tmp_path):
    corpus, stated = read_corpus(small_corpus / "manifest.csv", small_corpus), []
    score_corpus(corpus, load_panel(), tmp_path / "run", needs=stated.append)
    parts = sum(path.stat().st_size for path in (tmp_path / "run/parts").rglob("*.parquet"))
    parts += sum(path.stat().st_size for path in (tmp_path / "run/parts").rglob("*.npy"))
    assert [one.clips for one in stated] == [12]
    # Parquet has a few kB of its own for each file, however few clips there are.
    assert parts < stated[0].bytes + 7 * 4096
    # Where nothing is missing nothing is needed.
    score_corpus(corpus, load_panel(), tmp_path / "run", needs=stated.append)
    assert len(stated) == 1


def test_a_disk_that_is_too_small_is_refused_before_a_clip_is_scored(
    small_corpus, shipped_small, tmp_path, monkeypatch
):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 5000))
    corpus, steps = read_corpus(small_corpus / "manifest.csv", small_corpus), []
    with pytest.raises(ResultsError, match=r"scores of 12 clips need up to 0\.\d MB, and .* has 0\.1 MB left"):
        score_corpus(corpus, load_panel(), tmp_path / "run", progress=lambda *step: steps.append(step))
    assert steps == [] and not (tmp_path / "run").exists()
