"""Resemble's mark: read where it is, at any level, by weights that are checked and never unpickled."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file

from core.errors import CheckpointError
from core.provenance import perth
from core.provenance.marks import mark_lines
from core.provenance.perth import MarkDecoder, mark_card, read_mark, shipped_decoder
from core.provenance.perth_weights import import_perth, read_published
from tests.conftest import REPOSITORY

# ``kokoro-1.flac`` of the project, with the mark that resemble-perth 1.0.1 makes.
MARKED = Path(__file__).parent / "marked.flac"
UNMARKED = REPOSITORY / "core/audio/spoken/kokoro-1.flac"


def sound(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0][:24000]


def test_a_mark_is_read_and_none_is_where_none_was_made() -> None:
    bar = mark_card()["bar"]
    assert read_mark(sound(MARKED), shipped_decoder()) > max(bar, 0.95)
    assert read_mark(sound(UNMARKED), shipped_decoder()) < 0.1


def test_a_quieter_clip_reads_the_same() -> None:
    for path in (MARKED, UNMARKED):
        loud, quiet = (read_mark(sound(path) * np.float32(gain), shipped_decoder()) for gain in (1.0, 0.01))
        assert quiet == pytest.approx(loud, abs=1e-3)


def test_a_clip_shorter_than_a_frame_and_a_silent_one_read_as_something() -> None:
    assert 0.0 <= read_mark(sound(MARKED)[:1000], shipped_decoder()) <= 1.0
    assert 0.0 <= read_mark(np.zeros(4000, np.float32), shipped_decoder()) <= 1.0


def test_the_lines_name_bar_false_alarms_survival_and_what_cannot_be_read() -> None:
    card = mark_card()
    found, measured, elsewhere = mark_lines(sound(MARKED))
    assert found.state == "notable" and f"{card['bar']:.2f}" in found.text
    assert f"{card['real_clips']:,} real clips" in measured.text and "survives" in measured.meaning
    assert elsewhere.state == "unread" and "AudioSeal" in elsewhere.text and "SynthID" in elsewhere.text
    assert mark_lines(sound(UNMARKED))[0].state == "nothing"


def test_the_bar_was_chosen_on_500_real_clips_and_measured_on_as_many_others() -> None:
    card = mark_card()
    assert card["chosen_on"] >= 500 and card["real_clips"] >= 500
    low, high = card["false_alarm_interval"]
    assert low <= card["false_alarms"] / card["real_clips"] <= high


def published(folder: Path) -> Path:
    """Random weights in the form in which the package has its own."""
    torch.manual_seed(0)
    state = {f"decoder.{name}": tensor for name, tensor in MarkDecoder().state_dict().items()}
    path = folder / "perth_net_250000.pth.tar"
    torch.save({"model": {**state, "encoder.layers.0.conv.bias": torch.zeros(256)}, "step": 1}, path)
    return path


def test_published_weights_become_half_as_large_and_keep_their_values(tmp_path: Path) -> None:
    path = published(tmp_path)
    import_perth(path, tmp_path / "perth")
    kept = load_file(tmp_path / "perth" / perth.WEIGHTS)
    assert set(kept) == set(MarkDecoder().state_dict())
    for name, tensor in read_published(path).items():
        if name.startswith("decoder."):
            assert torch.equal(kept[name.removeprefix("decoder.")], tensor.half())
    assert mark_card(tmp_path / "perth")["licence"].startswith("MIT")


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("run"),)


@pytest.mark.parametrize("content", [{"model": Harmful()}, {"model": {"decoder.a": torch.zeros(1)}}, [1]])
def test_what_is_not_the_weights_is_refused_unread(
    content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(content, tmp_path / "weights.pth.tar")
    with pytest.raises(CheckpointError, match="Perth"):
        read_published(tmp_path / "weights.pth.tar")
    assert not (tmp_path / "run").exists()


def test_a_missing_file_is_an_error_that_says_where_it_is() -> None:
    with pytest.raises(CheckpointError, match="wheel of resemble-perth"):
        read_published(Path("nowhere"))


@pytest.mark.parametrize("name", [perth.WEIGHTS, perth.CARD])
def test_a_flipped_byte_is_noticed_and_a_line_of_the_provenance(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_perth(published(tmp_path), tmp_path / "perth")
    data = bytearray((tmp_path / "perth" / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "perth" / name).write_bytes(data)
    monkeypatch.setattr(perth, "FOLDER", tmp_path / "perth")
    shipped_decoder.cache_clear()
    line, _ = mark_lines(sound(MARKED))
    shipped_decoder.cache_clear()
    assert line.state == "unread" and "restore it" in line.text
    assert str(tmp_path) not in line.text and f"perth/{name}" in line.text


def test_the_card_is_plain_json() -> None:
    assert json.loads((perth.FOLDER / perth.CARD).read_text())["name"] == "perth"
