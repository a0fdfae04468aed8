"""Choosing and fusing detectors on development clips, as they are and changed."""

import json
import math

import numpy as np
import pytest

from core.detectors.checkpoint import load_detector
from trainers.fit import fit
from trainers.panel import PanelError, fit_panel
from trainers.recipe import Phase, Recipe

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    """Folders of two detectors that detect the tone, and the place where they were made."""
    place = tmp_path_factory.mktemp("panel")
    folders = []
    for seed in (1, 2):
        recipe = Recipe(
            name=f"tiny-{seed}", architecture="cnn2d-lfcc", summary="For a test.", crop_s=1.0, batch=8, seed=seed,
            hyperparameters={"channels": [4, 4, 8]}, validate_every=12, precision="32-true",
            phases=[Phase(steps=12, learning_rate=3e-3)],
        )  # fmt: skip
        folders.append(fit(recipe, corpora=[(corpus / "manifest.csv", corpus)], out=place, work=place / "work"))
    return folders, place


def panel_of(trained, corpus, out, **more):
    folders, place = trained
    names = [str(folder) for folder in folders]
    return fit_panel(names, corpora=[(corpus / "manifest.csv", corpus)], out=out, work=place / "work", **more)


def test_a_panel_scores_every_clip_as_it_is_and_changed(trained, corpus, tmp_path):
    panel = json.loads(panel_of(trained, corpus, tmp_path).read_text())
    assert panel["members"] == {"tiny-1": 0.5, "tiny-2": 0.5}
    assert panel["limit"] == pytest.approx(math.log(8))
    parts = panel["figures"]["dev_parts"]
    assert set(parts) == {"made", "made, changed"}
    assert panel["figures"]["dev_eer"] == pytest.approx(np.mean([part["eer"] for part in parts.values()]))
    assert parts["made"]["eer"] < 0.3


def test_members_weigh_by_how_often_they_were_chosen(trained, corpus, tmp_path):
    panel = json.loads(panel_of(trained, corpus, tmp_path, most=1).read_text())
    shares = panel["figures"]["chosen_shares"]
    assert len(panel["members"]) == 1 and sum(panel["members"].values()) == pytest.approx(1)
    assert shares[next(iter(panel["members"]))] == max(shares.values())


def test_a_panel_s_score_is_calibrated_on_what_it_scored(trained, corpus, tmp_path):
    folders, _ = trained
    panel = json.loads(panel_of(trained, corpus, tmp_path).read_text())
    assert panel["calibration"]["slope"] > 0
    assert "16 clips as they are and changed" in panel["basis"]
    assert {load_detector(folder).name for folder in folders} == set(panel["members"])


def test_what_cannot_be_combined_is_refused_in_words(trained, corpus, tmp_path):
    with pytest.raises(PanelError, match="no combination 'vote'"):
        panel_of(trained, corpus, tmp_path, method="vote")
    with pytest.raises(PanelError, match="bona fide speech alone"):
        panel_of(trained, corpus, tmp_path, method="hybrid")
    assert not (tmp_path / "panel.json").exists()
