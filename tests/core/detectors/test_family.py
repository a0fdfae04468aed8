"""Families: by the pretrained encoder, else by what the front-end shows."""

import pytest

from core.detectors.card import Card, Polarity
from core.detectors.family import family
from core.detectors.network import NETWORKS


@pytest.mark.parametrize(("architecture", "expected"), [
    ("cnn2d-lfcc", "magnitude spectrum"), ("cnn2d-mel", "magnitude spectrum"), ("patchcnn-spec", "magnitude spectrum"),
    ("patchcnn-phase", "phase"), ("cnn2d-phase", "phase"), ("aasist", "waveform"), ("moonshine-statspool", "Moonshine"),
    ("distillmos-svm", "Distill-MOS"), ("whisper-statspool", "Whisper"),
])  # fmt: skip
def test_a_card_tells_the_family(architecture, expected):
    network = NETWORKS.get(architecture)()
    card = Card(name="x", architecture=architecture, polarity=Polarity(how="-"), frontend=network.frontend.describe())
    assert family(card) == expected


def test_a_front_end_that_is_like_no_other_is_a_family_by_itself():
    card = Card(name="x", architecture="cnn2d-lfcc", polarity=Polarity(how="-"), frontend={"name": "Unlike"})
    assert family(card) == "Unlike"
