"""Rows as a manifest, and as the few figures that a person wants to see of them."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable

from core.corpus.reader import Row

__all__ = ["count_table", "manifest_csv"]

_ORDER = {"train": 0, "dev": 1, "eval": 2}


def manifest_csv(rows: Iterable[Row]) -> bytes:
    """Return the rows as a CSV file that :func:`core.corpus.table.read_corpus` reads."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def count_table(rows: Collection[Row]) -> str:
    """Return how many clips of each class each split has, as lines of text."""
    counts = Counter((row.split, row.label) for row in rows)
    splits = sorted({split for split, _ in counts}, key=lambda split: (_ORDER.get(split, len(_ORDER)), split))
    lines = [f"{'split':<10}  {'bonafide':>9}  {'spoof':>9}"]
    lines += [f"{split:<10}  {counts[split, 'bonafide']:>9,}  {counts[split, 'spoof']:>9,}" for split in splits]
    return "\n".join(lines)
