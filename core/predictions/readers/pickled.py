"""Pickles of plain values, as people exchange dictionaries; nothing in them is run."""

from typing import ClassVar

from core.errors import PredictionsError
from core.plain_pickle import NotPlainError, plain_value
from core.predictions.plain import columns_of
from core.predictions.reader import READERS, Head, Raw, Reader

__all__ = ["Pickled"]

_LARGEST = 1 << 30


@READERS.register("pickled")
class Pickled(Reader):
    """Dictionaries, lists, text, numbers and numpy arrays; a pickle of anything else is refused unread."""

    title: ClassVar[str] = "pickled dictionaries of plain values"

    def claims(self, head: Head) -> bool:
        """Return whether it begins as a pickle of protocol 2 or later does, or is called as one."""
        return head.start.startswith(b"\x80") or head.path.suffix.lower() in {".pkl", ".pickle"}

    def read(self, head: Head) -> Raw:
        """Return the columns of the pickled value."""
        if head.path.stat().st_size > _LARGEST:
            raise PredictionsError(f"{head.path} is larger than 1 GB: save it as Parquet or CSV.")
        try:
            value = plain_value(head.path.read_bytes())
        except NotPlainError as error:
            raise PredictionsError(
                f"{head.path} holds more than dictionaries, lists, text, numbers and arrays ({error.what}), which "
                "reading it could run: it was not read. Where you trust it, save the scores as CSV, JSON or Parquet."
            ) from error
        except ValueError as error:
            raise PredictionsError(
                f"{head.path} is damaged or cut: {error}. Write or fetch it anew, better as CSV, JSON or Parquet; "
                "nothing of it was read."
            ) from error
        return Raw(columns_of(value, str(head.path)), headed=True)
