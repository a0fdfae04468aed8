"""Where data and what can be made again are kept when no folder is named."""

from pathlib import Path

import platformdirs

from core.settings import CACHE, DATA

__all__ = ["cache_folder", "data_folder", "run_folder"]


def data_folder() -> Path:
    """Return ``$SPOOFSCOPE_DATA``, or ``spoofscope`` in the folder where this system keeps a user's data."""
    named = DATA.read()
    return Path(named) if named else platformdirs.user_data_path("spoofscope", appauthor=False)


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``$SPOOFSCOPE_CACHE``, or ``spoofscope`` in the user's cache."""
    named = CACHE.read()
    return Path(named) if named else platformdirs.user_cache_path("spoofscope", appauthor=False)


def run_folder(corpus: str) -> Path:
    """Return the folder of the run of the corpus with this digest."""
    return data_folder() / "runs" / corpus[:16]
