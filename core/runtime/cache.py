"""Exports kept in the user's cache: made once for a checkpoint, checked once, and made again when anything changed."""

import functools
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from core.files import sha256_bytes, sha256_file, write_bytes, write_text
from core.paths import cache_folder
from core.runtime.export import OPSET, Inlet

if TYPE_CHECKING:
    from core.detectors.card import Card
    from core.detectors.network import Network

__all__ = ["Place", "Record", "place_of"]

_FORMAT = 2
_KEPT_DAYS = 60
_CORE = Path(__file__).resolve().parents[1]


class Record(BaseModel):
    """What came of an export.

    Attributes
    ----------
    made_from : dict of str to str
        Versions and source code that it was made with.
    inlet : {'waveform', 'features'} or None
        Where the export begins.
    sha256 : str or None
        Of the ONNX file; None where the network is to be run by PyTorch.
    why : str
        Why it is, in that case.
    raw_difference, embedding_difference : float or None
        What the parity check found.
    """

    model_config = ConfigDict(extra="forbid")
    made_from: dict[str, str]
    inlet: Inlet | None = None
    sha256: str | None = None
    why: str = ""
    raw_difference: float | None = None
    embedding_difference: float | None = None


@dataclass(frozen=True)
class Place:
    """Where the export of one checkpoint is kept: a record, and the ONNX file that it names by its digest.

    Two processes may write at once: each puts its own model down before the record that names it, and both arrive
    whole. A reader who finds anything else than what it expects finds nothing.
    """

    folder: Path
    stem: str
    made_from: dict[str, str]

    @property
    def _record(self) -> Path:
        return self.folder / f"{self.stem}.json"

    def _model(self, digest: str) -> Path:
        return self.folder / f"{self.stem}-{digest[:16]}.onnx"

    def read(self) -> Record | None:
        """Return the record, or None where there is none that was made with this code and these versions."""
        try:
            record = Record(**json.loads(self._record.read_bytes()))
        except (OSError, ValueError, TypeError, ValidationError):
            return None
        return record if record.made_from == self.made_from else None

    def read_model(self, record: Record) -> bytes | None:
        """Return the ONNX file of a record, or None where it is gone or damaged."""
        if record.sha256 is None:
            return None
        try:
            model = self._model(record.sha256).read_bytes()
        except OSError:
            return None
        return model if sha256_bytes(model) == record.sha256 else None

    def write(self, record: Record, model: bytes | None) -> None:
        """Keep a record and its model in place of earlier ones; also forget what nobody asked for in a long time.

        Raises
        ------
        OSError
            When the folder cannot be written.
        """
        kept = {self._record}
        if model is not None:
            kept.add(self._model(sha256_bytes(model)))
            write_bytes(self._model(sha256_bytes(model)), model)
        write_text(self._record, record.model_dump_json(indent=2) + "\n")
        for path in self.folder.iterdir():
            # Another process may be tidying up too.
            with suppress(FileNotFoundError):
                superseded = path.name.startswith(self.stem) and path not in kept
                if superseded or time.time() - path.stat().st_mtime > _KEPT_DAYS * 86_400:
                    path.unlink()

    def touch(self) -> None:
        """Note that the export was asked for; where the cache is read-only, that stays unknown."""
        with suppress(OSError):
            for path in self.folder.glob(f"{self.stem}*"):
                os.utime(path)


def place_of(card: "Card", architecture: type["Network"]) -> Place:
    """Return where the export of a checkpoint is kept, whether it is there or not.

    Its name stands for what the checkpoint is; what it is made with stands in the record, so that a changed version
    replaces the old export instead of adding to it.
    """
    identity = {"weights": card.sha256, "architecture": card.architecture, "settings": card.hyperparameters}
    stem = sha256_bytes(json.dumps(identity, sort_keys=True, default=str).encode())[:24]
    code = _code_digest(architecture.__module__)
    made_from = {"format": str(_FORMAT), "opset": str(OPSET), "code": code, **_versions()}
    return Place(cache_folder() / "onnx", stem, made_from)


@functools.cache
def _versions() -> dict[str, str]:
    import onnxruntime
    import torch
    import torchaudio

    # Not from the packages' metadata, which takes as long to read as a detector.
    return {module.__name__: module.__version__ for module in (torch, torchaudio, onnxruntime)}


@functools.cache
def _code_digest(module: str) -> str:
    """Return a digest of the source that decides what a module's networks predict: its own, and all of ours."""
    own = getattr(sys.modules.get(module), "__file__", None)
    if own is None or Path(own).is_relative_to(_CORE):
        return _our_code()
    return sha256_bytes((_our_code() + sha256_file(own)).encode())


@functools.cache
def _our_code() -> str:
    """Return a digest of all networks, layers and front-ends, which the networks share."""
    paths = sorted(path for package in ("detectors", "frontends") for path in (_CORE / package).rglob("*.py"))
    return sha256_bytes("".join(sha256_file(path) for path in paths).encode())
