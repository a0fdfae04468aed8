"""Which inference engine scores a detector's windows: the one place that decides it.

The environment variable ``SPOOFSCOPE_ENGINE`` may be

- ``auto`` (or nothing): ONNX Runtime where the network can be exported and the export predicts the same as the network,
  to 1e-4 on raw scores; PyTorch otherwise;
- ``onnx``: ONNX Runtime, or an error with the reason why not;
- ``eager``: PyTorch; nothing is exported.
"""

import logging
import threading
from typing import TYPE_CHECKING, Literal, get_args

from core.errors import ExportError
from core.files import sha256_bytes
from core.runtime.cache import Place, Record, place_of
from core.runtime.engine import Eager, Engine
from core.runtime.export import Inlet, inlets, to_onnx
from core.runtime.onnx import OnnxEngine
from core.runtime.parity import Parity, compare
from core.runtime.probes import probe_windows
from core.settings import ENGINE

if TYPE_CHECKING:
    from core.detectors.card import Card
    from core.detectors.detector import Detector
    from core.detectors.network import Network

__all__ = ["Asked", "asked_engine", "choose_engine", "expected_engine", "export_later", "is_to_export", "make_ready"]

Asked = Literal["auto", "onnx", "eager"]

_log = logging.getLogger(__name__)
_choosing = threading.Lock()
_later = threading.Event()


def asked_engine() -> Asked:
    """Return what ``SPOOFSCOPE_ENGINE`` asks for.

    Raises
    ------
    ExportError
        When it asks for something that there is not.
    """
    asked = ENGINE.read() or "auto"
    for known in get_args(Asked):
        if asked == known:
            return known
    raise ExportError(f"SPOOFSCOPE_ENGINE must be {', '.join(get_args(Asked))} or nothing, not {asked!r}.")


def export_later() -> None:
    """From now on let a detector that was never exported run on PyTorch until ``make_ready`` is called for it.

    A command may wait the second that an export takes; a page owes its first visitor an answer.
    """
    _later.set()


def choose_engine(network: "Network", card: "Card") -> Engine:
    """Return the engine of a checkpoint's network; an export that is not in the cache yet is put there.

    Raises
    ------
    ExportError
        When the person insists on ONNX Runtime and it cannot run the network.
    """
    return _choose(network, card, wait=not _later.is_set())


def make_ready(detector: "Detector") -> None:
    """Let a detector compute by the engine that is meant for it, where that had to wait."""
    if detector.engine.name == "eager":
        detector.engine = _choose(detector.network, detector.card, wait=True)


def expected_engine(card: "Card", architecture: type["Network"]) -> str:
    """Return the engine that a checkpoint will be run by: 'onnx', 'eager', or 'onnx (not exported yet)'."""
    if asked_engine() == "eager":
        return "eager"
    record = place_of(card, architecture).read()
    if record is None:
        return "onnx (not exported yet)"
    return "eager" if record.sha256 is None else "onnx"


def is_to_export(card: "Card", architecture: type["Network"]) -> bool:
    """Return whether a checkpoint's export is still to be made or tried here; its weights are not loaded."""
    return asked_engine() != "eager" and place_of(card, architecture).read() is None


def _choose(network: "Network", card: "Card", *, wait: bool) -> Engine:
    asked = asked_engine()
    if asked == "eager":
        return Eager(network)
    place = place_of(card, type(network))
    engine, why = _from_cache(network, place)
    if engine is None and not why:
        if asked == "auto" and not wait:
            return Eager(network)
        # One at a time: two threads that want the same export make it once.
        with _choosing:
            engine, why = _from_cache(network, place)
            if engine is None and not why:
                engine, why = _made(network, place)
                if engine is None:
                    _log.warning("%s is run by PyTorch, not by ONNX Runtime: %s", card.name, why)
    if engine is None and asked == "onnx":
        raise ExportError(f"{card.name} cannot be run by ONNX Runtime, as SPOOFSCOPE_ENGINE=onnx wants: {why}")
    return engine or Eager(network)


def _from_cache(network: "Network", place: Place) -> tuple[OnnxEngine | None, str]:
    """Return the kept engine, or why there shall be none; neither where nothing is known."""
    record = place.read()
    if record is None:
        return None, ""
    if record.sha256 is None:
        return None, record.why
    model = place.read_model(record)
    if model is None or record.inlet is None:
        return None, ""
    place.touch()
    return OnnxEngine(network, model, inlet=record.inlet), ""


def _made(network: "Network", place: Place) -> tuple[OnnxEngine | None, str]:
    """Export, check and keep; return the engine, or why there shall be none."""
    why = ""
    for inlet in inlets(network):
        try:
            model = to_onnx(network, inlet)
            engine = OnnxEngine(network, model, inlet=inlet)
            parity = compare(engine, Eager(network), probe_windows(network.window))
        except ExportError as error:
            why = str(error)
            continue
        if parity.holds:
            _keep(place, _record(place, parity, inlet, model), model)
            return engine, ""
        why = parity.words
    _keep(place, Record(made_from=place.made_from, why=why), None)
    return None, why


def _record(place: Place, parity: Parity, inlet: Inlet, model: bytes) -> Record:
    return Record(
        made_from=place.made_from, inlet=inlet, sha256=sha256_bytes(model),
        raw_difference=parity.raw, embedding_difference=parity.embedding,
    )  # fmt: skip


def _keep(place: Place, record: Record, model: bytes | None) -> None:
    try:
        place.write(record, model)
    except OSError as error:
        _log.info("The export cannot be kept in %s and will be made again: %s", place.folder, error)
