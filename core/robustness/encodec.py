"""EnCodec at 24 kHz, where a person has installed the package and fetched its weights; nothing is downloaded here."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

__all__ = ["FETCH", "RATE_HZ", "load_encodec", "weights_path", "without_encodec"]

RATE_HZ = 24_000
FETCH = "import encodec; encodec.EncodecModel.encodec_model_24khz()"
"""A Python expression that makes the package fetch its weights, for a person to run."""


def weights_path() -> Path:
    """Return where torch.hub keeps the file that the package fetches."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints" / "encodec_24khz-d7cc33bc.th"


def without_encodec() -> str | None:
    """Return why it cannot be used here; None where it can."""
    if importlib.util.find_spec("encodec") is None:
        return "the Python package encodec is not installed: pip install encodec, and fetch its weights"
    if not weights_path().is_file():
        return f"EnCodec's weights are not at {weights_path()}: fetch them once by python -c {FETCH!r}"
    return None


def load_encodec() -> Any:
    """Return the network [shape=(1, 1, n) to the same], its weights read without running anything in their file."""
    from core.detectors.checkpoint import read_foreign_weights

    network = importlib.import_module("encodec").EncodecModel.encodec_model_24khz(pretrained=False)
    network.load_state_dict(read_foreign_weights(weights_path()))
    return network.eval()
