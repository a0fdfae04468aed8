"""What a case was made by: versions of the code and of its packages, digests of the models, settings, error rates."""

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.case.context import Context
    from core.case.known import Material

__all__ = ["code_digest", "error_rates", "models", "settings", "versions"]

_PACKAGES = (
    "torch", "torchaudio", "torchvision", "numpy", "scipy", "onnxruntime", "soundfile", "soxr", "silero-vad", "pillow",
)  # fmt: skip
_CORE = Path(__file__).resolve().parents[1]


def versions() -> dict[str, Any]:
    """Return what decides the figures of a case besides audio and models: code, packages, kind of machine."""
    return {
        "spoofscope": code_digest(), "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }  # fmt: skip


@functools.cache
def code_digest() -> str:
    """Return a digest of all of ``core``'s own files: what computes, in exactly this version."""
    digest = hashlib.sha256()
    for path in sorted(_CORE.rglob("*")):
        if path.suffix in {".py", ".toml", ".css"} and path.is_file():
            digest.update(path.relative_to(_CORE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def models(materials: Iterable["Material"], context: "Context") -> dict[str, dict[str, Any]]:
    """Return each detector that scored, marked or explained, by its name: the digest of its weights, and its part."""
    names: dict[str, None] = {}
    for material in materials:
        analysis = material.analysis
        asked = [*analysis.detectors]
        asked += [analysis.localised.detector] if analysis.localised else []
        asked += [material.explanation.detector] if material.explanation else []
        names |= dict.fromkeys(asked)
    return {name: _model(name, context) for name in sorted(names)}


def _model(name: str, context: "Context") -> dict[str, Any]:
    card = context.card(name)
    return {
        "sha256": card.sha256, "architecture": card.architecture, "parameters": card.parameters,
        "size_bytes": card.size_bytes, "member": name in context.panel.members, "licence": card.licence,
        "trained_on": "" if card.training is None else card.training.corpus,
    }  # fmt: skip


def settings(context: "Context") -> dict[str, Any]:
    """Return how the members' scores become a verdict, and with which of the choices that a person has."""
    from core.runtime.choose import asked_engine

    panel = context.panel
    return {
        "panel": list(panel.members), "named": None if context.named is None else list(panel.detectors),
        "fusion": None if panel.fusion is None else panel.fusion.to_json(),
        "marks_segments": panel.marks_segments, "engine": asked_engine(), "language": context.language,
    }  # fmt: skip


def error_rates(context: "Context") -> dict[str, Any]:
    """Return the panel's error rates on pages that nothing was trained on, as a table of text; empty if unmeasured."""
    from core.results.held_out import held_out_figures
    from core.results.queries import PANEL

    table = held_out_figures(context.panel, PANEL)
    rows: Sequence[Sequence[str]] = table.astype(str).to_numpy().tolist() if len(table) else []
    return {"columns": [str(column) for column in table.columns], "rows": rows}
