"""An exported network, run by ONNX Runtime on one thread."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import ExportError
from core.runtime.engine import Prediction
from core.runtime.export import INPUT, Inlet

if TYPE_CHECKING:
    import onnxruntime

    from core.detectors.network import Network

__all__ = ["OnnxEngine", "open_session"]

_FATAL_ONLY = 4


class OnnxEngine:
    """ONNX Runtime's session of a network's export, behind the front-end where that stays in torch.

    Exports take one window: then the batch cannot change a score, and every shape is known in advance.

    Parameters
    ----------
    network : Network
        Its front-end is used where the export begins behind it.
    model : bytes
        The ONNX file.
    inlet : {'waveform', 'features'}
        Where the export begins.
    """

    name = "onnx"

    def __init__(self, network: "Network", model: bytes, *, inlet: Inlet) -> None:
        self._frontend = network.frontend if inlet == "features" else None
        self._session = open_session(model)

    def predict(self, windows: NDArray[np.float32]) -> Prediction:
        """Return the export's outputs; see ``Engine.predict``."""
        outputs = zip(*(self._run(window[None]) for window in windows), strict=True)
        raws, *others = (np.concatenate(each) for each in outputs)
        return Prediction(raws.astype(np.float64), *others)

    def _run(self, window: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        if self._frontend is not None:
            with torch.inference_mode():
                window = self._frontend(torch.from_numpy(window)).contiguous().numpy()
        with _export_errors():
            outputs: list[NDArray[np.float32]] = self._session.run(None, {INPUT: window})
        return outputs


def open_session(model: bytes) -> "onnxruntime.InferenceSession":
    """Return a session on one CPU thread; all sessions take their working memory from one common store.

    Raises
    ------
    ExportError
        When ONNX Runtime cannot run the model.
    """
    with _export_errors():
        import onnxruntime

        _share_memory()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY
        options.add_session_config_entry("session.use_env_allocators", "1")
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@contextmanager
def _export_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ExportError(f"ONNX Runtime cannot run the export: {' '.join(str(error).split())[:200]}") from error


@functools.cache
def _share_memory() -> None:
    """Let sessions share one arena: by itself each keeps for ever as much as it once needed."""
    import onnxruntime as ort

    kind = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(kind, None)
