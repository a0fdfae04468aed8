"""The table of clips on published pages: where each lies in which repository, and what it is."""

import csv
import re
from dataclasses import dataclass, fields
from pathlib import Path

from core.errors import CorpusError

__all__ = ["PARTLY_FAKE", "TABLE", "PageClip", "read_table"]

TABLE = Path(__file__).with_name("manifest.csv")

#: The split of a clip that is fake in part only: no command takes it by itself, for its one label is half a truth.
PARTLY_FAKE = "partly-fake"

_PARTLY = "partially fake"
_STRETCH = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class PageClip:
    """One row of the table.

    Attributes
    ----------
    id, split : str
    repo, commit, path : str
        Owner/name of the repository, and the file in it at that commit.
    start_s, end_s : str
        The cut, in seconds of the file; empty where the file is taken from its start, or to its end.
    label, system, kind, speaker, dataset, language : str
        As in a manifest; empty where not known.
    note : str
        What the page states besides; of a clip that is fake in part, which seconds of the file are synthetic.
    """

    id: str
    split: str
    repo: str
    commit: str
    path: str
    start_s: str
    end_s: str
    label: str
    system: str
    kind: str
    speaker: str
    dataset: str
    language: str
    note: str

    @property
    def cut(self) -> tuple[float, float | None]:
        """Start and end in seconds of the file; None is its end."""
        return float(self.start_s or 0), float(self.end_s) if self.end_s else None

    @property
    def synthetic(self) -> tuple[tuple[float, float], ...]:
        """Synthetic stretches of a clip that is fake in part, in seconds of the file; empty for any other."""
        if not self.note.startswith(_PARTLY):
            return ()
        times = self.note.partition(" s synthetic")[0]
        return tuple((float(start), float(end)) for start, end in _STRETCH.findall(times))


def read_table(path: Path = TABLE) -> list[PageClip]:
    """Read a table of clips on pages; by default the project's own.

    Raises
    ------
    CorpusError
        When it cannot be read, lacks a column, has no rows, or an id stands in it twice.
    """
    names = [field.name for field in fields(PageClip)]
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            missing = sorted(set(names) - set(reader.fieldnames or ()))
            if missing:
                raise CorpusError(f"{path} has no column {', '.join(missing)}; it needs: {', '.join(names)}.")
            clips = [PageClip(**{name: row[name].strip() for name in names}) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path} cannot be read as a table of pages: {error}.") from error
    if not clips:
        raise CorpusError(f"{path} has no rows.")
    _check(path, clips)
    return clips


def _check(path: Path, clips: list[PageClip]) -> None:
    known: set[str] = set()
    for clip in clips:
        if clip.id in known:
            raise CorpusError(f"{path} has the id {clip.id} more than once: give each clip its own.")
        if not re.fullmatch(r"[\w.-]*\w", clip.id):
            raise CorpusError(f"{path} has the id {clip.id!r}, which is no file name: use letters, digits, - and _.")
        # Both become names of folders.
        if not re.fullmatch(r"[\w.-]*\w/[\w.-]*\w", clip.repo):
            raise CorpusError(f"{path} has the repository {clip.repo!r}: write owner/name.")
        if not re.fullmatch(r"[0-9a-f]{40,64}", clip.commit) or "\n" in clip.path:
            raise CorpusError(f"{path}: {clip.id} needs a commit in full and a path on one line.")
        known.add(clip.id)
