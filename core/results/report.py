"""The README's table of results: made from the shipped cards and the reference run, never by hand."""

import math
import os
import statistics
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.analysis.metrics import cllr
from core.analysis.tables import false_alarms_by_quartile
from core.audio.clip import SAMPLE_RATE
from core.detectors.detector import Detector
from core.errors import ResultsError
from core.results.evaluation import evaluate_run, panel_members
from core.results.store import Run

__all__ = ["END", "START", "insert_between_markers", "seconds_per_clip", "summary_markdown"]

START, END = "<!-- results:start -->", "<!-- results:end -->"
_SLICES = ("all", "seen attacks", "unseen attacks", "published")
_CLIP_S = 4.0
_HEAD = [
    "detector", *[f"EER % {name}" for name in _SLICES], "Cllr raw", "Cllr calibrated",
    "real called fake % calm / lively", "parameters", "clips/s", "MB",
]  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """Seconds that one detector needs for one clip on this machine."""

    median_s: float
    repeats: int


def seconds_per_clip(detector: Detector, *, repeats: int = 7) -> Timing:
    """Time the scoring of one 4-second clip, decoding left out; the first, cold call is not counted."""
    waveform = np.random.default_rng(0).normal(0, 0.05, int(_CLIP_S * SAMPLE_RATE)).astype(np.float32)
    detector.score(waveform)
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        detector.score(waveform)
        taken.append(time.perf_counter() - start)
    return Timing(statistics.median(taken), repeats)


def summary_markdown(run: Run, detectors: dict[str, Detector], *, resamples: int = 1000) -> str:
    """Return the table in Markdown, with a sentence on how it was made.

    Parameters
    ----------
    run : Run
        The reference run.
    detectors : dict of str to Detector
        The detectors that made it.
    resamples : int
        Of the bootstrap.

    Raises
    ------
    ResultsError
        When the run was made by other detectors than these.
    """
    from core.results.batch import detector_digest

    for name, about in run.manifest["detectors"].items():
        if name not in detectors or detector_digest(detectors[name]) != about["digest"]:
            raise ResultsError(f"The run in {run.folder} was made by another {name}: score the corpus again.")
    tables = evaluate_run(run, resamples=resamples)
    timings = {name: seconds_per_clip(detectors[name]) for name in run.detectors}
    order = sorted(run.detectors, key=lambda name: float(tables[name]["eer"].iloc[0]))
    members = panel_members(run)
    rows = [_panel_row(run, tables["panel"], {name: detectors[name] for name in members}, timings)]
    rows += [_row(run, name, tables[name], detectors[name], timings[name], member=name in members) for name in order]
    lines = [_cells(_HEAD), _cells(["---", *["---:"] * (len(_HEAD) - 1)]), *rows]
    return "\n".join([*lines, "", _told(run, tables["panel"], resamples)])


def _cells(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"


def _row(run: Run, name: str, table: pd.DataFrame, detector: Detector, timing: Timing, *, member: bool) -> str:
    heard = run.scores[run.scores["detector"] == name]
    real = (heard["label"] == "bonafide").to_numpy()
    raw = heard["raw"].to_numpy(dtype=float)
    figures = [_number(cllr(raw[real], raw[~real])), *_calibrated(table, heard)]
    return _cells([f"`{name}`" + " ●" * member, *_rates(table), *figures, *_costs([detector], [timing])])


def _panel_row(run: Run, table: pd.DataFrame, members: dict[str, Detector], timings: dict[str, Timing]) -> str:
    figures = ["–", *_calibrated(table, run.panel)]
    costs = _costs(list(members.values()), [timings[name] for name in members])
    return _cells([f"**panel** of {len(members)} ●", *_rates(table), *figures, *costs])


def _calibrated(table: pd.DataFrame, heard: pd.DataFrame) -> list[str]:
    calm, *_, lively = false_alarms_by_quartile(heard)
    return [_number(float(table["cllr"].iloc[0])), f"{_percent(calm)} / {_percent(lively)}"]


def _costs(detectors: Sequence[Detector], timings: Sequence[Timing]) -> list[str]:
    cards = [detector.card for detector in detectors]
    return [
        f"{sum(card.parameters for card in cards):,}",
        f"{1 / sum(timing.median_s for timing in timings):.1f}",
        f"{sum(card.size_bytes for card in cards) / 1e6:.1f}",
    ]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f}"


def _rates(table: pd.DataFrame) -> list[str]:
    by_slice = {row["slice"]: row for row in table.to_dict(orient="records")}
    return [_rate(by_slice.get(name)) for name in _SLICES]


def _rate(row: dict[Hashable, Any] | None) -> str:
    if row is None or pd.isna(row["eer"]):
        return "–"
    low, high = row["eer_low"], row["eer_high"]
    interval = "" if pd.isna(low) or pd.isna(high) else f" ({100 * low:.1f}–{100 * high:.1f})"
    return f"{100 * row['eer']:.1f}{interval}"


def _told(run: Run, table: pd.DataFrame, resamples: int) -> str:
    counts = [
        f"{row['slice']}: {row['n_bonafide']} bona fide and {row['n_spoof']} spoofed"
        for row in table.to_dict(orient="records")
    ]
    split = run.manifest["corpus"]["split"]
    return (
        f"Equal error rates on the corpus' `{split}` split ({len(run.clips)} clips; for the panel, {'; '.join(counts)})"
        f", in brackets the 95 % interval of {resamples} bootstrap resamples. An attack is seen when the detector, or "
        f"for the panel any member, heard it in training. Cllr, of raw outputs and of calibrated scores, is 1 for a "
        f"detector that says nothing. Real called fake: share of bona fide clips with P(spoof) over 0.5 in the calmest "
        f"and in the liveliest quarter, by pitch range and energy variation. Clips of {_CLIP_S:.0f} s heard in a "
        f"second, one after the other, on {os.cpu_count()} CPU cores of the machine that made this table. ● marks the "
        f"members of the panel. "
        f"Made by `python -m core results-table` from the reference run `{run.digest[:12]}`."
    )


def insert_between_markers(text: str, content: str) -> str:
    """Return ``text`` with what stands between the two markers replaced.

    Raises
    ------
    ResultsError
        When the text lacks a marker, or has them in the wrong order.
    """
    start, end = text.find(START), text.find(END)
    if start < 0 or end < start:
        raise ResultsError(f"The file needs the line {START} and, after it, the line {END}.")
    return f"{text[: start + len(START)]}\n{content}\n{text[end:]}"
