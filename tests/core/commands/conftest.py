"""What commands are given: a voice, a file that is none, a manifest."""

import pytest
import soundfile

RATE = 16000


@pytest.fixture
def voice(speech, tmp_path):
    path = tmp_path / "voice.wav"
    soundfile.write(path, speech[: 2 * RATE], RATE, subtype="PCM_16")
    return path


@pytest.fixture
def noise_file(tmp_path):
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF but not audio")
    return path


@pytest.fixture
def manifest(small_corpus):
    return ["--manifest", str(small_corpus / "manifest.csv"), "--root", str(small_corpus), "--split", "eval"]
