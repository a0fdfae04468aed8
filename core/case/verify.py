"""A case is verified: whether it is whole, its report follows from its data, and these from the recording."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.case.archive import FOLDER, MAX_BYTES, has_seal, seal_holds, unpack
from core.case.folder import folders, shared_json
from core.case.result import Check, Verification
from core.case.surroundings import code_digest
from core.case.write import FORMAT, MANIFEST, SEAL
from core.errors import CaseError
from core.files import sealed, sha256_bytes

if TYPE_CHECKING:
    from core.case.context import Context

__all__ = ["verify_case"]

# What a damaged or made-up JSON file makes of code that reads it.
_MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError, CaseError)


def verify_case(
    zip_path: Path, audio: Path | Sequence[Path] | None = None, *, context: "Context | None" = None
) -> Verification:
    """Verify a case.

    Without audio: that no byte was changed, that the manifest lists exactly what is there, that report and pictures
    follow from the data beside them, and the panel's score and verdict from its members'. With audio: that all of it
    follows from the recording, which is scored and explained again.

    Parameters
    ----------
    zip_path : Path
    audio : Path or sequence of Path, optional
        The recordings; each is found in the case by its digest, or by that of its samples.
    context : Context, optional
        The panel that computes again; the one that the case names if not given.

    Raises
    ------
    CaseError
        When the file is no case, or is refused: it holds what no case holds.
    """
    data = _read(zip_path)
    if not has_seal(data):
        raise CaseError(
            f"{zip_path.name} is no case, or its end was changed or cut off: a case ends with a digest of itself."
        )
    if not seal_holds(data):
        return Verification(str(zip_path), (_changed(data), *_where(data)))
    entries = unpack(data)
    checks = [Check("archive", "matches", f"No byte was changed since it was sealed (SHA-256 {sha256_bytes(data)}).")]
    checks += _manifest(entries)
    if all(check.state == "matches" for check in checks):
        checks += [_report(entries), *_panel(entries)]
        checks += _audio(entries, [audio] if isinstance(audio, Path) else list(audio or ()), context)
    return Verification(str(zip_path), tuple(checks))


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise CaseError(f"{path.name} has more than {MAX_BYTES / 1e6:,.0f} MB, and no case has.")
    return path.read_bytes()


def _changed(data: bytes) -> Check:
    stated = data[-64:].decode("ascii", "replace")
    has = sha256_bytes(data[:-64])
    text = f"The archive was changed after it was sealed: it states the digest {stated[:12]}… and has {has[:12]}…."
    return Check("archive", "differs", text)


def _where(data: bytes) -> Iterator[Check]:
    """Yield which entries were changed, as far as a changed archive can be read."""
    try:
        entries = unpack(data)
    except CaseError as error:
        yield Check("files", "not checked", str(error))
        return
    found = list(_manifest(entries))
    if all(check.state == "matches" for check in found):
        found = [Check("files", "matches", "Every file is as the manifest states: the seal itself was changed.")]
    yield from found


def _manifest(entries: Mapping[str, bytes]) -> Iterator[Check]:
    """Yield how the entries compare with the manifest."""
    try:
        manifest = json.loads(entries[MANIFEST])
        listed = {FOLDER + name: digest for name, digest in manifest["sha256"].items()}
        whole = sealed(manifest, SEAL)[SEAL] == manifest[SEAL]
        version = manifest["format"]
    except _MALFORMED:
        yield Check("files", "differs", "The manifest is missing or cannot be read.")
        return
    if version != FORMAT:
        yield Check("files", "differs", f"The case has format {version!r}; this version of Spoofscope reads {FORMAT}.")
        return
    if not whole:
        yield Check("files", "differs", "The manifest was changed: its own digest is another.")
    there = entries.keys() - {MANIFEST}
    for names, text in (
        (there - listed.keys(), "is in the archive and not in the manifest"),
        (listed.keys() - there, "is in the manifest and not in the archive"),
        ({name for name in there & listed.keys() if sha256_bytes(entries[name]) != listed[name]}, "was changed"),
    ):
        for name in sorted(names):
            yield Check("files", "differs", f"{name.removeprefix(FOLDER)} {text}.")
    if whole and listed == {name: sha256_bytes(entries[name]) for name in there}:
        yield Check("files", "matches", f"All {len(there)} files have the digests that the manifest lists.")


def _report(entries: Mapping[str, bytes]) -> Check:
    """Return whether report and pictures are what is laid out of the data beside them."""
    from core.case.page import report_html

    try:
        data = {name: content for name, content in entries.items() if not name.endswith((".html", ".svg"))}
        again = report_html(data, made=json.loads(entries[MANIFEST])["made"])
        version = shared_json(entries, "versions.json")["spoofscope"]
    except _MALFORMED as error:
        return Check("report", "differs", f"No report can be laid out of the data: {error!r}.")
    kept = {name: content for name, content in entries.items() if name.endswith((".html", ".svg"))}
    if again == kept:
        return Check("report", "matches", "Report and pictures are what follows from the data beside them.")
    changed = [name for name in again.keys() | kept.keys() if again.get(name) != kept.get(name)]
    names = sorted(name.removeprefix(FOLDER) for name in changed)
    if version != code_digest():
        text = (
            f"{', '.join(names)}: another version of Spoofscope laid them out ({version[:12]}, this is "
            f"{code_digest()[:12]}). Verify with that version, or read the data files."
        )
        return Check("report", "not checked", text)
    return Check("report", "differs", f"{', '.join(names)} do not follow from the data beside them: they were changed.")


def _panel(entries: Mapping[str, bytes]) -> Iterator[Check]:
    """Yield whether each recording's score, P(spoof) and verdict follow from its detectors' scores."""
    from core.case.recompute import panel_differences

    for folder in folders(entries):
        try:
            wrong = panel_differences(folder, shared_json(entries, "settings.json"))
        except _MALFORMED as error:
            wrong = [f"they cannot be read: {error!r}"]
        what = f"{folder.number:02}/scores.json"
        if wrong:
            text = f"Score, P(spoof) and verdict do not follow from the detectors' scores: {'; '.join(wrong)}."
            yield Check(what, "differs", text)
        else:
            yield Check(what, "matches", "Score, P(spoof) and verdict follow from the detectors' scores.")


def _audio(entries: Mapping[str, bytes], paths: Sequence[Path], context: "Context | None") -> Iterator[Check]:
    if not paths:
        text = "No recording was given (--audio FILE): whether the figures follow from it was not checked."
        yield Check("audio", "not checked", text)
        return
    from core.case.recompute import recomputed

    try:
        yield from recomputed(entries, paths, context)
    except _MALFORMED as error:
        yield Check("audio", "differs", f"The case's files cannot be compared: {error}.")
