"""English text as phonemes of the International Phonetic Alphabet, by espeak-ng's library."""

import ctypes
import functools
import importlib
import importlib.util
import re
from typing import Any

from trainers.spoofing.base import SpoofingError

__all__ = ["PHONEME_PACKAGE", "english_phonemes"]

#: Brings the library and its data.
PHONEME_PACKAGE = "espeakng_loader"

# From espeak-ng's speak_lib.h: no sound, UTF-8 in, IPA out.
_NO_SOUND, _UTF8, _IPA = 2, 1, 2
_CLAUSE = re.compile(r"([,.;:!?]+)")


def english_phonemes(text: str) -> str:
    """Return an English text in the phonetic alphabet, American, with its punctuation.

    Raises
    ------
    SpoofingError
        When nothing in the text can be spoken.
    """
    # espeak-ng drops punctuation, which the networks know pauses and questions by: it goes clause by clause.
    pieces = [piece if _CLAUSE.fullmatch(piece) else _spoken(piece) for piece in _CLAUSE.split(text)]
    phonemes = " ".join(piece for piece in pieces if piece)
    if not re.search(r"\w", phonemes):
        raise SpoofingError(f"nothing in the text {text!r} can be spoken: give words.")
    return re.sub(r" ([,.;:!?])", r"\1", phonemes)


def _spoken(piece: str) -> str:
    words = ctypes.c_char_p(piece.strip().encode())
    place = ctypes.cast(words, ctypes.c_void_p)
    found = []
    while place.value:
        found.append(_library().espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA).decode())
    return " ".join(found).strip()


@functools.cache
def _library() -> Any:
    package = importlib.import_module(PHONEME_PACKAGE)
    library = ctypes.CDLL(package.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    if library.espeak_Initialize(_NO_SOUND, 0, package.get_data_path().encode(), 0) < 0:
        raise SpoofingError("espeak-ng's library does not start: install the package espeakng-loader again.")
    if library.espeak_SetVoiceByName(b"en-us") != 0:
        raise SpoofingError("espeak-ng's library has no American English: install the package espeakng-loader again.")
    return library
