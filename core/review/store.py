"""Judgements on disk: one line each in a file that only grows, written before the answer to the person is."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import ReviewError
from core.paths import data_folder
from core.review.judgement import Judgement, read_judgement

__all__ = ["Kept", "Merged", "Reviews", "latest", "reviews_of"]


@dataclass(frozen=True)
class Kept:
    """What a file holds.

    Attributes
    ----------
    judgements : tuple of Judgement
        In the order in which they were written.
    problems : tuple of str
        A sentence for each line that is damaged.
    """

    judgements: tuple[Judgement, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """How many judgements were taken over, were there already, and are of other clips."""

    added: int
    known: int
    foreign: int


@dataclass(frozen=True)
class Reviews:
    """The judgements of one set of clips, by any number of people and processes at once.

    Attributes
    ----------
    file : Path
        One JSON object a line. Lines are only ever added, under a lock of the file; one that a kill has cut off is
        left as it is, and the next begins on a line of its own.
    clips : str
        Which clips they are (``Judgement.clips``).
    """

    file: Path
    clips: str

    def add(self, judgement: Judgement) -> None:
        """Keep a judgement; it is on the disk when this returns.

        Raises
        ------
        ReviewError
            When it is of other clips, or the file cannot be written.
        """
        if judgement.clips != self.clips:
            raise ReviewError(f"The judgement of {judgement.clip} is of other clips: open the run that it was made in.")
        with self._locked():
            self._write([judgement])

    def read(self) -> Kept:
        """Return what is kept; nothing where nobody has judged yet.

        Raises
        ------
        ReviewError
            When the file cannot be read at all.
        """
        try:
            lines = self.file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return Kept()
        except OSError as error:
            raise ReviewError(f"{self.file} cannot be read: {error.strerror}. Mend its permissions.") from error
        found, problems = [], []
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    found.append(_judgement(line))
                except ReviewError as error:
                    problems.append(f"Line {number} of {self.file.name} is damaged and left out. {error}")
        return Kept(tuple(found), tuple(problems))

    def merge(self, others: Iterable[Judgement]) -> Merged:
        """Take over judgements from elsewhere: those of these clips that are not here yet."""
        with self._locked():
            known = {judgement.identity for judgement in self.read().judgements}
            mine, foreign = [], 0
            new: dict[tuple[str, ...], Judgement] = {}
            for judgement in others:
                if judgement.clips != self.clips:
                    foreign += 1
                    continue
                mine.append(judgement)
                if judgement.identity not in known:
                    new[judgement.identity] = judgement
            if new:
                self._write(list(new.values()))
        return Merged(len(new), len(mine) - len(new), foreign)

    def _write(self, judgements: Sequence[Judgement]) -> None:
        lines = "".join(f"{judgement.model_dump_json()}\n" for judgement in judgements).encode()
        try:
            with open(self.file, "ab+") as file:
                if file.tell() and not _ends_a_line(file):
                    lines = b"\n" + lines
                # One call: a kill leaves the whole of it or a part without an end, which the next writer closes.
                os.write(file.fileno(), lines)
                os.fsync(file.fileno())
        except OSError as error:
            raise ReviewError(f"{self.file} cannot be written: {error.strerror}. Make room, or set SPOOFSCOPE_DATA to "
                              "a folder that can be written.") from error  # fmt: skip

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            lock = open(self.file.with_suffix(".lock"), "ab")  # noqa: SIM115
        except OSError as error:
            raise ReviewError(f"{self.file.parent} cannot be written: {error.strerror}. Set SPOOFSCOPE_DATA to a "
                              "folder that can.") from error  # fmt: skip
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _ends_a_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _judgement(line: bytes) -> Judgement:
    try:
        return read_judgement(json.loads(line.decode()))
    except (ValueError, RecursionError) as error:
        raise ReviewError(f"It is no JSON object: {error}.") from error


def reviews_of(clips: str) -> Reviews:
    """Return the judgements of the clips with this key, in the user's data folder."""
    return Reviews(data_folder() / "reviews" / f"{clips[:16]}.jsonl", clips)


def latest(judgements: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """Return what each reviewer judged each clip to be at last, by (reviewer, clip).

    A note without an answer leaves the answer that there was; an answer without a note the note.
    """
    found: dict[tuple[str, str], Judgement] = {}
    for judgement in sorted(judgements, key=lambda one: one.when):
        before = found.get((judgement.reviewer, judgement.clip))
        if before is not None and not judgement.answer:
            judgement = before.model_copy(update={"note": judgement.note, "when": judgement.when})
        elif before is not None and not judgement.note:
            judgement = judgement.model_copy(update={"note": before.note})
        found[judgement.reviewer, judgement.clip] = judgement
    return found
