"""Checkpoints: a folder with ``model.safetensors`` and ``card.json``, written whole, read only when intact."""

import importlib.metadata
import json
from pathlib import Path
from pickle import UnpicklingError

import torch
from numpy.typing import ArrayLike
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from core.analysis.format import first_few
from core.detectors.card import Card, Polarity
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS, Network
from core.detectors.polarity import check_polarity
from core.errors import CheckpointError, UnknownNameError
from core.files import atomic_folder, sealed, sha256_bytes, write_bytes, write_json
from core.runtime.choose import choose_engine

__all__ = [
    "SHIPPED",
    "borrow",
    "find_checkpoint",
    "import_weights",
    "load_detector",
    "read_card",
    "read_foreign_weights",
    "save_card",
    "save_checkpoint",
    "shipped",
]

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints"
_WEIGHTS, _CARD, _SEAL = "model.safetensors", "card.json", "card_sha256"
_MAX_WEIGHTS = 2 << 30


def versions() -> dict[str, str]:
    """Return the versions of the packages that a checkpoint depends on."""
    return {name: importlib.metadata.version(name) for name in ("torch", "torchaudio", "torchvision", "numpy")}


def save_checkpoint(
    folder: Path | str, network: Network, card: Card, *, dev_raw: ArrayLike | None = None,
    dev_is_bonafide: ArrayLike | None = None, extra: dict[str, bytes] | None = None, overwrite: bool = False,
) -> Path:  # fmt: skip
    """Write a checkpoint folder atomically.

    Parameters
    ----------
    folder : Path or str
    network : Network
    card : Card
        ``precision`` is how the weights are stored; digest, size and parameter count are filled in here.
    dev_raw, dev_is_bonafide : array, optional
        Raw outputs on development data: the polarity gate. Only imported weights may go without.
    extra : dict of str to bytes, optional
        Further files (learning curves).
    overwrite : bool
        Replace a checkpoint of this name.

    Raises
    ------
    PolarityError
        When the development scores rank spoof above bona fide.
    """
    if dev_raw is not None and dev_is_bonafide is not None:
        auc = check_polarity(dev_raw, dev_is_bonafide)
        card = card.model_copy(update={"polarity": card.polarity.model_copy(update={"dev_auc": auc})})
    half = card.precision == "float16"
    tensors = {
        k: (v.half() if half and v.dtype == torch.float32 else v).contiguous()
        for k, v in network.state_dict().items() if k.split(".")[0] not in network.borrowed
    }  # fmt: skip
    data = save_tensors(tensors)
    card = card.model_copy(update={
        "hyperparameters": network.rebuilt_by(card.hyperparameters),
        "parameters": sum(p.numel() for p in network.parameters()), "frontend": network.frontend.describe(),
        "sha256": sha256_bytes(data), "size_bytes": len(data), "versions": versions(),
        "borrowed": {lender: read_card(find_checkpoint(lender)).sha256 for lender in network.borrowed.values()},
    })  # fmt: skip
    with atomic_folder(folder, overwrite=overwrite) as temporary:
        write_bytes(temporary / _WEIGHTS, data)
        write_json(temporary / _CARD, sealed(card.model_dump(mode="json"), _SEAL))
        for name, content in (extra or {}).items():
            write_bytes(temporary / name, content)
    return Path(folder)


def save_card(folder: Path | str, card: Card) -> None:
    """Write another card for the same weights; it is sealed again."""
    write_json(Path(folder) / _CARD, sealed(card.model_dump(mode="json"), _SEAL))


def shipped() -> list[str]:
    """Return the names of the checkpoints that ship, sorted."""
    # A hidden folder is a checkpoint that is still being written.
    return sorted(path.parent.name for path in SHIPPED.glob(f"[!.]*/{_CARD}"))


def find_checkpoint(name_or_folder: str | Path) -> Path:
    """Return the folder of a shipped checkpoint, by name, or of any other, by path.

    Names are ``architecture`` or ``architecture.recipe``; those of before, with a hyphen for the full stop, are found
    too.

    Raises
    ------
    UnknownNameError
        When there is neither.
    """
    renamed = {name.replace(".", "-"): name for name in shipped()}
    current = renamed.get(str(name_or_folder), name_or_folder)
    for folder in (SHIPPED / current, Path(name_or_folder)):
        if (folder / _CARD).is_file():
            return folder
    raise UnknownNameError(
        f"There is no checkpoint {str(name_or_folder)!r}: give a folder that holds {_CARD}, "
        f"or one of {', '.join(shipped()) or '(none ships)'}."
    )


def read_card(folder: Path | str) -> Card:
    """Read a checkpoint's card and check its seal.

    Raises
    ------
    CheckpointError
        When the card is missing, damaged or holds something impossible.
    """
    path = Path(folder) / _CARD
    try:
        stored = json.loads(path.read_bytes().decode())
        if not isinstance(stored, dict) or sealed(stored, _SEAL) != stored:
            raise CheckpointError(f"{path} does not match its own digest: it was damaged or edited; restore it.")
        return Card(**{k: v for k, v in stored.items() if k != _SEAL})
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, ValidationError, TypeError) as error:
        raise CheckpointError(f"{path} cannot be read as a card: {error}") from error


def load_detector(name_or_folder: str | Path) -> Detector:
    """Load a checkpoint; nothing of it is unpickled, and every byte is checked against the card.

    The engine is chosen by ``core.runtime.choose``: ONNX Runtime where it predicts the same as the network.

    Raises
    ------
    UnknownNameError
        When there is no such checkpoint.
    CheckpointError
        When a file is missing or damaged, or does not fit the architecture.
    """
    folder = find_checkpoint(name_or_folder)
    card = read_card(folder)
    tensors = _read_weights(folder, card)
    try:
        network = NETWORKS.get(card.architecture)(**card.hyperparameters)
        network.load_state_dict({**_lent(network, card), **tensors})
    except (RuntimeError, TypeError) as error:
        what = f"{folder / _WEIGHTS} does not fit the architecture {card.architecture!r}"
        raise CheckpointError(f"{what}: {error}") from error
    return Detector(network, card, engine=choose_engine(network.eval(), card))


def borrow(network: Network) -> None:
    """Give a new network the weights that another checkpoint holds for it (``Network.borrowed``).

    Raises
    ------
    UnknownNameError, CheckpointError
        When there is no such checkpoint, or it is damaged.
    RuntimeError
        When its weights do not fit.
    """
    lent = _lent(network, None)
    for module in network.borrowed:
        of_module = {k.removeprefix(f"{module}."): v for k, v in lent.items() if k.startswith(f"{module}.")}
        network.get_submodule(module).load_state_dict(of_module)


def _lent(network: Network, card: Card | None) -> dict[str, torch.Tensor]:
    """Return the borrowed weights; those of a checkpoint must be the very ones that its card names."""
    tensors: dict[str, torch.Tensor] = {}
    for module, lender in network.borrowed.items():
        folder = find_checkpoint(lender)
        lent = read_card(folder)
        if card is not None and card.borrowed.get(lender) != lent.sha256:
            raise CheckpointError(
                f"{card.name} was trained on the weights of another {lender} than the one in {folder}: restore that "
                "one, or train it anew."
            )
        tensors |= {k: v for k, v in _read_weights(folder, lent).items() if k.startswith(f"{module}.")}
    return tensors


def _read_weights(folder: Path, card: Card) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint in single precision, every byte checked against its card."""
    weights = folder / _WEIGHTS
    if not weights.is_file():
        raise CheckpointError(f"{folder} has no {_WEIGHTS}: the checkpoint is incomplete.")
    data = weights.read_bytes()
    if sha256_bytes(data) != card.sha256:
        raise CheckpointError(f"{weights} does not match the digest on its card: it was damaged; restore it.")
    try:
        return {k: v.float() if v.dtype == torch.float16 else v for k, v in load_tensors(data).items()}
    except SafetensorError as error:
        raise CheckpointError(f"{weights} is no file of weights: {error}") from error


def read_foreign_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict that somebody else published (.pth, .pt or .safetensors) without running anything in it.

    Raises
    ------
    CheckpointError
        When the file is missing, too large, or holds anything but named tensors.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}.")
    if path.stat().st_size > _MAX_WEIGHTS:
        raise CheckpointError(f"{path} is larger than 2 GiB: that is no detector this project knows.")
    state: object
    try:
        if path.suffix == ".safetensors":
            state = load_tensors(path.read_bytes())
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path} is not a file of weights: {error}") from error
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} is no file of weights, or holds more than weights: not opened. Save its tensors as .safetensors."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        raise CheckpointError(f"{path} is not a plain mapping of names to tensors.")
    return state


def import_weights(architecture: str, path: Path | str, folder: Path | str, *, name: str | None = None) -> Path:
    """Turn published weights into a checkpoint of ours; uncalibrated, its polarity the authors' word.

    Raises
    ------
    UnknownNameError
        When the architecture is not registered.
    CheckpointError
        When names or shapes differ from the architecture's; the message lists the first of them.
    """
    path = Path(path)
    network = NETWORKS.get(architecture)()
    state = read_foreign_weights(path)
    expected = network.state_dict()
    wrong = [
        f"{key}: {'missing' if key not in state else 'unknown' if key not in expected else 'other shape'}"
        for key in sorted(expected.keys() | state.keys())
        if key not in state or key not in expected or state[key].shape != expected[key].shape
    ]
    if wrong:
        raise CheckpointError(f"{path.name} does not fit {architecture!r}: {first_few(wrong, 3, separator='; ')}.")
    network.load_state_dict(state)
    card = Card(
        name=name or Path(folder).name,
        architecture=architecture,
        summary=f"Weights imported from {path.name}.",
        polarity=Polarity(how="taken from the architecture's published convention; not checked on data here"),
        limits=["Uncalibrated: P(spoof) is the raw output through a logistic function, not a measured probability."],
    )
    try:
        return save_checkpoint(folder, network.eval(), card)
    except FileExistsError as error:
        raise CheckpointError(str(error)) from error
