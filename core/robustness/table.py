"""The table of benign processings: false alarms and misses of the panel and each member, before and after."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from core.analysis.bootstrap import RESAMPLES, mean_interval
from core.analysis.calibration import p_spoof
from core.analysis.format import rate, text_table
from core.analysis.verdict import BONAFIDE, MAX_FALSE_ALARM, SPOOFED, Decision
from core.detectors.checkpoint import SHIPPED
from core.errors import ResultsError
from core.panel import Panel
from core.results.report import between_markers
from core.robustness.measure import AS_IS, MARK
from core.robustness.processing import PROCESSINGS

__all__ = [
    "ERRORS", "PANEL", "TABLE", "Benign", "Kind", "Limit", "Marks", "Rates", "Row", "Share", "benign",
    "benign_document", "benign_table", "read_benign",
]  # fmt: skip

Kind = Literal["false_alarms", "misses"]

TABLE = SHIPPED / "robustness.json"
#: The kinds of error, and what they are called.
ERRORS: dict[Kind, str] = {
    "false_alarms": "Real speech called probably spoofed", "misses": "Spoofs called probably bona fide",
}  # fmt: skip
#: What the panel is called among the detectors of a row.
PANEL = "panel"


class Share(BaseModel):
    """A share of clips with the 95 % interval over pages; None where it is not known."""

    model_config = ConfigDict(extra="forbid")
    value: float
    low: float | None = None
    high: float | None = None


class Rates(BaseModel):
    """Errors of one detector at its shipped thresholds.

    Attributes
    ----------
    false_alarms : Share
        Of real speech, what is called *probably spoofed*.
    misses : Share
        Of spoofs, what is called *probably bona fide*.
    more_false_alarms, more_misses : Share
        The same less its value before processing, clip by clip.
    """

    model_config = ConfigDict(extra="forbid")
    false_alarms: Share
    misses: Share
    more_false_alarms: Share
    more_misses: Share


class Limit(BaseModel):
    """A threshold for recordings that were processed, which less real speech passes than the usual one.

    Attributes
    ----------
    spoof_below : float
        A score below this is called spoofed: the panel's, or that of a mark, spoofed in part.
    usual : float
        What stands in its place for other recordings.
    false_alarms : float
        Of the processed real speech, what is called spoofed by it.
    held_out : Share or None
        The same where one half of the pages set it and the other was counted, by halves drawn again and again.
    misses : float or None
        Of the processed spoofs, what is not called spoofed by it; None for marks, since these are spoofed throughout.
    """

    model_config = ConfigDict(extra="forbid")
    spoof_below: float
    usual: float
    false_alarms: float
    held_out: Share | None
    misses: float | None = None


class Marks(BaseModel):
    """Of real speech, what has a mark that is sure enough for a verdict on parts.

    Attributes
    ----------
    false_marks, more_false_marks : Share
        After the processing, and the same less its value before, clip by clip.
    limit : Limit or None
        As that of a row.
    """

    model_config = ConfigDict(extra="forbid")
    false_marks: Share
    more_false_marks: Share
    limit: Limit | None = None


class Row(BaseModel):
    """What one processing makes of the errors of each detector, the panel first.

    Attributes
    ----------
    processing, label : str
    rates : dict of str to Rates
    limit : Limit or None
        Where a file's codec shows the processing, it surely raises the panel's false alarms, and at the usual threshold
        there are too many.
    marks : Marks or None
        Where the panel has a timeline beside it.
    """

    model_config = ConfigDict(extra="forbid")
    processing: str
    label: str
    rates: dict[str, Rates]
    limit: Limit | None = None
    marks: Marks | None = None


class Benign(BaseModel):
    """``checkpoints/robustness.json``.

    Attributes
    ----------
    corpus : str
        Digest of its manifest.
    seconds : float
        Of each clip, from its start; 0 for all.
    n_bonafide, n_spoof, n_pages : int
        Of the clips that were scored before and after every processing.
    rows : list of Row
        The clips as they are first.
    absent : dict of str to str
        Processings that were not measured, and why.
    """

    model_config = ConfigDict(extra="forbid")
    format: Literal[1] = 1
    corpus: str
    split: str
    seconds: float
    n_bonafide: int
    n_spoof: int
    n_pages: int
    rows: list[Row]
    absent: dict[str, str] = {}

    @property
    def detectors(self) -> list[str]:
        """The panel and its members."""
        return list(self.rows[0].rates) if self.rows else []


def benign(
    frame: pd.DataFrame, panel: Panel, *, corpus: str, split: str, seconds: float, absent: Mapping[str, str],
    mark_below: float | None = None, resamples: int = RESAMPLES,
) -> Benign:  # fmt: skip
    """Count errors before and after each processing.

    Parameters
    ----------
    frame : DataFrame
        As ``core.robustness.measure.as_frame`` gives it. Clips that lack a processing are left out.
    panel : Panel
    corpus, split : str
    seconds : float
    absent : mapping of str to str
    mark_below : float, optional
        A mark of a lower score makes a verdict on parts; without it marks are not counted.
    resamples : int
        Of the bootstrap, which draws pages.

    Raises
    ------
    ResultsError
        When no clip was scored before and after every processing.
    """
    names = [AS_IS, *(name for name in PROCESSINGS.names() if (frame["processing"] == name).any())]
    counts = frame.groupby("path")["processing"].nunique()
    frame = frame[frame["path"].isin(counts.index[counts == len(names)])]
    if frame.empty:
        raise ResultsError("No clip was scored before and after every processing: let the measurement go on.")
    llr, decisions = _llr(frame, panel), _decisions(panel)
    wide = {name: llr[(frame["processing"] == name).to_numpy()].sort_index() for name in names}
    clips = frame.drop_duplicates("path").set_index("path").sort_index()
    # Without a mark nothing is spoofed in part.
    marked = frame.set_index("path")[MARK].astype(float).fillna(np.inf)
    surest: dict[str, NDArray[np.float64]] = {
        name: np.asarray(marked[(frame["processing"] == name).to_numpy()].sort_index(), np.float64) for name in names
    }
    rows = []
    for name in names:
        label = "as it is" if name == AS_IS else PROCESSINGS.get(name).label
        rates = {
            one: _rates(clips, wide[AS_IS][one], wide[name][one], decision, resamples)
            for one, decision in decisions.items()
        }
        # A limit is of use where a file shows that it has been through this.
        shown = name != AS_IS and bool(PROCESSINGS.get(name).codec)
        surely = (rates[PANEL].more_false_alarms.low or 0.0) > 0
        after = wide[name][PANEL].to_numpy()
        limit = _limit(clips, after, panel.decision.spoof_below, resamples) if shown and surely else None
        marks = None
        if mark_below is not None:
            marks = _marks(clips, [surest[AS_IS], surest[name]], mark_below, shown, resamples)
        rows.append(Row(processing=name, label=label, rates=rates, limit=limit, marks=marks))
    real = clips["label"] == "bonafide"
    return Benign(
        corpus=corpus, split=split, seconds=seconds, n_bonafide=int(real.sum()), n_spoof=int((~real).sum()),
        n_pages=int(clips["page"].nunique()), rows=rows, absent=dict(absent),
    )  # fmt: skip


def _llr(frame: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Return the log-likelihood ratios of the panel and its members, a row a row, by path."""
    own = {name: frame[name].to_numpy(dtype=float) for name in panel.members}
    return pd.DataFrame({PANEL: panel.fused(own), **own}, index=frame["path"])


def _decisions(panel: Panel) -> dict[str, Decision]:
    return {PANEL: panel.decision, **{name: panel.card(name).decision for name in panel.members}}


def _rates(clips: pd.DataFrame, before: pd.Series, after: pd.Series, decision: Decision, resamples: int) -> Rates:
    shares = {}
    for name, label, wrong in (("false_alarms", "bonafide", SPOOFED), ("misses", "spoof", BONAFIDE)):
        here = (clips["label"] == label).to_numpy()
        was, now = (np.array([decision.verdict(one) == wrong for one in llr[here]], float) for llr in (before, after))
        pages = clips["page"][here]
        shares[name] = _share(now, pages, resamples)
        shares[f"more_{name}"] = _share(now - was, pages, resamples)
    return Rates(**shares)


def _marks(
    clips: pd.DataFrame, surest: Sequence[NDArray[np.float64]], below: float, shown: bool, resamples: int
) -> Marks:
    """Return how often real speech has a mark for a verdict, by the surest marks before and after a processing."""
    real = (clips["label"] == "bonafide").to_numpy()
    was, now = ((each[real] < below).astype(float) for each in surest)
    more = _share(now - was, clips["page"][real], resamples)
    limit = _limit(clips, surest[1], below, resamples) if shown and (more.low or 0.0) > 0 else None
    return Marks(
        false_marks=_share(now, clips["page"][real], resamples), more_false_marks=more,
        limit=limit.model_copy(update={"misses": None}) if limit is not None else None,
    )  # fmt: skip


def _limit(clips: pd.DataFrame, scores: NDArray[np.float64], usual: float, resamples: int) -> Limit | None:
    """Return the threshold that at most ``MAX_FALSE_ALARM`` of processed real speech passes, if the usual is higher."""
    real = (clips["label"] == "bonafide").to_numpy()

    def of(scores: NDArray[np.float64]) -> float:
        return min(float(np.quantile(scores, MAX_FALSE_ALARM, method="lower")), usual)

    lowest = of(scores[real])
    if lowest >= usual:
        return None
    pages, owner = np.unique(clips["page"][real], return_inverse=True)
    rng, held_out = np.random.default_rng(0), []
    for _ in range(resamples if len(pages) > 1 else 0):
        sets = np.isin(owner, rng.permutation(len(pages))[: len(pages) // 2])
        held_out.append(float((scores[real][~sets] < of(scores[real][sets])).mean()))
    middle, low, high = map(float, np.quantile(held_out, (0.5, 0.025, 0.975))) if held_out else (0.0, 0.0, 0.0)
    return Limit(
        spoof_below=round(lowest, 6), usual=usual, false_alarms=float((scores[real] < lowest).mean()),
        held_out=Share(value=middle, low=low, high=high) if held_out else None,
        misses=float((scores[~real] >= lowest).mean()),
    )  # fmt: skip


def _share(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", pages: pd.Series, resamples: int) -> Share:
    if not len(values):
        return Share(value=0.0)
    low, high = mean_interval(values, pages, resamples=resamples)
    known = np.isfinite(low) and np.isfinite(high)
    ends = {"low": round(low, 6), "high": round(high, 6)} if known else {}
    return Share(value=round(float(values.mean()), 6), **ends)


def read_benign(path: Path | None = None) -> Benign | None:
    """Return the table that ships; None where there is none.

    Raises
    ------
    ResultsError
        When the file is damaged.
    """
    path = TABLE if path is None else path
    try:
        return Benign(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValidationError, ValueError, TypeError) as error:
        again = "write it again with python -m core robustness-table --ship, or remove it"
        raise ResultsError(f"{path.name} does not hold what was measured: {again}. ({error})") from error


def benign_table(found: Benign, which: Kind) -> pd.DataFrame:
    """Return one kind of error as text: a row a processing, a column a detector, rates with their intervals."""
    return pd.DataFrame([
        {"processing": row.label, **{name: _cell(getattr(rates, which)) for name, rates in row.rates.items()}}
        for row in found.rows
    ])  # fmt: skip


def benign_document(text: str, found: Benign) -> str:
    """Return a document with both tables between its markers.

    Raises
    ------
    ResultsError
        When it lacks a marker.
    """
    tables = [f"{title}:\n\n{text_table(benign_table(found, which), markdown=True)}" for which, title in ERRORS.items()]
    clips = f"{found.n_bonafide} real and {found.n_spoof} spoofed clips of {found.n_pages} pages, split {found.split}."
    return between_markers(text, "\n\n".join([clips, *tables, *limits_in_words(found)]), what="benign")


def limits_in_words(found: Benign) -> list[str]:
    """Return a sentence for each processing after which a threshold is another, the panel's or that of marks."""
    of_panel = [_limit_in_words(row, row.limit) for row in found.rows if row.limit is not None]
    of_marks = [_marks_in_words(row, row.marks, found.rows[0].marks) for row in found.rows if row.marks is not None]
    return [*of_panel, *filter(None, of_marks)]


def _marks_in_words(row: Row, marks: Marks, before: Marks | None) -> str:
    if marks.limit is None or before is None:
        return ""
    usual, own = (float(p_spoof(each)) for each in (marks.limit.usual, marks.limit.spoof_below))
    return (
        f"{row.label}: {_cell(marks.false_marks)} of real speech has a mark that would make it spoofed in part, else "
        f"{_cell(before.false_marks)}. It takes a mark of P(spoof) {own:.2f} in place of {usual:.2f}, as "
        f"{rate(marks.limit.false_alarms)} of it has{_elsewhere(marks.limit)}."
    )


def _elsewhere(limit: Limit) -> str:
    held = limit.held_out
    return "" if held is None else (
        f" (where half of the pages set the limit and the others were counted: {rate(held.value)}, in 95 % of halves "
        f"{rate(held.low)} to {rate(held.high)})"
    )  # fmt: skip


def _limit_in_words(row: Row, limit: Limit) -> str:
    usual, own = (float(p_spoof(each)) for each in (limit.usual, limit.spoof_below))
    hits = "" if limit.misses is None else f", of spoofs {rate(1 - limit.misses)}"
    return (
        f"{row.label}: the panel calls a recording spoofed over P(spoof) {own:.2f} in place of {usual:.2f}. Of real "
        f"speech {rate(limit.false_alarms)} is then called so{_elsewhere(limit)}{hits}."
    )


def _cell(share: Share) -> str:
    return rate(share.value, (share.low, share.high))
