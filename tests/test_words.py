"""The field's words, in code, cards and documents: a clip is scored, a network is trained, a detector is a member."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_layout import PACKAGES, REPOSITORY, project_files

# What stands for another word of the field, wherever a letter does not go on; underscores part words.
WORDS = re.compile(
    r"(?<![a-z])(hear[ds]?|hearing|taught|teach|teaches|teaching|ears|deaf|(has|without) a say|said|told|accus\w*"
    r"|lets? pass|befall\w*|befell|liveliness|liveliest|calmer|calmest|called fake)(?![a-z])",
    re.IGNORECASE,
)
# Where a person hears sound, or a sentence is meant to be spoken.
ALLOWED = (
    "Hear the clip", "Hear the evidence", "Hear the rest", "evidence one can hear", "a person could make and hear",
    "listeners cannot hear",
    "We could hear the children", "whatever was said", "told apart",
)  # fmt: skip
KINDS = {".py", ".md", ".toml", ".js", ".css", ".json"}


def strange(text: str) -> list[str]:
    """Return the lines with a word that is not the field's."""
    for phrase in ALLOWED:
        text = text.replace(phrase, "")
    return [line.strip() for line in text.splitlines() if WORDS.search(line)]


def sources() -> Iterator[Path]:
    for path in project_files(REPOSITORY):
        top = path.relative_to(REPOSITORY).parts[0]
        if path.suffix in KINDS and top in {*PACKAGES, "docs", "checkpoints", "README.md", "pyproject.toml"}:
            yield path


def test_code_cards_and_documents_use_the_words_of_the_field() -> None:
    paths = list(sources())
    assert {path.relative_to(REPOSITORY).parts[0] for path in paths} >= {*PACKAGES, "docs", "checkpoints", "README.md"}
    found = {path: lines for path in paths if (lines := strange(path.read_text(encoding="utf-8")))}
    assert not found


@pytest.mark.parametrize("line", ["It hears the clip.", "self._heard = 1", "Taught on this corpus", "the calmest"])
def test_other_words_are_noticed(line: str) -> None:
    assert strange(line) == [line]


@pytest.mark.parametrize("line", ["Hear the evidence", "for years it appears", "[data-testid]", "a shear"])
def test_where_a_person_hears_and_in_other_words_nothing_is_noticed(line: str) -> None:
    assert strange(line) == []
