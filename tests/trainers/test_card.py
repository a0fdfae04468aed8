"""A card tells of the corpus that was trained on, and of no other."""

from pathlib import Path

import pandas as pd
import pytest

from core.detectors.checkpoint import find_checkpoint, read_card
from core.detectors.network import NETWORKS
from trainers.card import Trained, blank_card, corpus_name
from trainers.recipe_file import load_recipe, recipe_names

FRAME = pd.DataFrame({
    "label": ["bonafide", "bonafide", "spoof"], "system": ["-", "-", "vocoder"],
    "dataset": ["mine", "mine", "theirs"], "licence": ["CC0-1.0", "CC0-1.0", "-"],
})  # fmt: skip


def card(recipe="tinycnn-mfcc", seconds=90.0, changes=(), frame=FRAME):
    settings = load_recipe(recipe, changes)
    trained = Trained(NETWORKS.get(settings.architecture)(), settings, [{"step": 7.0}], minutes=0.123)
    return blank_card(trained, frame, corpus="my calls", digest="d", seconds=seconds)


def test_a_card_counts_what_was_trained_on():
    training = card().training
    assert (training.corpus, training.n_bonafide, training.n_spoof, training.steps) == ("my calls", 2, 1, 7)
    assert training.hours == 0.025 and training.systems == ["vocoder"]
    assert training.datasets == {"mine": 2, "theirs": 1} and training.licences == {"CC0-1.0": 2, "-": 1}


def test_a_licence_is_the_manifest_s():
    stated = card().licence
    assert stated == (
        "Trained on recordings under these licences: CC0-1.0 (2 clips), no licence named in the manifest (1 clips)."
    )


@pytest.mark.parametrize("recipe", recipe_names())
def test_no_shipped_recipe_tells_of_another_corpus(recipe):
    settings = load_recipe(recipe)
    text = " ".join([settings.summary, *settings.limits])
    assert "2.3 hours" not in text and "this corpus" not in text and "spoofscope" not in text


def test_limits_state_the_speech_and_the_window_of_this_training():
    limits = card(seconds=8280.0).limits
    assert limits[0] == load_recipe("tinycnn-mfcc").limits[0]
    assert limits[1].startswith("Trained on 2.3 hours of speech:") and limits[2].startswith("Scores windows of 4 s:")
    assert card(seconds=None).limits[1].startswith("Trained on 3 clips of speech:")
    assert card("cae-lfcc").limits[-2].startswith("Trained on 1.5 minutes of bona fide speech:")


def test_first_weights_are_named_without_their_place():
    weighed = card(changes=["initial_weights=/home/me/AASIST.pth"])
    assert weighed.training.initial_weights == "AASIST.pth" == weighed.training.recipe["initial_weights"]
    assert "AASIST.pth" in weighed.limits[-1] and "/home/me" not in weighed.model_dump_json()
    assert card().training.initial_weights == "random" and "Started from" not in card().limits[-1]


def test_weights_that_the_initial_ones_started_from_are_named_too():
    further = card(changes=["initial_weights=whisper-frames"]).training
    assert further.initial_weights == "whisper-frames" and "localiser" in further.earlier_weights
    assert card(changes=["initial_weights=AASIST.pth"]).training.earlier_weights == []
    both = card(changes=["initial_weights=/a/AASIST.pth, /b/w.pth"]).training
    assert (both.initial_weights, both.earlier_weights) == ("AASIST.pth", ["w.pth"])
    assert both.recipe["initial_weights"] == "AASIST.pth, w.pth"


def test_a_network_knows_the_pages_of_its_first_weights_too():
    frame, theirs = FRAME.assign(page=["own/page", "-", "-"]), read_card(find_checkpoint("localiser")).training.pages
    further = card(changes=["initial_weights=/a/AASIST.pth, localiser"], frame=frame).training
    assert set(further.pages) == {"own/page", *theirs} and len(theirs) > 50


def test_a_student_knows_its_teachers_pages_too(monkeypatch):
    taught = {"one": ["b/2", "c/3"], "two": None}
    teachers = {
        name: card().model_copy(update={"training": card().training.model_copy(update={"pages": pages})})
        for name, pages in taught.items()
    }
    monkeypatch.setattr("trainers.distillation._cards", lambda name: [teachers[name]])
    paged = FRAME.assign(page=["a/1", "b/2", "-"])
    assert card(frame=paged).training.pages == ["a/1", "b/2"]
    assert card(frame=paged, changes=['teachers=["one"]']).training.pages == ["a/1", "b/2", "c/3"]
    assert card(frame=paged, changes=['teachers=["one", "two"]']).training.pages is None


@pytest.mark.parametrize(
    ("datasets", "given", "name"),
    [(["VCTK", "VCTK"], "", "VCTK"), (["VCTK", "-"], "", "VCTK"), (["VCTK", "LJ"], "", "calls"),
     (["-", "-"], "", "calls"), (["VCTK", "VCTK"], "my own", "my own")],
)  # fmt: skip
def test_a_corpus_is_called_as_given_or_as_its_dataset_or_its_folder(datasets, given, name):
    assert corpus_name([Path("data/calls/manifest.csv")], pd.DataFrame({"dataset": datasets}), given) == name


def test_a_card_of_several_corpora_names_their_folders():
    manifests = [Path("data/calls/manifest.csv"), Path("data/pages/manifest.csv")]
    assert corpus_name(manifests, pd.DataFrame({"dataset": ["VCTK", "LJ"]})) == "calls + pages"
