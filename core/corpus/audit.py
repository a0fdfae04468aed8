"""What two splits of a corpus share: the same bytes, samples, source recording or speaker.

A detector that was trained on a clip of its own test split has memorised it; no figure of it means anything.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.audio.clip import Clip
from core.corpus.table import Corpus, Problem
from core.errors import AudioError
from core.files import sha256_bytes, sha256_file

__all__ = ["KINDS", "PRIORITY", "AuditReport", "audit", "fix"]

KINDS = ("same-content", "same-audio", "same-source", "same-speaker")
PRIORITY = ("train", "dev", "eval")
_COLUMNS = ("kind", "severity", "key", "splits", "rows", "paths")
_NONE = frozenset({"", "-", "nan", "none"})
_FULL_SCALE = 32768

Load = Callable[[Path], Clip]


Progress = Callable[[int, int], None]
"""Called with the rows that are compared and the rows in all."""


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes
    ----------
    findings : DataFrame
        One row a finding, leaks first: ``kind`` (of ``KINDS``), ``severity`` ('leak' or 'warning'), ``key`` (digest,
        source or speaker that the rows share), ``splits`` (tuple of str), ``rows`` (tuple of int: index in the
        corpus' frame), ``paths`` (tuple of str).
    unread : tuple of Problem
        Rows whose file could not be read or decoded, and so was not compared.
    compared : int
        How many rows were.
    splits : tuple of str
        That these rows are in.
    """

    findings: pd.DataFrame
    unread: tuple[Problem, ...] = ()
    compared: int = 0
    splits: tuple[str, ...] = ()

    @property
    def has_leak(self) -> bool:
        """Whether anything but a warning was found."""
        return bool((self.findings["severity"] == "leak").any())

    @property
    def is_clean(self) -> bool:
        """Whether there was something to compare and nothing leaks."""
        return self.compared > 0 and not self.has_leak

    def sentence(self, corpus: Corpus) -> str:
        """Return the verdict, with what it rests on."""
        problems = len(corpus.problems) + len(self.unread)
        left_out = f", {problems:,} could not be: {_first(corpus, self)}" if problems else ""
        if not self.compared:
            return f"No row could be compared{left_out}. Whether the splits leak is not known."
        basis = f"{self.compared:,} rows compared{left_out}."
        if self.has_leak:
            return f"{basis} Something leaks between the splits."
        if len(self.splits) < 2:
            where = f"in the split {self.splits[0]}" if self.splits else "without a split"
            return f"{basis} All of them are {where}: there is no other split that could leak."
        return f"{basis} Nothing leaks between the splits {', '.join(self.splits)}."

    def summary(self, corpus: Corpus) -> dict[str, Any]:
        """Return what a person needs to know of it: counts by kind, and the first dozen findings."""
        counts = self.findings.groupby(["kind", "severity"]).size().reset_index(name="count")
        return {
            "rows": len(corpus.frame),
            "compared": self.compared,
            "has_leak": self.has_leak,
            "sentence": self.sentence(corpus),
            "digest": corpus.digest,
            "findings": [{**row, "count": int(row["count"])} for row in counts.to_dict("records")],
            "worst": self.findings.head(12).astype(str).to_dict("records"),
            "problems": len(corpus.problems) + len(self.unread),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        findings = [
            {name: list(value) if isinstance(value, tuple) else value for name, value in finding.items()}
            for finding in self.findings.to_dict(orient="records")
        ]
        unread = [asdict(problem) for problem in self.unread]
        return {"has_leak": self.has_leak, "compared": self.compared, "findings": findings, "unread": unread}


def audit(
    corpus: Corpus, *, load: Load | None = None, same_audio: bool = True, progress: Progress | None = None
) -> AuditReport:
    """Look for what two splits of a corpus share.

    Bytes are hashed here, not taken from the manifest; each different content is decoded once. The same content or
    audio within one split is a warning, for it weighs twice; so is a speaker in two splits. A row without a split
    (``-``) is in none and leaks nowhere.

    Parameters
    ----------
    corpus : Corpus
    load : callable, optional
        Decodes a path to a clip, called from several threads; :func:`core.audio.decode.decode` by default.
    same_audio : bool
        Whether to decode the files and compare their samples, rounded to 16 bit; by far the slowest part.
    progress : callable, optional
        Called with the rows that have been read, and the rows in all.
    """
    frame = corpus.frame
    files = _read_files(corpus, _loader(load) if same_audio else None, progress)
    contents = _rows_by(file.content for file in files)
    unread = _unread(files, contents, frame)
    found = _findings("same-content", contents, frame, repeats=True)
    found += _findings("same-audio", _same_audio(files, contents), frame, repeats=True)
    found += _findings("same-source", _by_name(frame["source"]), frame)
    found += _findings("same-speaker", _by_name(frame["speaker"]), frame)
    table = pd.DataFrame(found, columns=list(_COLUMNS))
    # A stable sort: within leaks and within warnings the kinds keep their order.
    table = table.sort_values("severity", kind="stable").reset_index(drop=True)
    missing = {problem.row - 1 for problem in unread}
    compared = [row for row in frame.index if row not in missing]
    splits = sorted(set(frame["split"][compared]) - _NONE, key=_rank)
    return AuditReport(table, unread, len(compared), tuple(splits))


def fix(corpus: Corpus, report: AuditReport) -> pd.DataFrame:
    """Return the corpus' table without the rows that leak.

    Of the rows of a leak those in the split of the highest priority stay (train, dev, eval, then any other by name);
    the rows of the other splits go. A row that only repeats one of its own split stays, as do the rows of a warning.
    """
    split = corpus.frame["split"]
    leaks = report.findings.loc[report.findings["severity"] == "leak", "rows"]
    gone: set[int] = set()
    # Split by split, so that a row which goes because of train cannot first push out one of eval.
    for keeper in sorted(set(split) - _NONE, key=_rank):
        for rows in leaks:
            present = [row for row in rows if row not in gone]
            if any(split[row] == keeper for row in present):
                gone.update(row for row in present if split[row] not in _NONE and _rank(split[row]) > _rank(keeper))
    return corpus.frame.drop(index=sorted(gone)).reset_index(drop=True)


def _rank(split: str) -> tuple[int, str]:
    return (PRIORITY.index(split) if split in PRIORITY else len(PRIORITY), split)


def _by_name(names: pd.Series) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, name in names.items():
        word = str(name).strip()
        if word.lower() not in _NONE:
            groups[word].append(int(row))  # type: ignore[call-overload]
    return groups


def _findings(
    kind: str, groups: Mapping[str, list[int]], frame: pd.DataFrame, *, repeats: bool = False
) -> list[dict[str, Any]]:
    """Return a finding for each group in two splits, and with ``repeats`` for each of two rows in one split."""
    split, path = frame["split"], frame["path"]
    found = []
    for key, rows in groups.items():
        splits = tuple(sorted({split[row] for row in rows} - _NONE, key=_rank))
        crosses = len(splits) > 1
        if crosses or (repeats and len(rows) > 1):
            severity = "leak" if crosses and kind != "same-speaker" else "warning"
            paths = tuple(path[row] for row in rows)
            found.append(dict(zip(_COLUMNS, (kind, severity, key, splits, tuple(rows), paths), strict=True)))
    return found


def _waveform_digest(clip: Clip) -> str:
    """Return the SHA-256 of a clip as 16-bit samples, so that containers of the same samples agree."""
    samples = np.clip(np.rint(clip.waveform * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    # Where the end was not decoded, two long recordings with one beginning must not pass for the same.
    length = f"{clip.record.duration_s:.3f}" if clip.record.dropped_s > 0 else ""
    return sha256_bytes(samples.tobytes() + length.encode())


class _File(NamedTuple):
    """What was read of a row's file: the digest of its bytes and of its samples, or what went wrong."""

    content: str = ""
    audio: str = ""
    fault: str = ""


def _loader(load: Load | None) -> Load:
    if load is not None:
        return load
    from core.audio.decode import decode

    return decode


def _read_files(corpus: Corpus, load: Load | None, progress: Progress | None) -> list[_File]:
    """Return what was read of each row; a content that several rows hold is decoded for one of them."""
    root, paths = corpus.root.resolve(), corpus.frame["path"].astype(str)
    begun: set[str] = set()
    lock = Lock()

    def read(path: str) -> _File:
        try:
            # A link within the root is followed: the decoder refuses links.
            file = (root / path).resolve()
            content = sha256_file(file)
        except OSError as error:
            return _File(fault=f"the file cannot be read: {error.strerror or error}")
        with lock:
            repeated = content in begun
            begun.add(content)
        if load is None or repeated:
            return _File(content)
        try:
            return _File(content, _waveform_digest(load(file)))
        except AudioError as error:
            return _File(content, fault=str(error))

    files = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for file in pool.map(read, paths):
                files.append(file)
                if progress is not None:
                    progress(len(files), len(paths))
        except BaseException:
            # Who no longer wants the audit does not wait for the rest of it.
            pool.shutdown(cancel_futures=True)
            raise
    return files


def _rows_by(keys: Iterable[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key:
            groups[key].append(row)
    return groups


def _unread(files: Sequence[_File], contents: Mapping[str, list[int]], frame: pd.DataFrame) -> tuple[Problem, ...]:
    """Return the rows that were not compared: without bytes, or with bytes that are no audio, all that hold them."""
    faults = {row: file.fault for row, file in enumerate(files) if file.fault}
    for rows in contents.values():
        if fault := next((faults[row] for row in rows if row in faults), ""):
            faults.update(dict.fromkeys(rows, fault))
    return tuple(Problem(row + 1, frame["path"][row], fault) for row, fault in sorted(faults.items()))


def _same_audio(files: Sequence[_File], contents: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return the rows by decoded audio, for audio that more than one content holds."""
    return {
        digest: sorted(row for first in firsts for row in contents[files[first].content])
        for digest, firsts in _rows_by(file.audio for file in files).items()
        if len(firsts) > 1
    }


def _first(corpus: Corpus, report: AuditReport) -> str:
    problem = [*corpus.problems, *report.unread][0]
    return f"row {problem.row}, {problem.what}"
