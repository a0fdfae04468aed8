"""The field's many words for two classes."""

from core.errors import CorpusError

__all__ = ["BONAFIDE_WORDS", "SPOOF_WORDS", "normalise_label"]

BONAFIDE_WORDS = frozenset({"bonafide", "bona-fide", "bona fide", "bona_fide", "genuine", "real"})
SPOOF_WORDS = frozenset({"spoof", "spoofed", "fake"})
_NUMBERS = frozenset({"0", "1", "0.0", "1.0", "-1"})


def normalise_label(word: object) -> str:
    """Return 'bonafide' or 'spoof' for any of the field's label words, whatever their case.

    Raises
    ------
    CorpusError
        When the word is none of them.
    """
    plain = str(word).strip().lower()
    if plain in BONAFIDE_WORDS:
        return "bonafide"
    if plain in SPOOF_WORDS:
        return "spoof"
    if plain in _NUMBERS:
        raise CorpusError(
            f"The label {plain!r} is a number, which stands for bona fide in some corpora and for spoof in others: "
            "write bonafide or spoof instead."
        )
    raise CorpusError(
        f"The label {str(word)[:40]!r} is unknown: use one of {', '.join(sorted(BONAFIDE_WORDS | SPOOF_WORDS))}."
    )
