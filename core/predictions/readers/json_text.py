"""JSON: one value."""

import json
from typing import ClassVar

from core.errors import PredictionsError
from core.predictions.plain import columns_of
from core.predictions.reader import READERS, Head, Raw, Reader
from core.predictions.readers.json_lines import is_lines

__all__ = ["JsonText"]


@READERS.register("json-text")
class JsonText(Reader):
    """A dictionary from names to scores, a dictionary of lists, or a list of rows."""

    title: ClassVar[str] = "JSON"

    def claims(self, head: Head) -> bool:
        """Return whether it begins as a JSON object or list that is not a line's."""
        lines = head.first_lines
        return bool(lines) and lines[0].lstrip()[:1] in "{[" and not is_lines(lines)

    def read(self, head: Head) -> Raw:
        """Return the columns of the value."""
        try:
            value = json.loads(head.path.read_text(encoding=head.encoding))
        except (ValueError, RecursionError) as error:
            raise PredictionsError(
                f"{head.path} is damaged or cut: it is no complete JSON ({error}). Write or fetch it anew; nothing of "
                "it was read."
            ) from error
        return Raw(columns_of(value, str(head.path)), headed=True)
