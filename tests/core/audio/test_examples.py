"""The examples: real and spoofed, short, decodable, made once and alike every time."""

from pathlib import Path

import numpy as np
import pytest

from core.audio import examples as module
from core.audio.decode import decode
from core.audio.examples import MAX_SECONDS, Example, example_clips


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def examples(cache: Path) -> list[Example]:
    return example_clips(cache)


def test_there_are_real_recordings_and_spoofs_of_them(examples: list[Example]) -> None:
    assert [one.label for one in examples] == ["bonafide"] * 3 + ["spoof"] * 7
    assert len({one.name for one in examples}) == len({one.path for one in examples}) == 10
    assert all("re-synthesised" in one.how for one in examples[3:7])
    assert all("text-to-speech" in one.how for one in examples[7:])


def test_every_example_decodes_and_is_short(examples: list[Example]) -> None:
    for one in examples:
        clip = decode(one.path)
        assert clip.record.codec == "FLAC (16-bit)" and clip.record.sample_rate_hz == 16_000
        assert 2 < clip.duration_s <= MAX_SECONDS
        assert 0.005 < clip.waveform.std() < 0.5


def test_a_spoof_is_not_its_recording(examples: list[Example]) -> None:
    by_name = {one.name: decode(one.path).waveform for one in examples}
    for one in examples:
        if "re-synthesised" in one.how:
            real, spoof = by_name[one.name.partition(":")[0]], by_name[one.name]
            assert len(real) == len(spoof)
            assert abs(np.corrcoef(real, spoof)[0, 1]) < 0.9


def test_a_second_use_makes_nothing(examples: list[Example], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(module, "decode", refuse)
    assert example_clips(cache) == examples


def test_they_are_the_same_every_time(examples: list[Example], tmp_path: Path) -> None:
    for one, again in zip(examples, example_clips(tmp_path), strict=True):
        assert one.path.name == again.path.name
        assert one.path.read_bytes() == again.path.read_bytes()
        assert again.path.parent == tmp_path / "examples" or again.path == one.path


def test_without_gradio_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    assert example_clips(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
