"""The environment variables that set something, each with what it sets: the one list of them."""

import os
from dataclasses import dataclass

__all__ = [
    "ANCHORS", "AUTH", "CACHE", "CORPUS", "DATA", "ENGINE", "GATE", "HOST", "HOSTS", "PORT", "RUNS", "SETTINGS",
    "Setting",
]  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """An environment variable.

    Attributes
    ----------
    name : str
    default : str
        What holds where it is not set, in words.
    summary : str
        What it sets, in one sentence.
    """

    name: str
    default: str
    summary: str

    def read(self) -> str | None:
        """Return its value; None where it is not set, or empty."""
        return os.environ.get(self.name) or None


HOST = Setting("HOST", "127.0.0.1", "Address that the page is served on.")
PORT = Setting("PORT", "7860", "Port that the page is served on.")
AUTH = Setting("SPOOFSCOPE_AUTH", "none", "`user:password` that a visitor of the page must give.")
HOSTS = Setting("SPOOFSCOPE_HOSTS", "this machine's", "Names that the page may be reached by, separated by commas.")
CORPUS = Setting(
    "SPOOFSCOPE_CORPUS", "none", "Folder of the reference run's recordings; without it they cannot be played."
)
DATA = Setting("SPOOFSCOPE_DATA", "the user's data folder", "Folder for runs.")
RUNS = Setting("SPOOFSCOPE_RUNS", "none", "Further folders of runs that the page offers, separated as in PATH.")
CACHE = Setting("SPOOFSCOPE_CACHE", "the user's cache folder", "Folder for what can be made again.")
ENGINE = Setting(
    "SPOOFSCOPE_ENGINE", "auto",
    "What computes a network: `onnx` (ONNX Runtime), `eager` (PyTorch), or `auto`: the first where both agree.",
)  # fmt: skip
GATE = Setting(
    "SPOOFSCOPE_GATE", "on",
    "`off` counts detectors that are at chance on a run's labelled clips in votes and means, too.",
)  # fmt: skip
ANCHORS = Setting(
    "SPOOFSCOPE_ANCHORS", "none",
    "File of PEM certificates that are trusted, besides the C2PA Trust List, to sign content credentials.",
)  # fmt: skip

SETTINGS = (HOST, PORT, AUTH, HOSTS, CORPUS, DATA, RUNS, CACHE, ENGINE, GATE, ANCHORS)
