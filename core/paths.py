"""Where runs are kept when nobody says where."""

import os
import sys
from pathlib import Path

__all__ = ["data_folder", "run_folder"]


def data_folder() -> Path:
    """Return ``$SPOOFSCOPE_DATA``, or ``spoofscope`` in the folder where this system keeps a user's data."""
    named = os.environ.get("SPOOFSCOPE_DATA")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "spoofscope"


def run_folder(digest: str) -> Path:
    """Return the folder of the run with this digest."""
    return data_folder() / "runs" / digest[:16]
