"""Where the weights of a speech recogniser's encoder come from: the file that its Python package carries."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import CheckpointError

__all__ = ["read_recogniser"]

_QUANTISED = ("MatMulIntegerToFloat", "DynamicQuantizeMatMul")
_ADDED = "_add_tensor"
# The optimiser that wrote the file folded these into constants of its own.
_GROUPNORM = {"/groupnorm/Mul": "groupnorm.weight", "/groupnorm/Add": "groupnorm.bias"}


def read_recogniser(path: Path) -> dict[str, torch.Tensor]:
    """Read the encoder of Moonshine from ``encoder_model.ort``, as the package ``moonshine-voice`` 0.0.48 carries it.

    Its matrices are kept there in 8 bits and are returned as the numbers these stand for.

    Raises
    ------
    CheckpointError
        When the file is missing, or no such encoder.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}: it is part of the package moonshine-voice 0.0.48.")
    try:
        return _weights(path)
    # What ONNX Runtime raises has no base but Exception.
    except Exception as error:
        raise CheckpointError(f"{path} is not the encoder of Moonshine: {error}") from error


def _weights(path: Path) -> dict[str, torch.Tensor]:
    graph = _graph(path)
    from onnx import numpy_helper

    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {name.removesuffix(_ADDED): value for name, value in values.items() if name.startswith(("conv", "layer"))}
    for node in graph.node:
        if node.op_type in _QUANTISED:
            found[node.name[1:].rsplit("/", 1)[0].replace("/", ".") + ".weight"] = _matrix(node.input, values).T
        elif node.name in _GROUPNORM:
            found[_GROUPNORM[node.name]] = next(values[name] for name in node.input if name in values).ravel()
    return {name: torch.from_numpy(np.array(value, np.float32)) for name, value in found.items()}


def _matrix(names: list[str], values: dict[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    """Return the matrix that whole numbers, a scale and a zero point stand for."""
    stem = next(name for name in names if name.endswith("_quantized") and name in values).removesuffix("_quantized")
    whole = values[f"{stem}_quantized"].astype(np.float32) - values[f"{stem}_zero_point"].astype(np.float32)
    return whole * values[f"{stem}_scale"].astype(np.float32)


def _graph(path: Path):  # type: ignore[no-untyped-def]  # onnx has no types
    """Let ONNX Runtime rewrite its own format as ONNX, whose graph can be read."""
    import onnx
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.optimized_model_filepath = str(Path(folder) / "encoder.onnx")
        options.add_session_config_entry("session.save_model_format", "ONNX")
        onnxruntime.InferenceSession(str(path), options)
        return onnx.load(options.optimized_model_filepath).graph
