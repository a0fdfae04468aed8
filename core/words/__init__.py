"""A recording's result in words: one paragraph for a reader who knows nothing of the field, each number traceable."""

from core.words.facts import Facts
from core.words.gather import facts_of
from core.words.language import languages
from core.words.paragraph import Sentence, paragraph, sentences

__all__ = ["Facts", "Sentence", "facts_of", "languages", "paragraph", "sentences"]
