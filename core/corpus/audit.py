"""What is wrong with a corpus: what its splits share, and what separates its classes at sight.

A detector that was trained on a clip of its own test split has memorised it; no figure of it means anything. Nor does
one on a corpus whose classes differ in length, level or silence (``core.analysis.shortcuts``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.shortcuts import MOST_CLIPS, Shortcut, find_shortcuts, shortcut_groups
from core.corpus.measure import MEASURED_COLUMNS
from core.corpus.read_files import File, Load, Progress, read_files
from core.corpus.recoded import known_among, recoded
from core.corpus.table import Corpus, Problem

__all__ = ["KINDS", "PRIORITY", "AuditReport", "audit", "fix"]

KINDS = ("same-content", "same-audio", "same-recording", "same-source", "same-speaker")
PRIORITY = ("train", "dev", "eval")
_COLUMNS = ("kind", "severity", "key", "splits", "rows", "paths")
_NONE = frozenset({"", "-", "nan", "none"})


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
    closely : int
        How many rows were drawn to be measured and searched for fingerprints.
    shortcuts : tuple of Shortcut
        How well each measured figure alone separates the classes, the best first; none where nothing was measured.
    searched : int
        How many rows were compared with the clips of a training set.
    trained : tuple of int
        Rows of which it holds the recording.
    """

    findings: pd.DataFrame
    unread: tuple[Problem, ...] = ()
    compared: int = 0
    splits: tuple[str, ...] = ()
    closely: int = 0
    shortcuts: tuple[Shortcut, ...] = ()
    searched: int = 0
    trained: tuple[int, ...] = ()

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
            "closely": self.closely,
            "shortcuts": [shortcut.to_json() for shortcut in self.shortcuts],
            "searched": self.searched,
            "trained": len(self.trained),
            "trained_paths": corpus.frame["path"][list(self.trained[:12])].astype(str).tolist(),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        findings = [
            {name: list(value) if isinstance(value, tuple) else value for name, value in finding.items()}
            for finding in self.findings.to_dict(orient="records")
        ]
        unread = [asdict(problem) for problem in self.unread]
        return {
            "has_leak": self.has_leak, "compared": self.compared, "findings": findings, "unread": unread,
            "closely": self.closely, "shortcuts": [shortcut.to_json() for shortcut in self.shortcuts],
            "searched": self.searched, "trained": list(self.trained),
        }  # fmt: skip


def audit(
    corpus: Corpus, *, load: Load | None = None, same_audio: bool = True, measure: bool = True,
    known: NDArray[np.uint32] | None = None, progress: Progress | None = None,
) -> AuditReport:  # fmt: skip
    """Look for what two splits of a corpus share, and for what separates its classes by itself.

    Bytes are hashed here, not taken from the manifest; each different content is decoded once. The same content or
    audio within one split is a warning, for it weighs twice; so is a speaker in two splits. A row without a split
    (``-``) is in none and leaks nowhere. Of a corpus of more than ``core.analysis.shortcuts.MOST_CLIPS`` clips so many
    are drawn to be measured and searched for the fingerprints of others.

    Parameters
    ----------
    corpus : Corpus
    load : callable, optional
        Decodes a path to a clip, called from several threads; :func:`core.audio.decode.decode` by default.
    same_audio : bool
        Whether to decode the files at all: to compare their samples, rounded to 16 bit, and their fingerprints; by far
        the slowest part.
    measure : bool
        Whether to measure the decoded clips, for the shortcuts.
    known : ndarray [shape=(n, 10), uint32], optional
        Fingerprints of the clips of a training set, to find those of the corpus that are among them.
    progress : callable, optional
        Called with the rows that have been read, and the rows in all.
    """
    frame = corpus.frame
    closely = _drawn(len(frame)) if same_audio else []
    files = read_files(
        corpus, _loader(load) if same_audio else None, closely=closely, measure=measure, progress=progress
    )
    contents = _rows_by(file.content for file in files)
    unread = _unread(files, contents, frame)
    found = _findings("same-content", contents, frame, repeats=True)
    found += _findings("same-audio", _same_audio(files, contents), frame, repeats=True)
    found += _findings("same-recording", _same_recording(files, frame), frame)
    found += _findings("same-source", _by_name(frame["source"]), frame)
    found += _findings("same-speaker", _by_name(frame["speaker"]), frame)
    table = pd.DataFrame(found, columns=list(_COLUMNS))
    # A stable sort: within leaks and within warnings the kinds keep their order.
    table = table.sort_values("severity", kind="stable").reset_index(drop=True)
    missing = {problem.row - 1 for problem in unread}
    compared = [row for row in frame.index if row not in missing]
    splits = sorted(set(frame["split"][compared]) - _NONE, key=_rank)
    searched = [row for row in closely if known is not None and files[row].words is not None]
    trained = [] if known is None else [row for row, _ in known_among(files, searched, known)]
    return AuditReport(
        table, unread, len(compared), tuple(splits), len(closely), _shortcuts(files, frame), len(searched),
        tuple(trained),
    )  # fmt: skip


def _loader(load: Load | None) -> Load:
    if load is not None:
        return load
    from core.audio.decode import decode

    return decode


def _drawn(n_rows: int) -> list[int]:
    if n_rows <= MOST_CLIPS:
        return list(range(n_rows))
    rows: list[int] = np.sort(np.random.default_rng(0).choice(n_rows, MOST_CLIPS, replace=False)).tolist()
    return rows


def _shortcuts(files: Sequence[File], frame: pd.DataFrame) -> tuple[Shortcut, ...]:
    rows = [row for row, file in enumerate(files) if file.measured is not None]
    if not rows:
        return ()
    table = pd.DataFrame([files[row].measured for row in rows], columns=list(MEASURED_COLUMNS))
    labelled = frame.loc[rows]
    columns = {name: table[name].to_numpy() for name in MEASURED_COLUMNS}
    real = (labelled["label"] == "bonafide").to_numpy(bool)
    return tuple(find_shortcuts(columns, real, shortcut_groups(labelled)))


def _same_recording(files: Sequence[File], frame: pd.DataFrame) -> dict[str, list[int]]:
    """Return rows of two splits whose fingerprints match, by the path of the one in the larger split.

    What has one content, one audio or one source is found by that.
    """
    names, split = frame["source"].astype(str), frame["split"]
    splits = split.where(~split.isin(_NONE), "").to_numpy(object)
    groups: dict[str, list[int]] = {}
    for row, first in recoded(files, splits):
        same = files[row].content == files[first].content or files[row].audio == files[first].audio
        if not same and (names[row] != names[first] or names[row].lower() in _NONE):
            groups.setdefault(str(frame["path"][first]), [first]).append(row)
    return groups


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


def _rows_by(keys: Iterable[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key:
            groups[key].append(row)
    return groups


def _unread(files: Sequence[File], contents: Mapping[str, list[int]], frame: pd.DataFrame) -> tuple[Problem, ...]:
    """Return the rows that were not compared: without bytes, or with bytes that are no audio, all that hold them."""
    faults = {row: file.fault for row, file in enumerate(files) if file.fault}
    for rows in contents.values():
        if fault := next((faults[row] for row in rows if row in faults), ""):
            faults.update(dict.fromkeys(rows, fault))
    return tuple(Problem(row + 1, frame["path"][row], fault) for row, fault in sorted(faults.items()))


def _same_audio(files: Sequence[File], contents: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return the rows by decoded audio, for audio that more than one content holds."""
    return {
        digest: sorted(row for first in firsts for row in contents[files[first].content])
        for digest, firsts in _rows_by(file.audio for file in files).items()
        if len(firsts) > 1
    }


def _first(corpus: Corpus, report: AuditReport) -> str:
    problem = [*corpus.problems, *report.unread][0]
    return f"row {problem.row}, {problem.what}"
