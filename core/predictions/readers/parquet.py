"""Parquet."""

from typing import TYPE_CHECKING, ClassVar

from core.errors import PredictionsError
from core.predictions.reader import READERS, Head, Raw, Reader

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Parquet"]

_MOST_ROWS = 100_000_000


@READERS.register("parquet")
class Parquet(Reader):
    """A table; columns that are neither text nor numbers are left out."""

    title: ClassVar[str] = "Parquet"

    def claims(self, head: Head) -> bool:
        """Return whether it begins as every Parquet file does."""
        return head.start.startswith(b"PAR1")

    def read(self, head: Head) -> Raw:
        """Return the columns of text and numbers."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(head.path)
            if file.metadata.num_rows > _MOST_ROWS:
                raise PredictionsError(f"{head.path} states {file.metadata.num_rows:,} rows: no such file is read.")
            names = [field.name for field in file.schema_arrow if _plain(field.type)]
            table = file.read(names)
            table.validate(full=True)
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = str(error).splitlines()[0][:200]
            raise PredictionsError(
                f"{head.path} is a damaged Parquet file ({reason}): write or fetch it anew; nothing of it was read."
            ) from error
        return Raw({name: _as_read(table[name]) for name in names}, headed=True)


def _plain(kind: "pa.DataType") -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _plain(kind.value_type)
    tests = (types.is_string, types.is_large_string, types.is_floating, types.is_integer, types.is_boolean)
    return any(test(kind) for test in tests)


def _as_read(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_string(kind) or types.is_large_string(kind):
        return column.cast(pa.string())
    # By way of int8, since true and false are no numbers to Arrow.
    plain = column.cast(pa.int8()) if types.is_boolean(kind) else column
    try:
        return plain.cast(pa.float64())
    except pa.ArrowInvalid:
        # Whole numbers that a float would round, such as hashes that are ids.
        return plain.cast(kind).cast(pa.string())
