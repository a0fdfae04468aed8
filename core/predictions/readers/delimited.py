"""Tables of text whose cells are parted by a comma, a tab or a semicolon."""

import csv
from typing import ClassVar

from core.corpus.labels import BONAFIDE_WORDS, SPOOF_WORDS
from core.errors import PredictionsError
from core.predictions.columns import number
from core.predictions.reader import READERS, Head, Raw, Reader

__all__ = ["Delimited", "delimiter_of", "headed", "is_label", "is_number", "unended"]


@READERS.register("delimited")
class Delimited(Reader):
    """CSV, TSV and CSV with semicolons, with a header or without; ASVspoof 5's score files among them."""

    title: ClassVar[str] = "CSV, TSV or semicolons"

    def claims(self, head: Head) -> bool:
        """Return whether it is text that is no JSON and has a comma, a tab or a semicolon in its first line."""
        lines = head.first_lines
        # A pickle of protocol 0 is text too, but says so by its name; JSON begins with a bracket.
        return bool(lines) and lines[0].lstrip()[:1] not in "{[" and not _pickled(head) and bool(delimiter_of(lines[0]))

    def read(self, head: Head) -> Raw:
        """Return every column as text."""
        from pyarrow import csv as arrow_csv
        from pyarrow import lib, string

        delimiter = delimiter_of(head.first_lines[0])
        names, second = (_cells(line, delimiter) for line in (*head.first_lines, "")[:2])
        own = headed(names, second)
        if not own:
            names = [f"column {place}" for place in range(1, len(names) + 1)]
        names = _distinct(names)
        try:
            table = arrow_csv.read_csv(
                head.path,
                arrow_csv.ReadOptions(column_names=names, encoding=head.encoding, skip_rows=head.skipped + own),
                arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False),
            )  # fmt: skip
        except (lib.ArrowException, UnicodeError) as error:
            raise PredictionsError(_damage(head, error)) from error
        return Raw({name: table[name] for name in names}, headed=own, notes=unended(head))


def delimiter_of(line: str) -> str:
    """Return what parts the cells of a line: the tab, semicolon or comma that stands in it; empty if none does."""
    return next((sign for sign in "\t;," if sign in line), "")


def headed(first: list[str], second: list[str]) -> bool:
    """Return whether a file's first row names its columns.

    It does where none of its cells is a number, nor a label: columns called ``bonafide`` and ``spoof`` hold numbers.
    """
    if any(is_number(cell) for cell in first):
        return False
    labels = [place for place, cell in enumerate(first) if is_label(cell)]
    return all(place < len(second) and is_number(second[place]) for place in labels)


def is_label(cell: str) -> bool:
    """Return whether a cell is one of the field's words for the two classes."""
    return cell.strip().lower() in BONAFIDE_WORDS | SPOOF_WORDS


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with a decimal point or comma, or so many in a hundred."""
    try:
        number(cell)
    except ValueError:
        return False
    return True


def _pickled(head: Head) -> bool:
    return head.path.suffix.lower() in {".pkl", ".pickle"}


def _distinct(names: list[str]) -> list[str]:
    """Return the names with a number behind those that repeat or are empty."""
    seen: dict[str, int] = {}
    result = []
    for place, name in enumerate(names, start=1):
        plain = name or f"column {place}"
        seen[plain] = seen.get(plain, 0) + 1
        result.append(plain if seen[plain] == 1 else f"{plain} {seen[plain]}")
    return result


def unended(head: Head) -> tuple[str, ...]:
    """Return a note where the file's last line does not end: it may be cut in the midst of a number."""
    with head.path.open("rb") as file:
        file.seek(-1, 2)
        last = file.read(1)
    if last in b"\r\n\0":
        return ()
    return ("the last line has no end: if the file was cut there, its last score is wrong",)


def _damage(head: Head, error: Exception) -> str:
    reason = str(error).splitlines()[0][:200]
    if isinstance(error, UnicodeError) or "UTF8" in reason or "codec" in reason:
        return f"{head.path} holds bytes that are no text ({reason}): save it as UTF-8."
    return (
        f"{head.path} is damaged or cut: {reason}. Give every row the same columns, or write or fetch the file anew; "
        "nothing of it was read."
    )
