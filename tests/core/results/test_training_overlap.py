"""Which clips of a run hold a recording of training, and what error rates are without them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.analysis.metrics import eer
from core.audio.fingerprint import fingerprint
from core.cli import main
from core.detectors.card import Card, Polarity, Training
from core.errors import ResultsError
from core.overlap import TrainingPrints, TrainingSet
from core.results import training_overlap
from core.results.store import Run
from core.results.training_overlap import clips_of_training, without_clips_of_training
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

PLACES = (7, 21)


@pytest.fixture
def run(tmp_path: Path, speech: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Two of 40 clips are of recordings that a detector was trained with."""
    made = synthetic_run(tmp_path / "run", synthetic_clips(40))
    known = [speech[:32_000], speech[32_000:]]
    noise = np.random.default_rng(0)
    of_path = {path: noise.standard_normal(24_000).astype(np.float32) for path in made.column("path")}
    of_path |= dict(zip(made.column("path").iloc[list(PLACES)], known, strict=True))

    def decoded(files: Iterable[tuple[int, Path]]) -> Iterator[tuple[int, Any]]:
        yield from ((row, SimpleNamespace(waveform=of_path[str(file)])) for row, file in files)

    prints = TrainingPrints(np.array([fingerprint(each) for each in known]), (TrainingSet("small", "train", 2, 2),))
    monkeypatch.setattr(training_overlap, "shipped_prints", lambda: prints)
    monkeypatch.setattr(training_overlap, "decode_ahead", decoded)
    monkeypatch.setattr(training_overlap, "recordings", lambda run, paths: [Path(path) for path in paths])
    return made


def card(name: str, digest: str = "small") -> Card:
    training = Training(corpus="c", corpus_digest=digest, n_bonafide=1, n_spoof=1)
    return Card(name=name, architecture="a", polarity=Polarity(how="trained"), training=training)


def test_the_very_clips_are_marked_that_hold_a_recording_of_training(run: Run) -> None:
    found = clips_of_training(run, [card("aasist")])
    assert tuple(np.flatnonzero(found["aasist"])) == PLACES


def test_the_error_rate_without_them_is_that_of_the_others(run: Run) -> None:
    (one,) = without_clips_of_training(run, [card("aasist")], resamples=20)
    llr, real = run.llr("aasist"), run.real
    rest = ~np.isin(np.arange(len(run)), PLACES)
    assert (one.detector, one.n, one.n_trained) == ("aasist", 40, 2)
    assert one.eer[0] == pytest.approx(eer(llr[real], llr[~real]).rate)
    assert one.eer_without[0] == pytest.approx(eer(llr[real & rest], llr[~real & rest]).rate)
    assert one.eer_without[1] <= one.eer_without[0] <= one.eer_without[2]


def test_the_panel_comes_first_where_all_its_members_are_asked_for(run: Run) -> None:
    found = without_clips_of_training(run, [card(name) for name in run.members], resamples=20)
    assert [one.detector for one in found] == ["panel", *run.members] and found[0].n_trained == 2


def test_a_detector_whose_training_is_not_known_is_named(run: Run) -> None:
    with pytest.raises(ResultsError, match="what crnn was trained on"):
        clips_of_training(run, [card("aasist"), card("crnn", "other")])


def test_recordings_that_are_elsewhere_are_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training_overlap, "recordings", lambda run, paths: [None for _ in paths])
    with pytest.raises(ResultsError, match="set SPOOFSCOPE_CORPUS"):
        clips_of_training(run, [card("aasist")])
    assert main(["training-overlap", str(run.folder), "--checkpoint", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
