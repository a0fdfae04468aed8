"""Lists whose cells are parted by blanks, as the ASVspoof challenges write scores and keys."""

from typing import TYPE_CHECKING, ClassVar

from core.audio.suffixes import AUDIO_SUFFIXES
from core.errors import PredictionsError
from core.predictions.reader import READERS, Head, Raw, Reader
from core.predictions.readers.delimited import delimiter_of, headed, is_label, is_number, unended

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Asvspoof"]


@READERS.register("asvspoof")
class Asvspoof(Reader):
    """``utterance attack key score`` (2019), ``utterance score`` (2021), the same with a header (5), and their keys.

    An utterance's name may hold blanks: the other cells are counted from the right.
    """

    title: ClassVar[str] = "cells parted by blanks (ASVspoof, utterance score)"

    def claims(self, head: Head) -> bool:
        """Return whether it is text without comma, tab and semicolon in its first line, and no JSON or pickle."""
        lines = head.first_lines
        if not lines or head.path.suffix.lower() in {".pkl", ".pickle"}:
            return False
        return lines[0].lstrip()[:1] not in "{[" and not delimiter_of(lines[0]) and len(lines[0].split()) > 1

    def read(self, head: Head) -> Raw:
        """Return every column as text."""
        first, second = (line.split() for line in (*head.first_lines, "")[:2])
        own = headed(first, second)
        tail = _tail(second if own else first)
        columns = _at_once(head, first if own else _numbered(len(first)), own=own)
        if columns is None:
            columns = _line_by_line(head, first, tail, own=own)
        elif not own and 0 < tail < len(first) - 1 and _is_one_name([columns[name] for name in list(columns)[:-tail]]):
            columns = _joined(columns, tail)
        return Raw(columns, headed=own, notes=unended(head))


def _tail(cells: list[str]) -> int:
    """Return how many cells stand behind the utterance in a list of scores: score, key score, or attack key score."""
    if not cells or not is_number(cells[-1]):
        return 0
    labelled = len(cells) > 2 and is_label(cells[-2])
    return 1 + 2 * labelled if len(cells) != 3 or not labelled else 2


def _numbered(n: int) -> list[str]:
    return [f"column {place}" for place in range(1, n + 1)]


def _names(column: "pa.ChunkedArray") -> bool:
    """Return whether a column names clips: it is no number, and hardly any value repeats."""
    return not is_number(column[0].as_py()) and len(column.unique()) > 0.99 * len(column)


def _is_one_name(columns: "list[pa.ChunkedArray]") -> bool:
    """Return whether cells are parts of one name: none of them names clips alone, or the last ends as a recording."""
    ends = columns[-1][0].as_py().lower().endswith(tuple(AUDIO_SUFFIXES))
    return ends or not any(_names(column) for column in columns)


def _joined(columns: "dict[str, pa.ChunkedArray]", tail: int) -> "dict[str, pa.ChunkedArray]":
    """Return the columns with those before the tail as one: names with as many blanks each."""
    import pyarrow.compute as pc

    names = list(columns)
    whole = pc.binary_join_element_wise(*(columns[name] for name in names[:-tail]), " ")
    return dict(zip(_numbered(tail + 1), [whole, *(columns[name] for name in names[-tail:])], strict=True))


def _at_once(head: Head, names: list[str], *, own: bool) -> "dict[str, pa.ChunkedArray] | None":
    """Return the columns where every line has the same number of cells, each parted by one blank; else None."""
    from pyarrow import csv as arrow_csv
    from pyarrow import lib, string

    if len(set(names)) < len(names) or head.first_lines[0] != " ".join(head.first_lines[0].split()):
        return None
    try:
        table = arrow_csv.read_csv(
            head.path,
            arrow_csv.ReadOptions(column_names=names, encoding=head.encoding, skip_rows=head.skipped + own),
            arrow_csv.ParseOptions(delimiter=" ", quote_char=False),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False),
        )
    except (lib.ArrowException, UnicodeError):
        return None
    return {name: table[name] for name in names}


def _line_by_line(head: Head, first: list[str], tail: int, *, own: bool) -> "dict[str, pa.Array]":
    import pyarrow as pa

    try:
        text = head.path.read_text(encoding=head.encoding)
    except UnicodeError as error:
        raise PredictionsError(f"{head.path} holds bytes that are no text ({error}): save it as UTF-8.") from error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1)
             if number > head.skipped and line.strip()]  # fmt: skip
    cells = len(first) if own or not tail else tail + 1
    rows = []
    for number, line in lines[1:] if own else lines:
        # In a list of scores what is left of the tail is the name; in any other, each line has as many cells.
        row = line.strip().rsplit(None, cells - 1) if tail else line.split()
        if len(row) != cells or _tail(row) < min(tail, 2):
            raise PredictionsError(
                f"{head.path} is damaged or cut: line {number} is not of the form of the first "
                f"({line.strip()[:60]!r}). Complete or remove the line, or fetch the file anew; nothing of it was "
                "read."
            )
        rows.append(row)
    names = first if own else _numbered(cells)
    return {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
