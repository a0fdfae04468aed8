"""Training on pseudo-labels: the check is made again, and the card keeps the record."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.files import sha256_file, write_json
from core.predictions.pseudo import PSEUDO_PART, record_path
from trainers.circularity import check_circularity
from trainers.recipe import Recipe, RecipeError


def recipe(**more: Any) -> Recipe:
    return Recipe(**{"name": "new", "architecture": "meanpool-mlp", "summary": "A test.", "phases": [], **more})


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "m.csv"
    path.write_text("path,label\n")
    voters = [{"name": "aasist", "architecture": "aasist", "backbone": "w.pt"}]
    record(path, voters=voters, clips=3, reasons_against=[])
    return path


def record(path: Path, **content: Any) -> None:
    write_json(record_path(path), {"manifest_sha256": sha256_file(path), **content})


def frame(split: str = "train", part: str = PSEUDO_PART) -> pd.DataFrame:
    return pd.DataFrame({"path": ["x.wav"], "split": [split], "part": [part]})


def test_a_corpus_without_pseudo_labels_needs_no_record(tmp_path: Path) -> None:
    assert check_circularity(recipe(), [tmp_path / "none.csv"], frame(part="-")) == []


def test_the_record_goes_onto_the_card(manifest: Path) -> None:
    found = check_circularity(recipe(), [manifest], frame())
    assert [(one["clips"], one["reasons_at_training"]) for one in found] == [(3, [])]


def test_pseudo_labels_judge_nothing(manifest: Path) -> None:
    with pytest.raises(RecipeError, match="lie in the split eval"):
        check_circularity(recipe(), [manifest], frame("eval"), despite=True)


def test_pseudo_labels_without_a_record_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,label\n")
    with pytest.raises(RecipeError, match="their record"):
        check_circularity(recipe(), [tmp_path / "m.csv"], frame(), despite=True)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"architecture": "aasist"}, "has the same architecture"),
        ({"initial_weights": "somewhere/aasist"}, "it starts from aasist"),
        ({"initial_weights": "w.pt"}, "it starts from w.pt"),
        ({"hyperparameters": {"model": "w.pt"}}, "it rests on w.pt"),
    ],
)
def test_a_detector_is_not_trained_on_its_own_votes(more: dict[str, Any], reason: str, manifest: Path) -> None:
    with pytest.raises(RecipeError, match=reason):
        check_circularity(recipe(**more), [manifest], frame())
    found = check_circularity(recipe(**more), [manifest], frame(), despite=True)
    assert reason in found[0]["reasons_at_training"][0]


def test_reasons_that_were_passed_over_count_again(manifest: Path) -> None:
    record(manifest, voters=[{"name": "a"}], clips=1, reasons_against=["a and b are copies"])
    with pytest.raises(RecipeError, match="a and b are copies"):
        check_circularity(recipe(), [manifest], frame())
