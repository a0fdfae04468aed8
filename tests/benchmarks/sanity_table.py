"""The table of planted evidence: what one row says, and how a later measurement joins an earlier one in a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["END", "START", "Estimate", "Found", "estimate", "markdown", "merged"]

START, END = "<!-- explanation-sanity:start -->", "<!-- explanation-sanity:end -->"
HEAD = (
    "detector", "method", "planted", "n", "detected (mean change)", "factor [95 %]", "finds it", "signed [95 %]",
    "control", "faithful",
)  # fmt: skip
RULE = ("---", "---", "---", "---:", "---:", "---:", "---", "---:", "---:", "---:")


@dataclass(frozen=True)
class Estimate:
    """A mean over clips and its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True)
class Found:
    """What one method found of one plant, by one detector; ``control`` and ``faithful`` where they were asked for."""

    detector: str
    method: str
    plant: str
    clips: int
    detected: int
    change: float
    factor: Estimate
    signed: Estimate
    control: float | None = None
    faithful: int | None = None

    @property
    def finds(self) -> str:
        """Whether the attribution lies in the planted place more than its area would give by chance."""
        if self.factor.low > 1:
            return "yes"
        return "looks elsewhere" if self.factor.high < 1 else "no better than chance"

    def cells(self) -> list[str]:
        """Return the row's cells, in the order of the head."""
        control = "–" if self.control is None else f"{self.control:.2f}"
        faithful = "–" if self.faithful is None else str(self.faithful)
        detected = f"{self.detected} ({self.change:+.2f})"
        what = [f"`{self.detector}`", self.method, self.plant, str(self.clips), detected]
        return [*what, str(self.factor), self.finds, str(self.signed), control, faithful]


def estimate(values: np.ndarray, *, seed: int = 0, resamples: int = 2000) -> Estimate:
    """Return the mean and the percentile interval of its bootstrap over clips."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (resamples, len(values)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))


def markdown(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of cells as a Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (HEAD, RULE, *rows))


def merged(text: str, found: Iterable[Found]) -> str:
    """Return a file's text with the rows between its markers joined by those found, which replace their like.

    Raises
    ------
    ValueError
        When the text lacks a marker.
    """
    start, end = text.find(START), text.find(END)
    if start < 0 or end < start:
        raise ValueError(f"The file needs the line {START} and, after it, the line {END}.")
    lines = [line for line in text[start:end].splitlines() if line.startswith("| `")]
    rows = {tuple(cells[:3]): cells for cells in ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)}
    rows |= {tuple(row.cells()[:3]): row.cells() for row in found}
    ordered = [rows[key] for key in sorted(rows, key=lambda key: (key[0], key[2], key[1]))]
    return f"{text[: start + len(START)]}\n{markdown(ordered)}\n{text[end:]}"
