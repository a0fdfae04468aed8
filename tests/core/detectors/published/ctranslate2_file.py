"""Small files in the layout of CTranslate2, written as its own converter does."""

import struct

import numpy as np
from numpy.typing import NDArray

WIDTH, MELS, POSITIONS = 16, 8, 30
Tensors = dict[str, NDArray[np.generic]]

_KINDS = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def whisper_tensors(*, blocks: int = 2) -> Tensors:
    """Return random tensors of a small Whisper in float16, by the names of the layout."""
    rng = np.random.default_rng(5)
    norm = {"gamma": (WIDTH,), "beta": (WIDTH,)}

    def linear(*shape: int) -> dict[str, tuple[int, ...]]:
        return {"weight": shape, "bias": shape[:1]}

    block = {
        "self_attention/layer_norm": norm, "self_attention/linear_0": linear(3 * WIDTH, WIDTH),
        "self_attention/linear_1": linear(WIDTH, WIDTH), "ffn/layer_norm": norm,
        "ffn/linear_0": linear(4 * WIDTH, WIDTH), "ffn/linear_1": linear(WIDTH, 4 * WIDTH),
    }  # fmt: skip
    parts = {"conv1": linear(WIDTH, MELS, 3), "conv2": linear(WIDTH, WIDTH, 3), "layer_norm": norm}
    parts |= {f"layer_{number}/{name}": shapes for number in range(blocks) for name, shapes in block.items()}
    tensors: Tensors = {
        f"encoder/{part}/{name}": (0.3 * rng.normal(size=shape)).astype(np.float16)
        for part, shapes in parts.items()
        for name, shape in shapes.items()
    }
    tensors["encoder/position_encodings/encodings"] = rng.normal(size=(POSITIONS, WIDTH)).astype(np.float16)
    return tensors | {"encoder/num_heads": np.int16(2), "decoder/embeddings/weight": np.zeros((5, 3), np.float16)}


def written(tensors: Tensors, *, version: int = 6, specification: str = "WhisperSpec") -> bytes:
    """Return the file."""
    parts = [struct.pack("<I", version), _text(specification), struct.pack("<II", 3, len(tensors))]
    for name, value in sorted(tensors.items()):
        kind = struct.pack("<BI", _KINDS[str(value.dtype)], value.nbytes)
        parts += [_text(name), struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape), kind, value.tobytes()]
    aliases = [("decoder/projection/weight", "decoder/embeddings/weight")]
    return b"".join([*parts, struct.pack("<I", len(aliases)), *(_text(a) + _text(b) for a, b in aliases)])


def _text(name: str) -> bytes:
    return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"
