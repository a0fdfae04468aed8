"""Content credentials: three states are told apart on files that the test signs, and nothing is raised."""


import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.decode import decode, find_ffmpeg
from core.errors import SpoofscopeError
from core.provenance import Line, provenance
from core.provenance.anchors import PUBLIC_LIST, trust_anchors
from core.provenance.credentials import credential_lines, read_credentials
from tests.core.provenance.signing import Chain, make_chain, sign, write

TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "m4a": "audio/mp4"}


@pytest.fixture(scope="module")
def chain() -> Chain:
    return make_chain()


@pytest.fixture(scope="module")
def plain(speech_source: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A second of speech in each container."""
    folder = tmp_path_factory.mktemp("plain")
    paths = {suffix: folder / f"plain.{suffix}" for suffix in (*TYPES, "ogg")}
    for suffix in ("wav", "mp3", "flac", "ogg"):
        soundfile.write(paths[suffix], speech_source[:16000], 16000)
    command = [str(find_ffmpeg()), "-v", "error", "-i", str(paths["wav"]), str(paths["m4a"])]
    subprocess.run(command, check=True)
    return paths


@pytest.fixture(scope="module")
def signed(plain: dict[str, Path], chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("signed")
    return {
        suffix: write(folder / f"signed.{suffix}", sign(plain[suffix].read_bytes(), mime, chain))
        for suffix, mime in TYPES.items()
    }


def lines(path: Path, anchors: str) -> tuple[Line, ...]:
    return credential_lines(read_credentials(str(path), anchors=anchors))


@pytest.mark.parametrize("suffix", TYPES)
def test_a_signature_of_an_unknown_signer_is_valid_and_not_trusted(signed: dict[str, Path], suffix: str) -> None:
    signature, origin, generated = lines(signed[suffix], trust_anchors())
    assert (signature.state, generated.state) == ("valid", "notable")
    assert "Example Newsroom" in signature.text and "signer unknown" in signature.text
    assert "Example TTS 1.0" in origin.text and "AI-generated" in generated.text
    assert "no proof" in generated.meaning


@pytest.mark.parametrize("suffix", TYPES)
def test_a_signer_by_an_anchor_that_the_user_names_is_trusted(
    signed: dict[str, Path], suffix: str, chain: Chain, tmp_path: Path
) -> None:
    named = write(tmp_path / "newsroom.pem", chain.root)
    signature, _, generated = lines(signed[suffix], trust_anchors(named))
    assert signature.state == "trusted"
    assert "known signer" in generated.meaning


def test_what_an_unknown_signer_states_of_a_part_is_not_said_of_the_file_by_a_trusted_one(
    plain: dict[str, Path], signed: dict[str, Path], tmp_path: Path
) -> None:
    newsroom = make_chain()
    data = sign(plain["wav"].read_bytes(), TYPES["wav"], newsroom, part=signed["wav"].read_bytes())
    named = write(tmp_path / "newsroom.pem", newsroom.root)
    signature, _, generated = lines(write(tmp_path / "whole.wav", data), trust_anchors(named))
    assert (signature.state, generated.state) == ("trusted", "notable")
    assert "Of the file itself they do not state" in generated.text and "known signer" not in generated.meaning


@pytest.mark.parametrize("suffix", TYPES)
def test_a_changed_byte_is_invalid_and_raises_nothing(
    signed: dict[str, Path], suffix: str, chain: Chain, tmp_path: Path
) -> None:
    data, anchors = signed[suffix].read_bytes(), trust_anchors() + chain.root.decode()
    # Within the sound, which the MP4 holds near its end too.
    for at in (len(data) * 3 // 4, len(data) * 7 // 8):
        changed = bytearray(data)
        changed[at] ^= 1
        signature, _, generated = lines(write(tmp_path / f"{at}.{suffix}", bytes(changed)), anchors)
        assert signature.state == "invalid" and "changed after the signing" in signature.text
        assert "prove nothing" in generated.meaning


def test_a_damaged_manifest_is_invalid_and_raises_nothing(signed: dict[str, Path], tmp_path: Path) -> None:
    data = bytearray(signed["wav"].read_bytes())
    at = data.index(b"claim_generator_info")
    data[at : at + 4] = b"xxxx"
    assert lines(write(tmp_path / "damaged.wav", bytes(data)), trust_anchors())[0].state == "invalid"


def test_a_signed_flac_begins_with_id3_and_is_read_under_any_name(
    signed: dict[str, Path], tmp_path: Path, speech_source: np.ndarray
) -> None:
    assert signed["flac"].read_bytes()[:3] == b"ID3"
    path = tmp_path / "upload.mp3"
    shutil.copyfile(signed["flac"], path)
    found = provenance(path)
    assert found.of("credentials")[0].state == "valid"
    assert any(line.text.startswith("FLAC (16-bit), 16,000 Hz, mono") for line in found.of("history"))
    assert np.abs(decode(path).waveform - speech_source[:16000]).max() < 1e-4


def test_none_found_says_nothing_in_these_words(plain: dict[str, Path]) -> None:
    for suffix in TYPES:
        (line,) = lines(plain[suffix], trust_anchors())
        assert (line.state, line.text) == ("nothing", "No content credentials were found.")
        assert line.meaning.startswith("None found says nothing")


def test_where_c2pa_has_no_place_the_line_states_so(plain: dict[str, Path]) -> None:
    (line,) = lines(plain["ogg"], trust_anchors())
    assert line.state == "unread" and "no place" in line.text


def test_credentials_that_lie_elsewhere_are_named_and_not_fetched(
    plain: dict[str, Path], chain: Chain, tmp_path: Path
) -> None:
    address = "http://127.0.0.1:9/manifest.c2pa"
    data = sign(plain["wav"].read_bytes(), TYPES["wav"], chain, remote=address)
    (line,) = lines(write(tmp_path / "remote.wav", data), trust_anchors())
    assert line.state == "unread" and address in line.text


def test_the_public_list_ships_with_its_licence_and_trusts_nobody_else(signed: dict[str, Path]) -> None:
    assert PUBLIC_LIST.read_text().count("BEGIN CERTIFICATE") == 30
    assert "Attribution 4.0 International" in (PUBLIC_LIST.parent / "LICENSE").read_text()
    assert lines(signed["wav"], trust_anchors())[0].state == "valid"


BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"


@pytest.mark.parametrize("content", [b"no certificate", BROKEN])
def test_anchors_that_cannot_be_used_are_an_error_and_in_a_provenance_a_line(
    content: bytes, tmp_path: Path, plain: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "anchors.pem", content)
    with pytest.raises(SpoofscopeError, match="PEM"):
        trust_anchors(path)
    monkeypatch.setenv("SPOOFSCOPE_ANCHORS", str(tmp_path / "missing.pem"))
    first, second = provenance(plain["wav"]).of("credentials")
    assert first.state == "unread" and "missing.pem" in first.text
    assert second.state == "nothing"


def test_text_of_strangers_is_one_short_line(signed: dict[str, Path]) -> None:
    facts = read_credentials(str(signed["wav"]), anchors=trust_anchors())
    hostile = credential_lines({**facts, "signer": "a\x1b[2J\nb" + "x" * 500})[0].text
    assert "\x1b" not in hostile and "\n" not in hostile and len(hostile) < 200


