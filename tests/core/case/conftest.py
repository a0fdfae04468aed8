"""A case of one recording by two small detectors that have learnt nothing: made once, for all tests to change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.case import Context, write_case
from core.panel import load_panel

RATE = 16_000


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory, speech_source: np.ndarray) -> Path:
    path = tmp_path_factory.mktemp("recordings") / "a voice & <more>.wav"
    soundfile.write(path, np.concatenate([speech_source, speech_source[:RATE]]), RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def small_context(small_checkpoints: Path) -> Context:
    named = [str(small_checkpoints / name) for name in ("small-cnn", "small-cae")]
    return Context(load_panel(named), named, made=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


@contextmanager
def cheap() -> Iterator[None]:
    """The small network's gradient as its map, checked in few steps: no test here is about maps, but others are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.session.explained_first", lambda *_: "small-cnn")
        patch.setattr("core.explain.base.default_method", lambda _: "gradient-x-input")
        patch.setattr("core.explain.faithfulness.FRACTIONS", (0.1,))
        patch.setattr("core.explain.faithfulness.RANDOM_MAPS", 1)
        yield


@pytest.fixture(scope="module", autouse=True)
def cheap_maps() -> Iterator[None]:
    with cheap():
        yield


@pytest.fixture(scope="session")
def case(recording: Path, small_context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with cheap():
        return write_case([recording], tmp_path_factory.mktemp("case") / "case.zip", context=small_context)
