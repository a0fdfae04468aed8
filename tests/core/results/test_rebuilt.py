"""Reconstruction errors: which class is rebuilt better, and the clip that shows it."""

import pandas as pd
import pytest

from core.results.rebuilt import BANDS, band_errors, errors_of, telling
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


def table(real: list[float], fake: list[float]) -> pd.DataFrame:
    total = [*real, *fake]
    label = ["bonafide"] * len(real) + ["spoof"] * len(fake)
    paths = [f"{number}.wav" for number in range(len(total))]
    return pd.DataFrame({"path": paths, "label": label, "total": total, **dict.fromkeys(BANDS, total)})


def test_errors_come_with_the_clips_facts(run: Run) -> None:
    errors = errors_of(run)
    assert sorted(errors["path"]) == sorted(run.paths)
    assert {"label", "source", "total", *BANDS} <= set(errors)


def test_the_class_with_the_smaller_median_is_rebuilt_better() -> None:
    found = band_errors(table([1, 2, 3], [4, 5, 60]))
    assert [one.band for one in found] == ["total", *BANDS]
    assert (found[0].bonafide, found[0].spoof, found[0].better, found[0].auc) == (2, 5, "bonafide", 0.0)
    assert band_errors(table([4, 5, 6], [1, 2, 3]))[0].better == "spoof"
    assert band_errors(table([1, 2], [])) == []


def test_the_clip_shown_is_a_typical_one_of_the_class_that_is_rebuilt_worse() -> None:
    better_spoofs = table([4, 5, 6], [1, 2, 90])
    assert telling(better_spoofs) == "1.wav", "the middle bona fide clip, not the spoof with the largest error"
    assert telling(table([1, 2, 3], [4, 5, 6])) == "4.wav"
    assert telling(table([], [])) is None
    unlabelled = table([1, 2, 3], [4, 5, 6]).assign(label=[*["bonafide"] * 2, "spoof", *["-"] * 3])
    assert telling(unlabelled) == "2.wav", "of a class, not one of the clips that nobody has labelled"
