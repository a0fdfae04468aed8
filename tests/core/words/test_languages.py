"""Every language has every text, and numbers in its own way."""

import pytest

from core.errors import UnknownNameError
from core.words.language import languages, placeholders, read_language

TEXTS = {code: read_language(code).texts for code in languages()}


def keys(code: str) -> dict[str, list[str]]:
    """The placeholders of each text, in no order: languages differ in it."""
    return {
        f"{topic}.{name}": sorted(placeholders(text)) if isinstance(text, str) else ["words"] * len(text)
        for topic, texts in TEXTS[code].items()
        for name, text in texts.items()
    }


def test_english_comes_first_and_german_is_there() -> None:
    assert next(iter(languages())) == "en"
    assert languages()["de"] == "Deutsch"


@pytest.mark.parametrize("code", TEXTS)
def test_every_language_has_the_same_keys_and_placeholders(code: str) -> None:
    assert keys(code) == keys("en")


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="choose one of de, en"):
        read_language("tlh")


@pytest.mark.parametrize(
    ("code", "number", "share", "stretch"),
    [("en", "1,234.5", "93 %", "from 3.1 to 4.0 seconds"), ("de", "1.234,5", "93 %", "von 3,1 bis 4,0 Sekunden")],
)
def test_numbers_are_written_as_the_language_does(code: str, number: str, share: str, stretch: str) -> None:
    texts = read_language(code)
    assert texts.number(1234.5, 1) == number
    assert texts.share(0.931) == share
    assert texts.stretch(3.1, 4.0, of_s=12) == stretch


def test_what_is_not_quite_all_or_nothing_does_not_read_so() -> None:
    english = read_language("en")
    assert [english.share(value) for value in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0 %", "less than 1 %", "50 %", "more than 99 %", "100 %",
    ]  # fmt: skip


def test_times_of_long_recordings_have_minutes_and_short_stretches_two_decimals() -> None:
    english = read_language("en")
    assert english.stretch(303.0, 308.5, of_s=1200) == "from 5:03.0 to 5:08.5 minutes"
    assert english.stretch(59.97, 61.0, of_s=1200) == "from 1:00.0 to 1:01.0 minutes"
    assert english.stretch(0.08, 0.12, of_s=2) == "from 0.08 to 0.12 seconds"
    assert english.duration(1204.4) == "20 min 4 s"
