"""One generator for many clips: what it yields, in which order, and what survives a failure."""

import pytest

from core.errors import AudioError
from core.results.batch import score_clips
from core.usecases import load_panel


@pytest.fixture
def detectors(shipped_small):
    return list(load_panel().detectors.values())


def files(root, *numbers):
    return [(n, root / f"clip-{n:02d}.flac") for n in numbers]


def test_each_clip_comes_with_the_scores_of_every_detector(small_corpus, detectors):
    found = list(score_clips(files(small_corpus, 3, 0), detectors))
    assert [key for key, _, _ in found] == [3, 0]
    for _, clip, scores in found:
        assert scores["small-cnn"].raw == detectors[-1].score(clip.waveform).raw
        assert set(scores) == {"small-cae", "small-cnn"}


def test_a_recording_that_cannot_be_decoded_comes_with_the_reason(small_corpus, detectors):
    absent, present = score_clips([("a", small_corpus / "none.flac"), ("b", small_corpus / "clip-00.flac")], detectors)
    assert isinstance(absent[1], AudioError) and absent[2] == {}
    assert len(present[2]) == 2


def test_each_clip_may_want_other_detectors(small_corpus, detectors):
    found = score_clips(files(small_corpus, 0, 1, 2), lambda n: detectors[:n])
    assert [len(scores) for _, _, scores in found] == [0, 1, 2]


def test_a_detector_that_fails_loses_nothing_of_the_others(small_corpus, detectors, monkeypatch):
    kept = []
    monkeypatch.setattr(detectors[0], "score", lambda waveform: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(score_clips(files(small_corpus, 0), detectors, keep=lambda n, clip, d, score: kept.append((n, d.name))))
    assert kept == [(0, detectors[1].name)]
