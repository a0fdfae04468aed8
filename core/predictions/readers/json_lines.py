"""JSON lines: a value a line."""

import json
from typing import ClassVar

from core.errors import PredictionsError
from core.predictions.plain import columns_of
from core.predictions.reader import READERS, Head, Raw, Reader

__all__ = ["JsonLines", "is_lines"]


@READERS.register("json-lines")
class JsonLines(Reader):
    """An object or a list a line, all with the same keys."""

    title: ClassVar[str] = "JSON lines"

    def claims(self, head: Head) -> bool:
        """Return whether its first line is a complete JSON value and another follows."""
        return is_lines(head.first_lines)

    def read(self, head: Head) -> Raw:
        """Return the columns of the rows."""
        rows = []
        try:
            text = head.path.read_text(encoding=head.encoding)
        except UnicodeError as error:
            raise PredictionsError(f"{head.path} holds bytes that are no text ({error}): save it as UTF-8.") from error
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    rows.append(json.loads(line))
                except (ValueError, RecursionError) as error:
                    raise PredictionsError(
                        f"{head.path} is damaged or cut: line {number} is no complete JSON ({error}). Complete or "
                        "remove the line, or fetch the file anew; nothing of it was read."
                    ) from error
        return Raw(columns_of(rows, str(head.path)), headed=True)


def is_lines(lines: list[str]) -> bool:
    """Return whether the first line of a text is a JSON object or list by itself, and the second begins another."""
    if not lines or lines[0].lstrip()[:1] not in "{[" or (len(lines) > 1 and lines[1].lstrip()[:1] not in "{["):
        return False
    try:
        value = json.loads(lines[0])
    except (ValueError, RecursionError):
        return False
    # A dictionary by itself is a row where it is no dictionary from names to scores.
    return len(lines) > 1 or (isinstance(value, dict) and any(isinstance(cell, str) for cell in value.values()))
