"""A case is written: everything found of some recordings, a report of it, and a manifest of digests, in one archive."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.case.archive import FOLDER, pack
from core.case.known import gather
from core.case.record import json_bytes, recording_files
from core.case.surroundings import error_rates, models, settings, versions
from core.case.tolerance import TOLERANCE
from core.errors import CaseError
from core.files import sealed, sha256_bytes, write_bytes

if TYPE_CHECKING:
    from core.case.context import Context

__all__ = ["MANIFEST", "REPORT", "case_bytes", "manifest_bytes", "write_case"]

MANIFEST, REPORT = f"{FOLDER}manifest.json", f"{FOLDER}report.html"
SEAL = "manifest_sha256"
FORMAT = 1
_MOST_RECORDINGS = 50


def write_case(paths: Sequence[Path], out: Path, *, context: "Context") -> Path:
    """Write the case of some recordings as a zip.

    Parameters
    ----------
    paths : sequence of Path
    out : Path
        Replaced where it exists.
    context : Context

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    AudioError
        When a recording cannot be read.
    CaseError
        When there is none, or they are too many for one case.
    """
    write_bytes(out, case_bytes(paths, context=context))
    return out


def case_bytes(paths: Sequence[Path], *, context: "Context", cancel: threading.Event | None = None) -> bytes:
    """Return the case of some recordings as the bytes of a zip; see ``write_case``."""
    from core.case.page import report_html

    if not 0 < len(paths) <= _MOST_RECORDINGS:
        raise CaseError(f"A case is of 1 to {_MOST_RECORDINGS} recordings, not of {len(paths)}: give others.")
    materials = [gather(path, context, cancel=cancel) for path in paths]
    files = {
        "settings.json": json_bytes(settings(context)),
        "models.json": json_bytes(models(materials, context)),
        "versions.json": json_bytes(versions()),
        "error-rates.json": json_bytes(error_rates(context)),
    }
    for number, material in enumerate(materials, 1):
        of_one = recording_files(material, context)
        files |= {f"{number:02}/{name}": content for name, content in of_one.items()}
    entries = {f"{FOLDER}{name}": content for name, content in files.items()}
    made = context.made.strftime("%Y-%m-%d %H:%M UTC")
    entries |= report_html(entries, made=made)
    return pack({**entries, MANIFEST: manifest_bytes(entries, made=made)})


def manifest_bytes(entries: Mapping[str, bytes], *, made: str) -> bytes:
    """Return the manifest of a case's other entries: the digest of each, and the tolerances of a verification."""
    manifest: dict[str, Any] = {
        "format": FORMAT, "made": made,
        "tolerance": {kind: {"limit": limit, "of": what} for kind, (limit, what) in TOLERANCE.items()},
        "sha256": {name.removeprefix(FOLDER): sha256_bytes(content) for name, content in sorted(entries.items())},
    }  # fmt: skip
    return json_bytes(sealed(manifest, SEAL))
