"""``export``: a detector's network as a file for other runtimes, with what it costs and whether its scores hold."""

import math
import zlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from core.cli import command
from core.shell import CHECKPOINT_HELP, JsonFlag, json_text

if TYPE_CHECKING:
    from core.detectors.detector import Detector
    from core.speed.variants import Built, Variant

__all__ = ["export"]

# Of the log-likelihood ratio: P(spoof) then moves by half a hundredth at most.
_TOLERANCE = 0.02
_REPEATS = 7
_FILES = {"onnx": "model.onnx", "torchscript": "model.ts"}


class _Format(StrEnum):
    onnx = "onnx"
    torchscript = "torchscript"


class _Precision(StrEnum):
    fp32 = "fp32"
    fp16 = "fp16"
    int8 = "int8"


@command("export")
def export(
    checkpoint: Annotated[str, typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for the export and its report.")],
    format_: Annotated[_Format, typer.Option("--format", help="Kind of file.")] = _Format.onnx,
    precision: Annotated[_Precision, typer.Option(help="Of the weights; fp16 and int8 with onnx.")] = _Precision.fp32,
    prune: Annotated[float, typer.Option(help="Share of the weights, the smallest, to set to zero.")] = 0.0,
    clip: Annotated[
        list[Path] | None, typer.Option(help="Recording to compare scores on too; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write it also where its scores do not hold.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Export a detector; refused where its scores do not hold."""
    import torch

    from core.detectors.checkpoint import load_detector
    from core.errors import ExportError
    from core.speed.variants import Variant, build

    if not 0 <= prune < 1:
        raise ExportError(f"The share of weights to leave out lies between 0 and 1, not at {prune:g}.")
    torch.set_num_threads(1)
    variant = Variant(format_.value, precision.value, prune)
    loaded = load_detector(checkpoint)
    windows = _windows(loaded, clip or [])
    built = build(loaded.network, variant)
    report = _report(loaded, variant, built, windows)
    if not report["holds"] and not force:
        raise ExportError(f"{_sentence(report)} Nothing was written; --force writes it all the same.")
    _write(output, built.model, report)
    typer.echo(json_text(report) if as_json else f"{_sentence(report)}\nWritten to {output}.")


def _windows(detector: "Detector", clips: list[Path]) -> NDArray[np.float32]:
    from core.audio.decode import decode
    from core.audio.segment import cut_windows
    from core.runtime.probes import probe_windows

    pieces = [cut_windows(decode(path).waveform, window=detector.window, hop=detector.hop)[0] for path in clips]
    return np.concatenate([probe_windows(detector.window), *pieces])


def _report(detector: "Detector", variant: "Variant", built: "Built", windows: NDArray[np.float32]) -> dict[str, Any]:
    from core.detectors.checkpoint import versions
    from core.runtime.engine import Eager
    from core.runtime.export import INPUT, outputs_of
    from core.runtime.parity import TOLERANCE, compare
    from core.speed.timing import time_in_turns

    eager = Eager(detector.network)
    parity = compare(built.engine, eager, windows)
    llrs = [detector.calibration.llr(engine.predict(windows)[0]) for engine in (built.engine, eager)]
    moved = float(np.max(np.abs(llrs[0] - llrs[1]) / np.maximum(1, np.abs(llrs[1]))))
    difference, tolerance = (parity.raw, TOLERANCE) if variant.exact else (moved, _TOLERANCE)
    taken = time_in_turns(
        {"eager": lambda: eager.predict(windows[:1]), "export": lambda: built.engine.predict(windows[:1])},
        repeats=_REPEATS,
    )
    return {
        "detector": detector.name, "weights_sha256": detector.card.sha256, "file": _FILES[variant.format],
        "format": variant.format, "precision": variant.precision, "prune": variant.prune,
        "takes": {"name": INPUT, "what": built.inlet, "window_samples": detector.window},
        "gives": outputs_of(detector.network),
        "bytes": len(built.model), "bytes_compressed": len(zlib.compress(built.model)),
        "checkpoint_bytes": detector.card.size_bytes,
        "windows": len(windows), "compared": "raw output" if variant.exact else "log-likelihood ratio",
        "difference": _number(difference), "tolerance": tolerance, "holds": difference <= tolerance,
        "embedding_difference": _number(parity.embedding),
        "ms_per_window": {name: 1000 * timed.wall_s for name, timed in taken.items()},
        "speed_ratio": taken["eager"].wall_s / taken["export"].wall_s, "threads": 1, "versions": versions(),
    }  # fmt: skip


def _number(value: float) -> float | None:
    """Return a number for JSON: None where an export's answer was none."""
    return value if math.isfinite(value) else None


def _write(folder: Path, model: bytes, report: dict[str, Any]) -> None:
    from core.errors import ExportError
    from core.files import atomic_folder, write_bytes, write_json

    try:
        with atomic_folder(folder) as temporary:
            write_bytes(temporary / report["file"], model)
            write_json(temporary / "report.json", report)
    except FileExistsError as error:
        raise ExportError(str(error)) from error


def _sentence(report: dict[str, Any]) -> str:
    moved = "no number at all" if report["difference"] is None else f"{report['difference']:.2g}"
    return (
        f"{report['detector']} as {report['format']}, {report['precision']}: {report['bytes'] / 1e6:.2f} MB, "
        f"{report['speed_ratio']:.1f} times as fast as PyTorch on one thread. "
        f"Its scores {'hold' if report['holds'] else 'do not hold'}: {report['windows']} windows differ by up to "
        f"{moved} in {report['compared']} ({report['tolerance']:g} may be)."
    )
