"""Lays out the example tree of a reader; a recording's content is its own path, so that no two are alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.corpus.reader import READERS


@pytest.fixture
def made_up(tmp_path: Path) -> Callable[..., Path]:
    """A function that lays out a reader's example by the reader's name, in a folder of its own or in the one given."""

    def build(name: str, root: Path | None = None) -> Path:
        folder = tmp_path / name if root is None else root
        for path, text in READERS.get(name).example().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(path if text is None else f"{text}\n", encoding="utf-8")
        return folder

    return build
