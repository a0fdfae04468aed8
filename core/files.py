"""Digests and atomic writes, done once: a reader sees the old file or the new one, never half of either."""

import fcntl
import functools
import hashlib
import json
import os
import shutil
import struct
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = [
    "DAMAGED_ZIP",
    "alone",
    "atomic_folder",
    "remove_leftovers",
    "sealed",
    "sha256_bytes",
    "sha256_file",
    "sha256_json",
    "write_bytes",
    "write_json",
    "write_text",
]

#: What a damaged zip makes of the library that reads it: some ask for features that it does not have.
DAMAGED_ZIP = (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError, struct.error)


# No other program's hidden file has this ending: what bears it may be removed when it is old.
_ENDING = ".spoofscope-tmp"
_DAY_S = 86_400.0


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_json(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON as 64 hexadecimal digits."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256_bytes(canonical.encode())


def sha256_file(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits, reading it in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sealed(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return ``content`` with the SHA-256 of the rest of it under ``key``, so that a flipped bit in it is noticed."""
    rest = {name: value for name, value in content.items() if name != key}
    return {**rest, key: sha256_json(rest)}


def remove_leftovers(folder: Path | str, *, ending: str = _ENDING, older_than_s: float = _DAY_S) -> None:
    """Remove what a kill left behind: hidden files and folders with this ending that nobody touched for a while.

    A folder that was about to be replaced is put back where nothing took its place.
    """
    for path in sorted(Path(folder).glob(f".*{ending}")):
        try:
            if time.time() - _touched(path) < older_than_s:
                continue
        except OSError:
            # Another process was quicker.
            continue
        for kept in path.glob("was-*"):
            if not (original := path.parent / kept.name.removeprefix("was-")).exists():
                os.rename(kept, original)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _touched(path: Path) -> float:
    """Return when a file, or anything within a folder, was last written, in seconds since 1970."""
    inside = path.rglob("*") if path.is_dir() else ()
    return max(each.lstat().st_mtime for each in (path, *inside))


@functools.cache
def _tidy(folder: Path) -> None:
    # Once a process: a cache of thousands of files is not looked through for each of them.
    remove_leftovers(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically (temporary file beside it, fsync, rename)."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _tidy(path.parent.resolve())
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=_ENDING)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 ``text`` to ``path`` atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` as indented JSON to ``path`` atomically; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def alone(path: Path | str) -> Iterator[bool]:
    """Hold a lock while the block runs; yield whether it was free. It ends with this process, however that ends.

    Parameters
    ----------
    path : Path or str
        The file that is locked: it is made for that, and removed when the block is over.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError:
        # Where this file cannot be made, nobody else writes either.
        yield True
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before may have removed it since it was opened here.
            mine = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except OSError:
            mine = False
        try:
            yield mine
        finally:
            if mine:
                with suppress(OSError):
                    path.unlink()


@contextmanager
def atomic_folder(path: Path | str, *, overwrite: bool = False) -> Iterator[Path]:
    """Fill a temporary sibling of ``path`` and rename it into place when the block succeeds.

    Parameters
    ----------
    path : Path or str
        The folder to create.
    overwrite : bool
        Replace an existing folder; otherwise one that exists is refused.

    Yields
    ------
    Path
        The temporary folder to write into. It is removed when the block raises.

    Raises
    ------
    FileExistsError
        When ``path`` exists, is not empty and ``overwrite`` is false.
    """
    path = Path(path)
    if path.exists() and not overwrite and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(f"{path} exists already: choose another folder, or remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    _tidy(path.parent.resolve())
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=_ENDING))
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                with open(file, "rb") as handle:
                    os.fsync(handle.fileno())
        os.chmod(temporary, 0o755)
        _replace_folder(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _sync_folder(path.parent)


def _replace_folder(new: Path, path: Path) -> None:
    if not path.exists():
        os.rename(new, path)
        return
    old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=_ENDING))
    kept = old / f"was-{path.name}"
    os.rename(path, kept)
    try:
        os.rename(new, path)
    except BaseException:
        os.rename(kept, path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
