"""Detectors are loaded when they are asked for, once, and released when many were."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.detectors import checkpoint
from core.detectors.catalogue import Catalogue
from core.errors import CheckpointError


@pytest.fixture
def loads(monkeypatch):
    """The folders that are loaded while a test runs."""
    done = []
    real = checkpoint.load_detector
    monkeypatch.setattr(checkpoint, "load_detector", lambda folder: done.append(folder.name) or real(folder))
    return done


@pytest.fixture
def folders(small_checkpoints):
    return {name: small_checkpoints / name for name in ("small-cnn", "small-cae")}


def test_names_cards_and_capabilities_are_known_without_weights(folders, loads):
    catalogue = Catalogue(folders)
    assert list(catalogue) == ["small-cnn", "small-cae"] and len(catalogue) == 2
    assert "small-cae" in catalogue and "nobody" not in catalogue
    assert catalogue.card("small-cae").architecture == "cae-lfcc"
    assert [catalogue.rebuilds(name) for name in catalogue] == [False, True]
    assert [catalogue.is_slow(name) for name in catalogue] == [False, False]
    assert loads == catalogue.loaded == []


def test_a_detector_is_loaded_once_whoever_asks(folders, loads):
    catalogue = Catalogue(folders)
    with ThreadPoolExecutor(4) as pool:
        found = set(map(id, pool.map(catalogue.__getitem__, ["small-cnn"] * 4)))
    assert len(found) == 1
    assert loads == ["small-cnn"]


def test_several_are_loaded_in_the_order_asked(folders, loads):
    names = ["small-cae", "small-cnn"]
    assert [detector.name for detector in Catalogue(folders).load(names)] == names
    assert sorted(loads) == sorted(names)


def test_the_one_not_asked_for_longest_is_released_but_no_pinned_one(small_checkpoints, loads):
    catalogue = Catalogue(
        {"pinned": small_checkpoints / "small-cae", **dict.fromkeys("abc", small_checkpoints / "small-cnn")},
        pinned=["pinned"], spare=2,
    )  # fmt: skip
    for name in ("pinned", "a", "b", "a", "c"):
        _ = catalogue[name]
    assert catalogue.loaded == ["pinned", "a", "c"]
    _ = catalogue["b"]
    assert catalogue.loaded == ["pinned", "c", "b"]
    assert len(loads) == 5


def test_a_damaged_checkpoint_is_told_when_it_is_asked_for(folders, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "card.json").write_text("{}")
    catalogue = Catalogue({**folders, "broken": tmp_path / "broken"})
    assert catalogue["small-cnn"].name == "small-cnn"
    with pytest.raises(CheckpointError, match=r"card\.json"):
        _ = catalogue["broken"]
    with pytest.raises(KeyError):
        _ = catalogue["nobody"]
