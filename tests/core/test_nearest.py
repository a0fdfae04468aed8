"""The clips of the reference run that a recording is most like, and when it is like none of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.nearest import UNLIKE, nearest_clips, space_of
from core.results.store import Run

N = 200


class Placed:
    """A run of points: 100 bona fide about -5, 100 spoofs of two attacks about +5 in the first of four dimensions."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        side = np.repeat([-5.0, 5.0], N // 2)
        self.points = {
            "sharp": np.column_stack([side, np.zeros((N, 3))]) + rng.normal(size=(N, 4)),
            "blunt": rng.normal(size=(N, 4)),
        }
        systems = np.where(side < 0, "-", np.where(self.points["sharp"][:, 1] < 0, "low", "high"))
        self.clips = pd.DataFrame({
            "path": [f"{at}.flac" for at in range(N)], "label": np.where(side < 0, "bonafide", "spoof"),
            "system": systems, "source": [f"recording {at // 2}" for at in range(N)],
        })  # fmt: skip

        self.columns = list(self.clips.columns)
        self.real, self.fake = side < 0, side > 0

    def __len__(self) -> int:
        return len(self.clips)

    def column(self, name: str) -> pd.Series:
        return self.clips[name]

    def rows(self, places: np.ndarray, columns: list[str]) -> pd.DataFrame:
        return self.clips.iloc[places][columns]

    def embeddings(self, name: str) -> np.ndarray:
        return self.points[name]

    def project(self, name: str, embedding: np.ndarray) -> np.ndarray | None:
        return embedding if name in self.points else None


@pytest.fixture(scope="module")
def run() -> Placed:
    return Placed()


def near(run: Placed, embeddings: dict[str, np.ndarray], **more: int):  # type: ignore[no-untyped-def]
    return nearest_clips(run, embeddings, **more)  # type: ignore[arg-type]


def test_a_clip_of_the_run_is_its_own_nearest_and_the_distances_grow(run: Placed) -> None:
    found = near(run, {"sharp": run.points["sharp"][7]}, most=3)
    assert found.clips[0].path == "7.flac"
    assert found.clips[0].distance == pytest.approx(0, abs=1e-6)
    assert [clip.distance for clip in found.clips] == sorted(clip.distance for clip in found.clips)
    assert {clip.label for clip in found.clips} == {"bonafide"}
    assert len(found.clips) == 3
    assert not found.is_unlike


def test_what_is_far_from_all_clips_is_unlike_anything_known(run: Placed) -> None:
    assert near(run, {"sharp": np.full(4, 40.0)}).is_unlike
    assert not near(run, {"sharp": np.array([5.0, 0.0, 0.0, 0.0])}).is_unlike


def test_the_limit_is_measured_on_the_runs_own_clips_of_other_recordings(run: Placed) -> None:
    space = space_of(run, "sharp")  # type: ignore[arg-type]
    within = 0
    for at, point in enumerate(space.points):
        others = [row for row in range(N) if row // 2 != at // 2]
        within += min(np.linalg.norm(space.points[others] - point, axis=1)) <= space.limit
    assert within / N == pytest.approx(UNLIKE, abs=0.006)


def test_the_space_whose_neighbours_are_alike_is_the_one_that_counts(run: Placed) -> None:
    found = near(run, {"blunt": run.points["blunt"][3], "sharp": run.points["sharp"][3]})
    assert found.detector == "sharp"
    assert found.label_rate > 0.99
    assert found.system_rate > 0.8
    assert 0.3 < space_of(run, "blunt").label_rate < 0.7  # type: ignore[arg-type]


def test_a_run_without_labels_has_neighbours_and_no_rate_of_labels(run: Placed) -> None:
    unlabelled = Placed()
    unlabelled.real = unlabelled.fake = np.zeros(N, dtype=bool)
    unlabelled.clips["label"] = "-"
    found = near(unlabelled, {"sharp": run.points["sharp"][7]})
    assert found.clips[0].path == "7.flac" and {clip.label for clip in found.clips} == {"-"}
    assert np.isnan(found.label_rate) and np.isnan(found.system_rate)


def test_of_a_large_run_clips_are_taken_evenly(run: Placed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.nearest._MOST_KNOWN", 50)
    few = Placed()
    found = near(few, {"sharp": few.points["sharp"][0]})
    assert found.n_clips == 50 and found.clips[0].path == "0.flac"
    assert {int(clip.path.removesuffix(".flac")) for clip in found.clips} <= set(np.linspace(0, N - 1, 50).astype(int))


def test_without_an_embedding_that_can_be_placed_there_is_nothing(run: Placed) -> None:
    assert near(run, {"of another run": np.zeros(4)}) is None


def test_the_reference_run_can_place_what_the_shipped_panel_scores(reference: Run) -> None:
    from core.usecases import load_panel

    members = [name for name in load_panel().members if "projection.npy" in reference.parts[name].files]
    assert members, "no member's embedding can be placed: score the reference corpus with it anew"
    space = max((space_of(reference, name) for name in members), key=lambda each: each.label_rate)
    assert space.label_rate > 0.8


@pytest.fixture
def reference() -> Run:
    from core.detectors import checkpoint
    from core.usecases import reference_run

    if not (Path(checkpoint.SHIPPED) / "reference").is_dir():
        pytest.skip("no reference run ships")
    return reference_run()
