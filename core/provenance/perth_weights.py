"""From the weights that the package ``resemble-perth`` carries to the ones that ship; nothing is unpickled."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors.torch import save as save_tensors

from core.errors import CheckpointError
from core.files import sealed, sha256_bytes, write_bytes, write_json
from core.provenance.perth import CARD, SEAL, WEIGHTS, MarkDecoder

__all__ = ["import_perth", "read_published", "write_card"]

_DECODER = "decoder."
_ABOUT = {
    "name": "perth",
    "summary": "Decoder of Resemble's Perth watermark (implicit, step 250,000), as the package resemble-perth has it.",
    "source": "the Python package resemble-perth 1.0.1",
    "licence": "MIT, Copyright (c) 2025 Resemble AI",
    "precision": "float16",
}


def read_published(path: Path) -> dict[str, torch.Tensor]:
    """Read all weights from ``perth_net_250000.pth.tar`` of the package ``resemble-perth`` 1.0.1.

    Raises
    ------
    CheckpointError
        When the file is missing, or holds more than weights, or others.
    """
    if not path.is_file():
        raise CheckpointError(
            f"There is no file {path}: it is in the wheel of resemble-perth 1.0.1, which `pip download --no-deps` "
            "fetches; unpack it as an archive."
        )
    try:
        stored: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)["model"]
        found = {name: tensor.float() for name, tensor in stored.items()}
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} does not hold the weights of Perth: {error}") from error
    expected = MarkDecoder().state_dict()
    wrong = next((n for n, t in expected.items() if getattr(found.get(_DECODER + n), "shape", None) != t.shape), None)
    if wrong is not None:
        raise CheckpointError(f"{path} does not hold the weights of Perth: {wrong} is missing or of another shape.")
    return found


def import_perth(path: Path, folder: Path) -> None:
    """Write the decoder's weights as float16 safetensors, with a card that has their digest and no figures yet."""
    published = read_published(path)
    decoder = {n.removeprefix(_DECODER): t.half() for n, t in published.items() if n.startswith(_DECODER)}
    data = save_tensors(decoder)
    write_bytes(folder / WEIGHTS, data)
    write_card(folder, {**_ABOUT, "sha256": sha256_bytes(data), "size_bytes": len(data)})


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write a card, sealed with its own digest."""
    write_json(folder / CARD, sealed(card, SEAL))
