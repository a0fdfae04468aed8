"""A recording's result in words: one paragraph for a reader who knows nothing of the field, each number traceable."""

from core.words.facts import Facts
from core.words.gather import facts_of
from core.words.language import languages
from core.words.paragraph import Sentence, paragraph, sentences, words_json
from core.words.whole import whole_facts

__all__ = ["Facts", "Sentence", "facts_of", "languages", "paragraph", "sentences", "whole_facts", "words_json"]
