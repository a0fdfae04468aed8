"""Figures and lists as text, alike on page, terminal and in Markdown: ``12.3 % [9.8, 15.1]``, ``a, b and 3 more``."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTHING", "bracket", "enumerated", "figure", "first_few", "rate", "text_table"]

#: What stands where a figure is not known.
NOTHING = "–"

Ends = tuple[float | None, float | None] | None


def rate(share: float | None, ends: Ends = None, *, digits: int = 1) -> str:
    """Return a share in per cent, with its interval where it is known.

    Parameters
    ----------
    share : float or None
        0 to 1; NaN or None gives a dash.
    ends : (float, float), optional
        Ends of the interval, 0 to 1; left out where one is not known.
    digits : int
        Decimals.

    Examples
    --------
    >>> rate(0.1234, (0.098, 0.151))
    '12.3 % [9.8, 15.1]'
    >>> rate(0.5, digits=0)
    '50 %'
    >>> rate(float("nan"))
    '–'
    """
    if not _known(share):
        return NOTHING
    span = bracket(ends, digits=digits)
    return f"{100 * share:.{digits}f} %" + (f" {span}" if span else "")


def bracket(ends: Ends, *, digits: int = 1, scale: float = 100) -> str:
    """Return an interval, of shares in per cent: ``[9.8, 15.1]``; nothing where an end is not known.

    Examples
    --------
    >>> bracket((0.098, 0.151))
    '[9.8, 15.1]'
    """
    low, high = ends or (None, None)
    if not (_known(low) and _known(high)):
        return ""
    return f"[{scale * low:.{digits}f}, {scale * high:.{digits}f}]"


def figure(value: float | None, ends: Ends = None, *, digits: int = 2) -> str:
    """Return a figure that is no share, with its interval where it is known.

    Examples
    --------
    >>> figure(0.4, (0.35, 0.46))
    '0.40 [0.35, 0.46]'
    """
    if not _known(value):
        return NOTHING
    span = bracket(ends, digits=digits, scale=1)
    return f"{value:.{digits}f}" + (f" {span}" if span else "")


def enumerated(items: Sequence[str]) -> str:
    """Return all items on a line.

    Examples
    --------
    >>> enumerated(["a", "b", "c"])
    'a, b and c'
    >>> enumerated(["a"])
    'a'
    """
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def first_few(items: Sequence[str], most: int, *, separator: str = ", ", of: int | None = None) -> str:
    """Return the first of many items on a line, and how many more there are.

    Parameters
    ----------
    items : sequence of str
    most : int
        Items shown at most.
    separator : str
        ``"; "`` where items hold commas.
    of : int, optional
        How many there are, where ``items`` are not all of them.

    Examples
    --------
    >>> first_few(["a", "b", "c"], 2)
    'a, b and 1 more'
    >>> first_few(["a", "b", "c"], 2, separator="; ")
    'a; b; and 1 more'
    >>> first_few(["a", "b"], 2)
    'a, b'
    >>> first_few(["a", "b"], 2, of=1234)
    'a, b and 1,232 more'
    """
    shown = separator.join(items[:most])
    rest = (len(items) if of is None else of) - most
    if rest <= 0:
        return shown
    return f"{shown}{';' if separator.startswith(';') else ''} and {rest:,} more"


def text_table(frame: "pd.DataFrame", *, markdown: bool = False) -> str:
    """Return a frame of text as aligned columns, or as a Markdown table; all but the first are set to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> print(text_table(pd.DataFrame({"name": ["a", "bcd"], "n": ["10", "2"]})))
    name   n
    a     10
    bcd    2
    >>> print(text_table(pd.DataFrame({"name": ["a"], "n": ["10"]}), markdown=True))
    | name | n |
    | --- | ---: |
    | a | 10 |
    """
    lines = [[str(name) for name in frame.columns], *frame.astype(str).to_numpy().tolist()]
    if markdown:
        lines.insert(1, ["---", *["---:"] * (len(frame.columns) - 1)])
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    columns = []
    for number, column in enumerate(zip(*lines, strict=True)):
        width = max(map(len, column))
        columns.append([cell.rjust(width) if number else cell.ljust(width) for cell in column])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
