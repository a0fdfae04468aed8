"""Whether a recording was in training is answered for each detector by the training set that its card names."""

import numpy as np
import pytest

from core.audio.fingerprint import fingerprint
from core.detectors.card import Card, Polarity, Training
from core.errors import CheckpointError
from core.overlap import TrainingPrints, TrainingSet, overlap_of, read_prints, shipped_prints, write_prints


def card(name: str, digest: str) -> Card:
    training = Training(corpus="c", corpus_digest=digest, n_bonafide=1, n_spoof=1)
    return Card(name=name, architecture="a", polarity=Polarity(how="trained"), training=training)


@pytest.fixture
def prints(speech):
    """The second half was added to the larger set; the first half is in both."""
    known = np.array([fingerprint(speech[:32_000]), fingerprint(speech[32_000:])])
    return TrainingPrints(known, (TrainingSet("small", "train", 1, 1), TrainingSet("large", "train", 3, 2)))


def test_the_detectors_that_were_trained_on_it_are_named(speech, prints):
    cards = [card("one", "small"), card("two", "large"), card("three", "other")]
    first = overlap_of(speech[:32_000] * 0.1, cards, prints)
    assert (first.trained, first.unknown) == (("one", "two"), ("three",))
    second = overlap_of(speech[32_000:], cards, prints)
    assert second.trained == ("two",)


def test_another_recording_was_in_no_training(speech, prints):
    found = overlap_of(speech[::-1].copy(), [card("two", "large")], prints)
    assert found.match is not None and found.trained == ()


def test_a_card_without_fingerprints_leaves_it_open(speech, prints):
    found = overlap_of(speech, [card("three", "other")], prints)
    assert (found.match, found.trained, found.unknown) == (None, (), ("three",))


def test_fingerprints_are_read_as_they_were_written(tmp_path, prints):
    write_prints(tmp_path / "f.safetensors", prints)
    again = read_prints(tmp_path / "f.safetensors")
    assert np.array_equal(again.known, prints.known) and again.sets == prints.sets


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"no tensors"])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "f.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"f\.safetensors"):
        read_prints(path)


def test_what_ships_is_small_and_knows_the_panel():
    from core.results.cards import read_cards, read_members

    shipped = shipped_prints()
    assert shipped is not None and shipped.known.nbytes < 300_000
    members, _ = read_members()
    for each in read_cards()[0]:
        if each.name in members:
            assert shipped.of(each) is not None, each.name
