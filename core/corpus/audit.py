"""What one split of a corpus knows of another: the same bytes, samples, source recording or speaker.

A detector trained on a clip of its own test split remembers instead of hearing; no figure of it means anything.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes
    ----------
    findings : DataFrame
        One row a finding, leaks first: ``kind`` (of ``KINDS``), ``severity`` ('leak' or 'warning'), ``key`` (digest,
        source or speaker that the rows share), ``splits`` (tuple of str), ``rows`` (tuple of int: index in the
        corpus' frame), ``paths`` (tuple of str).
    unheard : tuple of Problem
        Rows whose file could not be read or decoded, and so was not compared.
    """

    findings: pd.DataFrame
    unheard: tuple[Problem, ...] = ()

    @property
    def has_leak(self) -> bool:
        """Whether anything but a warning was found."""
        return bool((self.findings["severity"] == "leak").any())

    def summary(self, corpus: Corpus) -> dict[str, Any]:
        """Return what a person needs to know of it: counts by kind, and the first dozen findings."""
        counts = self.findings.groupby(["kind", "severity"]).size().reset_index(name="count")
        return {
            "rows": len(corpus.frame),
            "has_leak": self.has_leak,
            "digest": corpus.digest,
            "findings": [{**row, "count": int(row["count"])} for row in counts.to_dict("records")],
            "worst": self.findings.head(12).astype(str).to_dict("records"),
            "problems": len(corpus.problems) + len(self.unheard),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        findings = [
            {name: list(value) if isinstance(value, tuple) else value for name, value in finding.items()}
            for finding in self.findings.to_dict(orient="records")
        ]
        unheard = [{"row": problem.row, "path": problem.path, "what": problem.what} for problem in self.unheard]
        return {"has_leak": self.has_leak, "findings": findings, "unheard": unheard}


def audit(corpus: Corpus, *, load: Load | None = None, same_audio: bool = True) -> AuditReport:
    """Look for what two splits of a corpus share.

    Bytes are hashed here, whatever the manifest says; each different content is decoded once. The same content or
    audio within one split is a warning, for it weighs twice; so is a speaker in two splits. A row without a split
    (``-``) is in none and leaks nowhere.

    Parameters
    ----------
    corpus : Corpus
    load : callable, optional
        Decodes a path to a clip, called from several threads; :func:`core.audio.decode.decode` by default.
    same_audio : bool
        Whether to decode the files and compare their samples, rounded to 16 bit; by far the slowest part.
    """
    frame = corpus.frame
    unheard: dict[int, Problem] = {}
    contents = _by_digest(sha256_file, corpus, list(frame.index), unheard)
    found = _findings("same-content", contents, frame, repeats=True)
    if same_audio:
        found += _findings("same-audio", _same_audio(corpus, contents, load, unheard), frame, repeats=True)
    found += _findings("same-source", _by_name(frame["source"]), frame)
    found += _findings("same-speaker", _by_name(frame["speaker"]), frame)
    table = pd.DataFrame(found, columns=list(_COLUMNS))
    # A stable sort: within leaks and within warnings the kinds keep their order.
    table = table.sort_values("severity", kind="stable").reset_index(drop=True)
    return AuditReport(table, tuple(unheard.values()))


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


def _same_audio(
    corpus: Corpus, contents: Mapping[str, list[int]], load: Load | None, unheard: dict[int, Problem]
) -> dict[str, list[int]]:
    """Return the rows by decoded audio, for audio that more than one content holds."""
    if load is None:
        from core.audio.decode import decode

        load = decode
    hear = load
    same_bytes = {rows[0]: rows for rows in contents.values()}
    heard = _by_digest(lambda path: _waveform_digest(hear(path)), corpus, list(same_bytes), unheard)
    return {
        digest: sorted(row for first in firsts for row in same_bytes[first])
        for digest, firsts in heard.items()
        if len(firsts) > 1
    }


def _by_digest(
    digest: Callable[[Path], str], corpus: Corpus, rows: Iterable[int], unheard: dict[int, Problem]
) -> dict[str, list[int]]:
    """Return the rows by their file's digest; rows without one are added to ``unheard``."""
    root = corpus.root.resolve()
    path = corpus.frame["path"].astype(str)

    def one(row: int) -> tuple[int, str, str]:
        try:
            # A link within the root is followed: the decoder refuses links.
            return row, digest((root / path[row]).resolve()), ""
        except OSError as error:
            return row, "", f"the file cannot be read: {error.strerror or error}"
        except AudioError as error:
            return row, "", str(error)

    groups: dict[str, list[int]] = defaultdict(list)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for row, key, what in pool.map(one, rows):
            if what:
                unheard[row] = Problem(row + 1, path[row], what)
            else:
                groups[key].append(row)
    return groups
