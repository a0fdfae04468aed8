"""A run's manifest: which parts it has, who its detectors are, how they are fused; and the run's digest by it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.files import sealed, sha256_json, write_json
from core.fusion import Fusion, panel_decision

__all__ = ["KEY_DIGITS", "MANIFEST", "digest_of", "read_manifest", "with_decision", "write_manifest"]

MANIFEST, _SEAL = "manifest.json", "manifest_sha256"
FORMAT = 2
#: How much of its digest names a run.
KEY_DIGITS = 12
_DECIDING = ("part", "calibration", "calibrated", "decision", "seen_systems")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write which parts a run has.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        ``corpus`` (its ``part`` is the key of the clips), ``detectors`` (by name: ``part``, the key of the scores,
        and the detector's facts), ``fusion``, ``embedding_dims``, ``made`` and ``versions``.
    """
    write_json(folder / MANIFEST, sealed({**manifest, "format": FORMAT}, _SEAL))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a run's manifest as ``write_manifest`` wrote it.

    Raises
    ------
    ResultsError
        When there is none, or it is damaged or of another format.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise ResultsError(f"There is no run in {folder}: it has no {MANIFEST}.") from error
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or sealed(manifest, _SEAL) != manifest:
        raise ResultsError(f"{path} does not match its own digest: it was damaged or edited; restore it.")
    if manifest.get("format") != FORMAT:
        raise ResultsError(
            f"{path} has format {manifest.get('format')!r} and this version reads format {FORMAT}: "
            "score the corpus again (evaluate, with another folder or --overwrite)."
        )
    return {name: value for name, value in manifest.items() if name not in (_SEAL, "format")}


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Return the digest of the run that a manifest describes (see ``Run.digest``)."""
    detectors = {name: {key: about[key] for key in _DECIDING} for name, about in manifest["detectors"].items()}
    return sha256_json({"clips": manifest["corpus"]["part"], "detectors": detectors, "fusion": manifest["fusion"]})


def with_decision(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest with the thresholds of the panel's verdict: its only member's, or the fusion's."""
    fusion = manifest["fusion"]
    decisions = {name: Decision(**about["decision"]) for name, about in manifest["detectors"].items()}
    decision = panel_decision(decisions, None if fusion is None else Fusion.from_json(fusion))
    return {**manifest, "decision": decision.model_dump(mode="json")}
