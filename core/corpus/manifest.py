"""Rows as a manifest, and as the few figures that a person wants to see of them."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable

from core.corpus.reader import Row

__all__ = ["class_counts", "count_table", "manifest_csv"]

_ORDER = {"train": 0, "dev": 1, "eval": 2}


def manifest_csv(rows: Iterable[Row]) -> bytes:
    """Return the rows as a CSV file that :func:`core.corpus.table.read_corpus` reads."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def class_counts(rows: Collection[Row]) -> dict[str, dict[str, int]]:
    """Return how many clips of each class each split has; train, dev and eval come first."""
    counts = Counter((row.split, row.label) for row in rows)
    splits = sorted({split for split, _ in counts}, key=lambda split: (_ORDER.get(split, len(_ORDER)), split))
    return {split: {label: counts[split, label] for label in ("bonafide", "spoof")} for split in splits}


def count_table(rows: Collection[Row]) -> str:
    """Return the class counts as lines of text."""
    lines = [f"{'split':<10}  {'bonafide':>9}  {'spoof':>9}"]
    for split, counts in class_counts(rows).items():
        lines.append(f"{split:<10}  {counts['bonafide']:>9,}  {counts['spoof']:>9,}")
    return "\n".join(lines)
