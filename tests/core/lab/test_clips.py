"""The lab chooses real recordings and their aligned copies, the same each time, systems and recordings in turns."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.corpus.table import read_corpus
from core.errors import CorpusError
from core.lab.clips import choose, load
from tests.core.explain.conftest import RATE

SYSTEMS = ("hifi", "melgan", "world", "new")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Six recordings of two speakers, each with a copy by each system: 50 samples late, and a little noisier."""
    root = tmp_path_factory.mktemp("corpus")
    rows = []
    for number in range(6):
        rng = np.random.default_rng(number)
        seconds = 1.0 if number == 5 else 3.0
        level = np.repeat(rng.uniform(0, 1, int(seconds * 10)), RATE // 10)
        real = 0.2 * level * rng.normal(0, 1, len(level))
        source = {"source": f"made-{number}", "speaker": f"speaker{number % 2}", "split": "dev", "seconds": seconds}
        rows.append({"path": f"real-{number}.wav", "label": "bonafide", "system": "-", **source})
        soundfile.write(root / f"real-{number}.wav", real, RATE)
        for system in SYSTEMS:
            copy = np.roll(real, 48) + 0.002 * rng.normal(0, 1, len(real))
            rows.append({"path": f"{system}-{number}.wav", "label": "spoof", "system": system, **source})
            soundfile.write(root / f"{system}-{number}.wav", copy, RATE)
    pd.DataFrame(rows).to_csv(root / "manifest.csv", index=False)
    return read_corpus(root / "manifest.csv", root)


def test_systems_of_training_and_others_come_in_turns_and_recordings_once_first(corpus):
    chosen = choose(corpus, 4, trained=("hifi", "melgan", "world"))
    assert len(chosen) == 8
    assert [choice.system == "new" for choice in chosen] == [False, True] * 4
    known = [choice for choice in chosen if choice.system != "new"]
    assert {choice.system for choice in known[:3]} == {"hifi", "melgan", "world"}
    for group in (known, [choice for choice in chosen if choice.system == "new"]):
        assert len({choice.name for choice in group}) == 4
    assert "real-5.wav" not in {choice.name for choice in chosen}, "there is no room for a second in it"


def test_the_same_are_chosen_each_time_and_the_first_of_many_are_those_of_few(corpus):
    few, many = (choose(corpus, clips, trained=("hifi", "melgan", "world")) for clips in (2, 4))
    assert many[:4] == few == choose(corpus, 2, trained=("hifi", "melgan", "world"))


def test_copies_are_moved_onto_their_recordings(corpus):
    first = next(load(choose(corpus, 1)))
    assert first.copy is not None and first.other is not None
    assert first.copy.shape == first.real.shape
    assert np.corrcoef(first.real[:-100], first.copy[:-100])[0, 1] > 0.99
    assert not np.array_equal(first.real[:1000], first.other[:1000])


def test_a_page_is_no_speaker_so_that_none_of_its_clips_is_a_splice_of_the_same_one(corpus):
    frame = corpus.frame.assign(page="owner/name", speaker="pages/owner/name")
    paged = type(corpus)(frame, corpus.root)
    assert all(choice.other is None for choice in choose(paged, 2))


def test_a_corpus_without_pairs_is_refused(corpus):
    lonely = type(corpus)(corpus.frame.query("label == 'bonafide'").reset_index(drop=True), corpus.root)
    with pytest.raises(CorpusError, match="has an aligned copy"):
        choose(lonely, 2)
