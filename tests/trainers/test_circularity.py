"""Training on pseudo-labels: the check is made again, and the card keeps the record."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.detectors.checkpoint import read_card
from core.files import sha256_file, write_json
from core.predictions.pseudo import PSEUDO_PART, record_path
from trainers.circularity import check_circularity
from trainers.fit import fit
from trainers.recipe import Phase, Recipe, RecipeError


def recipe(**more: Any) -> Recipe:
    return Recipe(**{"name": "new", "architecture": "meanpool-mlp", "summary": "A test.", "phases": [], **more})


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "m.csv"
    path.write_text("path,label\n")
    voters = [{"name": "aasist", "architecture": "aasist", "rests_on": ["w.pt"]}]
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


def test_each_manifest_of_pseudo_labels_needs_its_own_record(manifest: Path) -> None:
    (other := manifest.with_name("other.csv")).write_text("path,label\n")
    clips = pd.concat([frame()] * 4, ignore_index=True)
    with pytest.raises(RecipeError, match="their record"):
        check_circularity(recipe(), [manifest, other], clips, despite=True)
    record(other, voters=[], clips=1, reasons_against=[])
    assert len(check_circularity(recipe(), [manifest, other], clips)) == 2


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


@pytest.mark.slow
def test_a_training_on_pseudo_labels_keeps_their_record_on_its_card(corpus: Path, tmp_path: Path) -> None:
    table = pd.read_csv(corpus / "manifest.csv")
    table.loc[table["split"] == "train", "part"] = PSEUDO_PART
    table.to_csv(tmp_path / "m.csv", index=False)
    voters = [{"name": "a", "architecture": "aasist"}]
    record(tmp_path / "m.csv", voters=voters, clips=24, reasons_against=["they err alike"])
    settings = Recipe(
        name="tiny", architecture="cnn2d-lfcc", summary="For a test.", crop_s=1.0, batch=8, validate_every=6,
        hyperparameters={"channels": [4, 4, 8]}, precision="32-true", phases=[Phase(steps=12, learning_rate=3e-3)],
    )  # fmt: skip
    given: dict[str, Any] = {
        "corpora": [(tmp_path / "m.csv", corpus)], "out": tmp_path / "out", "work": tmp_path / "work",
    }  # fmt: skip
    with pytest.raises(RecipeError, match="they err alike"):
        fit(settings, **given)
    card = read_card(fit(settings, **given, despite_circularity=True))
    assert card.training is not None
    assert card.training.pseudo_labels[0]["reasons_against"] == ["they err alike"]
    assert "24 of its clips were labelled by a" in " ".join(card.limits)
