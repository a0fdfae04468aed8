from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import soundfile

from core.predictions.columns import Columns
from core.predictions.disputed import disputed_of_panel, disputed_of_run
from core.predictions.panel import assemble
from core.predictions.predictions import Predictions
from core.results.queries import decision_of
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


def predictions(name: str, ids: list[str], scores: np.ndarray, labels: np.ndarray) -> Predictions:
    return Predictions(
        name=name, source=f"{name}.txt", format="text", columns=Columns("id", "score"), ids=pa.array(ids),
        scores=scores, labels=labels,
    )  # fmt: skip


def test_a_clip_of_a_run_is_disputed_where_two_detectors_call_it_two_classes(run: Run) -> None:
    found = disputed_of_run(run, run.detectors)
    paths = run.column("path").astype(str).tolist()
    expected = set()
    for at, path in enumerate(paths):
        words = {decision_of(run, name).verdict(float(run.llr(name)[at])) for name in run.detectors}
        if {"probably spoofed", "probably bona fide"} <= words:
            expected.add(path)
    assert set(found.ids) == expected and found.total == len(expected) > 3
    first = paths.index(found.ids[0])
    assert found.llr[0].tolist() == pytest.approx([run.llr(name)[first] for name in run.detectors])
    assert found.labels is not None and found.labels[0] == int(run.real[first])
    assert found.paths == (None,) * len(expected)
    assert disputed_of_run(run, run.detectors, most=3).ids == found.ids[:3]
    assert not disputed_of_run(run, []).ids


def test_disputed_clips_of_imported_predictions_are_those_of_the_run_with_their_recordings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = run.column("path").astype(str).tolist()
    labels = np.where(run.real, 1, 0).astype(np.int8)
    good = np.where(run.real, 2.0, -2.0) + np.linspace(-1, 1, len(run))
    other = good.copy()
    real, fake = np.flatnonzero(run.real)[0], np.flatnonzero(run.fake)[0]
    other[[real, fake]] *= -1
    stems = [Path(path).stem for path in paths]
    panel = assemble([predictions("a", stems, good, labels), predictions("b", stems, -other, labels)])
    file = tmp_path / paths[real]
    file.parent.mkdir(parents=True)
    soundfile.write(file, np.zeros(160), 16000)
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path))
    found = disputed_of_panel(panel, run)
    assert {paths[real], paths[fake]} <= set(found.ids) and found.total == len(found.ids)
    at = found.ids.index(paths[real])
    assert found.paths[at] == str(file) and found.paths[found.ids.index(paths[fake])] is None
    assert found.votes[at].tolist() == [1, 0] and (found.llr[at] > 0).tolist() == [True, False]
    assert found.is_llr == (False, False)
    assert set(disputed_of_panel(panel, None).ids) == {Path(path).stem for path in found.ids}
