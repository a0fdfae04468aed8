"""Networks as files of other runtimes: ONNX for ONNX Runtime, TorchScript for programs in C++."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from core.audio.clip import SAMPLE_RATE
from core.errors import ExportError
from core.runtime.probes import probe_windows

if TYPE_CHECKING:
    from core.detectors.network import Network

__all__ = ["INPUT", "OPSET", "Inlet", "inlets", "outputs_of", "to_onnx", "to_torchscript"]

Inlet = Literal["waveform", "features"]
"""What an export takes: a window [shape=(1, n)], or what the front-end makes of it."""

INPUT = "input"
OPSET = 17

# The exporter keeps its state in globals of the process.
_exporting = threading.Lock()


class _Spoken(nn.Module):
    """What a detector needs of a network and no more: raw output and embedding, and the cells where there are some."""

    def __init__(self, network: "Network", inlet: Inlet) -> None:
        super().__init__()
        self.network = network
        self.inlet = inlet

    def forward(self, given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        # The exporter turns on, itself and before it calls this, a log that prints whole graphs where it fails.
        torch._C._jit_set_onnx_log_enabled(False)
        output = self.network(given) if self.inlet == "waveform" else self.network.classify(given)
        cells = () if output.cells is None else (output.cells.float(),)
        return output.raw.float(), output.embedding.float(), *cells


def inlets(network: "Network") -> tuple[Inlet, ...]:
    """Return where an export of a network may begin, best first.

    A front-end with a value for each sample is a bank of filters: convolutions, which are faster exported too. One
    with frames is a Fourier transform, which torch does fast and the exporter does not know.
    """
    keeps_samples = network.frontend.hop_s * SAMPLE_RATE < 2
    return ("waveform", "features") if keeps_samples else ("features",)


def outputs_of(network: "Network") -> tuple[str, ...]:
    """Return the names of what an export gives, in order: those of ``core.runtime.engine.Prediction``, one window's."""
    return ("raw", "embedding") if network.grid() is None else ("raw", "embedding", "cells")


def to_onnx(network: "Network", inlet: Inlet) -> bytes:
    """Return the network as an ONNX file for one window.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    inlet : {'waveform', 'features'}
        Where the export begins.

    Raises
    ------
    ExportError
        When the exporter does not know one of the network's operations.
    """
    buffer = io.BytesIO()
    with _traceable(network, inlet) as (module, example):
        torch.onnx.register_custom_op_symbolic("aten::mT", _transpose, OPSET)
        # The exporter by torch.export takes half a minute for a graph network, and ties the batch all the same.
        torch.onnx.export(
            module, (example,), buffer,  # type: ignore[arg-type]
            dynamo=False, opset_version=OPSET, input_names=[INPUT], output_names=outputs_of(network),
        )  # fmt: skip
    return buffer.getvalue()


def to_torchscript(network: "Network") -> bytes:
    """Return the whole network, front-end included, as a TorchScript file that takes a window [shape=(1, n)].

    Raises
    ------
    ExportError
        When the network cannot be traced.
    """
    buffer = io.BytesIO()
    with _traceable(network, "waveform") as (module, example):
        traced = torch.jit.freeze(torch.jit.trace(module, (example,), check_trace=False))
        torch.jit.save(traced, buffer)
    return buffer.getvalue()


def _transpose(graph: Any, matrices: Any) -> Any:
    """Give the exporter what it does not know: ``Tensor.mT``."""
    rank = matrices.type().dim()
    return graph.op("Transpose", matrices, perm_i=[*range(rank - 2), rank - 1, rank - 2])


@contextmanager
def _traceable(network: "Network", inlet: Inlet) -> Iterator[tuple[nn.Module, torch.Tensor]]:
    """Yield module and example to trace, alone and quietly; what goes wrong inside becomes an ``ExportError``."""
    example = torch.from_numpy(probe_windows(network.window)[:1])
    with _exporting, torch.no_grad(), warnings.catch_warnings():
        # They speak of the exporter's age and of shapes that are fixed on purpose.
        warnings.simplefilter("ignore")
        try:
            if inlet == "features":
                example = network.frontend(example)
            # In evaluation mode itself: else the exporter would leave the network in training mode.
            yield _Spoken(network, inlet).eval(), example
        except Exception as error:
            why = " ".join(str(error).split())[:200]
            raise ExportError(f"{type(network).__name__} cannot be exported: {type(error).__name__}: {why}") from error
