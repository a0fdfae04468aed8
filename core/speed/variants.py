"""Exports that trade digits for size: half precision, 8-bit integers, weights left out; and TorchScript."""

import copy
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.errors import ExportError
from core.runtime.engine import Prediction
from core.runtime.export import Inlet, inlets, to_onnx, to_torchscript
from core.runtime.onnx import OnnxEngine

if TYPE_CHECKING:
    from core.detectors.network import Network
    from core.runtime.engine import Engine

__all__ = ["Built", "Format", "Precision", "Variant", "build"]

Format = Literal["onnx", "torchscript"]
Precision = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True)
class Variant:
    """How to export a network.

    Attributes
    ----------
    format : {'onnx', 'torchscript'}
    precision : {'fp32', 'fp16', 'int8'}
        Of the weights. ``int8`` is dynamic quantisation: activations are scaled as they come.
    prune : float
        Share of the weights of convolutions and linear layers, the smallest ones, that are set to zero.
    """

    format: Format = "onnx"
    precision: Precision = "fp32"
    prune: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether only the format changes, and so no score may."""
        return self.precision == "fp32" and self.prune == 0


@dataclass(frozen=True)
class Built:
    """An export: the file's bytes, where it begins, and the engine that runs it."""

    model: bytes
    inlet: Inlet
    engine: "Engine"


def build(network: "Network", variant: Variant) -> Built:
    """Export a network.

    Raises
    ------
    ExportError
        When the network cannot be exported like that.
    """
    if variant.prune:
        network = _pruned(network, variant.prune)
    if variant.format == "torchscript":
        if variant.precision != "fp32":
            raise ExportError(f"TorchScript is written in fp32 only: for {variant.precision} choose the format onnx.")
        model = to_torchscript(network)
        return Built(model, "waveform", _TorchScriptEngine(model))
    inlet = inlets(network)[0]
    model = _PRECISIONS[variant.precision](to_onnx(network, inlet))
    return Built(model, inlet, OnnxEngine(network, model, inlet=inlet))


def _pruned(network: "Network", share: float) -> "Network":
    """Return a copy whose smallest weights, over all convolutions and linear layers together, are zero."""
    network = copy.deepcopy(network)
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)
    weights = [module.weight.data for module in network.modules() if isinstance(module, kinds)]
    sizes = torch.cat([weight.abs().flatten() for weight in weights])
    dropped = int(share * len(sizes))
    if dropped:
        largest = sizes.kthvalue(dropped).values
        for weight in weights:
            weight.masked_fill_(weight.abs() <= largest, 0)
    return network


def _as_it_is(model: bytes) -> bytes:
    return model


def _halved(model: bytes) -> bytes:
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    halved = convert_float_to_float16(onnx.load_from_string(model), keep_io_types=True)
    return bytes(halved.SerializeToString())


def _quantised(model: bytes) -> bytes:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    proto = onnx.load_from_string(model)
    # The exporter has folded and inferred already; unmarked, the model would be advised about on the root logger.
    add_pre_process_metadata(proto)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        quantize_dynamic(proto, path, weight_type=QuantType.QInt8)
        return path.read_bytes()


_PRECISIONS = {"fp32": _as_it_is, "fp16": _halved, "int8": _quantised}


class _TorchScriptEngine:
    """A TorchScript file, run by torch."""

    name = "torchscript"

    def __init__(self, model: bytes) -> None:
        self._script = torch.jit.load(io.BytesIO(model))

    def predict(self, windows: NDArray[np.float32]) -> Prediction:
        """Return the outputs of the script; see ``Engine.predict``."""
        with torch.inference_mode():
            outputs = [self._script(torch.from_numpy(window[None])) for window in windows]
        raws, *others = (torch.cat(each) for each in zip(*outputs, strict=True))
        return Prediction(raws.double().numpy(), *(each.numpy() for each in others))
