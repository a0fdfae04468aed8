"""An engine is chosen for good reasons, and what is in the cache is believed only where it is intact and current."""

import json
import logging
import os
import threading
import time

import numpy as np
import pytest

from core.detectors.detector import Detector
from core.errors import ExportError
from core.runtime import cache, choose
from core.runtime.cache import Record, place_of
from core.runtime.choose import choose_engine, expected_engine, export_later, make_ready
from core.runtime.engine import Eager
from core.runtime.parity import compare
from core.runtime.probes import probe_windows
from tests.core.runtime.conftest import Tiny, Unexportable, Unfaithful, card_of


@pytest.fixture
def network():
    return Tiny()


@pytest.fixture
def no_exporting(monkeypatch):
    """Let any further export fail the test."""

    def forbid():
        monkeypatch.setattr(choose, "to_onnx", lambda *_: pytest.fail("exported again"))

    return forbid


def says_the_same(engine, network) -> bool:
    return compare(engine, Eager(network), probe_windows(network.window)).holds


def test_a_network_is_heard_by_onnx_runtime_and_exported_once(network, exports, no_exporting):
    card = card_of(network)
    assert expected_engine(card, Tiny) == "onnx (not exported yet)"
    first = choose_engine(network, card)
    no_exporting()
    again = choose_engine(network, card)
    assert first.name == again.name == expected_engine(card, Tiny) == "onnx"
    assert says_the_same(again, network)
    assert sorted(path.suffix for path in exports.iterdir()) == [".json", ".onnx"]


def test_an_export_says_what_the_parity_check_found(network):
    choose_engine(network, card_of(network))
    record = place_of(card_of(network), Tiny).read()
    assert record is not None and record.inlet == "features"
    assert 0 <= record.raw_difference < 1e-5 and 0 <= record.embedding_difference < 1e-5


@pytest.mark.parametrize("kind", [Unexportable, Unfaithful])
def test_one_that_cannot_be_exported_is_heard_by_pytorch_with_one_word_and_tried_once(
    kind, exports, no_exporting, caplog
):
    network = kind()
    with caplog.at_level(logging.INFO):
        engine = choose_engine(network, card_of(network))
        no_exporting()
        again = choose_engine(network, card_of(network))
    assert engine.name == again.name == expected_engine(card_of(network), kind) == "eager"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"{kind.__name__.lower()} is run by PyTorch")
    assert [path.suffix for path in exports.iterdir()] == [".json"]


def test_a_failed_export_prints_nothing(capfd):
    network = Unexportable()
    choose_engine(network, card_of(network))
    out, err = capfd.readouterr()
    assert out == "" and len(err.splitlines()) <= 1


def test_an_export_leaves_the_network_in_evaluation_mode(network):
    choose_engine(network, card_of(network))
    assert not any(module.training for module in network.modules())


def test_who_insists_on_onnx_is_told_why_not(monkeypatch):
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "onnx")
    assert choose_engine(Tiny(), card_of(Tiny())).name == "onnx"
    for _ in range(2):
        with pytest.raises(ExportError, match=r"unexportable cannot be run by ONNX Runtime.*linalg_qr"):
            choose_engine(Unexportable(), card_of(Unexportable()))


def test_who_asks_for_pytorch_gets_it_and_nothing_is_exported(network, exports, monkeypatch):
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "eager")
    assert choose_engine(network, card_of(network)).name == expected_engine(card_of(network), Tiny) == "eager"
    assert not exports.exists()


def test_an_engine_that_there_is_not_is_named(network, monkeypatch):
    monkeypatch.setenv("SPOOFSCOPE_ENGINE", "abacus")
    with pytest.raises(ExportError, match="'abacus'"):
        choose_engine(network, card_of(network))


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def another_shape(path):
    path.write_text("[1, 2]" if path.suffix == ".json" else "no model at all")


@pytest.mark.parametrize("harm", [cut, flip, empty, remove, another_shape])
@pytest.mark.parametrize("suffix", [".json", ".onnx"])
def test_a_damaged_export_is_noticed_and_made_again(harm, suffix, network, exports):
    choose_engine(network, card_of(network))
    (path,) = exports.glob(f"*{suffix}")
    before = path.read_bytes()
    harm(path)
    engine = choose_engine(network, card_of(network))
    assert engine.name == "onnx" and says_the_same(engine, network)
    assert path.read_bytes() == before


def test_other_weights_have_another_export(exports):
    one, two = Tiny(seed=1), Tiny(seed=2)
    choose_engine(one, card_of(one, weights="1" * 64))
    engine = choose_engine(two, card_of(two, weights="2" * 64))
    assert says_the_same(engine, two)
    assert len(list(exports.glob("*.onnx"))) == 2


@pytest.mark.parametrize("change", ["format", "code", "version"])
def test_an_export_of_another_version_is_replaced(change, network, exports, monkeypatch):
    choose_engine(network, card_of(network))
    (record,) = exports.glob("*.json")
    before = json.loads(record.read_text())
    if change == "format":
        monkeypatch.setattr(cache, "_FORMAT", cache._FORMAT + 1)
    elif change == "code":
        monkeypatch.setattr(cache, "_code_digest", lambda _: "changed")
    else:
        monkeypatch.setattr(cache, "_versions", lambda: {"torch": "99"})
    assert place_of(card_of(network), Tiny).read() is None
    choose_engine(network, card_of(network))
    assert json.loads(record.read_text())["made_from"] != before["made_from"]
    assert len(list(exports.iterdir())) == 2


def test_the_code_of_detectors_and_front_ends_is_part_of_the_version(tmp_path, monkeypatch):
    for name in ("detectors", "frontends"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("1")
    monkeypatch.setattr(cache, "_CORE", tmp_path)
    digests = set()
    for changed in (None, "detectors", "frontends"):
        if changed:
            (tmp_path / changed / "a.py").write_text("2")
        cache._our_code.cache_clear()
        cache._code_digest.cache_clear()
        digests.add(cache._code_digest("no.module"))
    cache._our_code.cache_clear()
    cache._code_digest.cache_clear()
    assert len(digests) == 3


def test_a_cache_that_cannot_be_written_costs_time_only(network, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "file"))
    assert choose_engine(network, card_of(network)).name == "onnx"


def test_what_nobody_asked_for_in_a_long_time_is_forgotten(network, exports):
    exports.mkdir(parents=True)
    for name, days in (("old", 61), ("recent", 59)):
        (exports / f"{name}.onnx").write_bytes(b"")
        os.utime(exports / f"{name}.onnx", (time.time() - days * 86_400,) * 2)
    choose_engine(network, card_of(network))
    assert {path.stem for path in exports.glob("*.onnx")} & {"old", "recent"} == {"recent"}


def test_two_who_write_at_once_leave_a_whole_export(network):
    place = place_of(card_of(network), Tiny)
    models = [bytes([number]) * 100_000 for number in (1, 2)]
    found = []

    def write(model: bytes) -> None:
        for _ in range(10):
            sha256 = cache.sha256_bytes(model)
            place.write(Record(made_from=place.made_from, inlet="features", sha256=sha256), model)

    writers = [threading.Thread(target=write, args=(model,)) for model in models]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        record = place.read()
        found.append(record and place.read_model(record))
    assert set(found) <= {None, *models}
    write(models[0])
    assert place.read_model(place.read()) == models[0]


def test_a_page_hears_by_pytorch_until_there_is_time_to_export(network, no_exporting, monkeypatch):
    export_later()
    with monkeypatch.context() as patch:
        patch.setattr(choose, "to_onnx", lambda *_: pytest.fail("exported while somebody waits"))
        detector = Detector(network, card_of(network), engine=choose_engine(network, card_of(network)))
    assert detector.engine.name == "eager"
    waveform = np.random.default_rng(0).normal(0, 0.1, 4000).astype(np.float32)
    before = detector.score(waveform)
    make_ready(detector)
    assert detector.engine.name == "onnx"
    assert detector.score(waveform).raw == pytest.approx(before.raw, abs=1e-5)
    no_exporting()
    assert choose_engine(network, card_of(network)).name == "onnx"
