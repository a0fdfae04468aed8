"""The field's label words, and nothing else, become the two classes."""

import pytest

from core.corpus.labels import BONAFIDE_WORDS, SPOOF_WORDS, normalise_label
from core.errors import CorpusError


@pytest.mark.parametrize("word", ["bonafide", "bona-fide", "Bona Fide", "genuine", " REAL ", "bona_fide"])
def test_words_for_real_speech_are_bona_fide(word: str) -> None:
    assert normalise_label(word) == "bonafide"


@pytest.mark.parametrize("word", ["spoof", "Fake", "spoofed\n", "SPOOF"])
def test_words_for_fakes_are_spoof(word: str) -> None:
    assert normalise_label(word) == "spoof"


def test_no_word_means_both_classes() -> None:
    assert not BONAFIDE_WORDS & SPOOF_WORDS


@pytest.mark.parametrize("word", ["", "-", "deepfake?", "bonafide spoof", None, 2, float("nan")])
def test_any_other_word_is_refused_with_the_words_to_use(word: object) -> None:
    with pytest.raises(CorpusError, match=r"unknown: use one of .*bonafide.*spoof"):
        normalise_label(word)


@pytest.mark.parametrize("word", ["1", "0", 1, 0.0, " 1 "])
def test_a_number_is_refused_since_it_stands_for_either_class(word: object) -> None:
    with pytest.raises(CorpusError, match="bona fide in some corpora and for spoof in others: write bonafide or spoof"):
        normalise_label(word)


def test_a_very_long_word_is_cut_in_the_error() -> None:
    with pytest.raises(CorpusError) as refused:
        normalise_label("x" * 10_000)
    assert len(str(refused.value)) < 250
