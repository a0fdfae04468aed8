"""What the tab Scores says in words and tables: one threshold, every slice, every attack."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.components.confusion import ErrorRow, confusion, error_table, percent, rates, span
from dashboard.components.markup import card, class_word, empty, esc, note, table
from dashboard.components.reference import PANEL, kept
from dashboard.plots.frame import llr_of

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["at_threshold", "attack_tables", "lead_text", "slices_table"]

_FEW = 10
Scores = NDArray[np.float64]


def lead_text(run: "Run", frame: pd.DataFrame, *, name: str, part: str, limit: float) -> str:
    """Return in one sentence what a threshold on P(spoof) does to a slice.

    Parameters
    ----------
    run : Run
    frame : DataFrame
        The slice's clips with ``label`` and ``score``.
    name, part : str
        Detector and slice.
    limit : float
        From this P(spoof) on a clip is called spoof.
    """
    called, real = _called(frame, float(llr_of(limit))), (frame["label"] == "bonafide").to_numpy()
    alarms, misses = int((called & real).sum()), int((~called & ~real).sum())
    n_real, n_fake = int(real.sum()), int((~real).sum())
    who = "the panel" if name == PANEL else esc(name)
    at = f"{limit:.3f}".removesuffix("0")
    words = (
        f"Calling spoof from P(spoof) {at} up, <b>{who}</b> accuses <b>{alarms} of {n_real}</b> "
        f"{class_word('bonafide')} clips ({_share(alarms, n_real)}) and lets <b>{misses} of {n_fake}</b> "
        f"{class_word('spoof', word='spoofs')} pass ({_share(misses, n_fake)})."
    )
    about = f"{kept(run)}; shown: {part}, n = {len(frame)}. A threshold gives two answers, the verdict three."
    return card("", f'<p class="ss-lead">{words}</p>{note(about)}')


def _share(count: int, n: int) -> str:
    return percent(count / n) if n else "–"


def _called(frame: pd.DataFrame, llr: float) -> NDArray[np.bool_]:
    return frame["score"].to_numpy(dtype=float) < llr


def at_threshold(
    frame: pd.DataFrame, llr: float, *, eer: float, interval: tuple[float, float] | None
) -> tuple[str, str]:
    """Return the counts and the rates of a slice at a threshold, as HTML; words where a class is missing."""
    from core.analysis.metrics import threshold_report

    real = (frame["label"] == "bonafide").to_numpy()
    if real.all() or not real.any():
        return empty("Counts need clips of both classes."), ""
    report = threshold_report(frame["score"], real, llr)
    return confusion(report), rates(report, eer=eer, eer_interval=interval)


def slices_table(
    parts: Mapping[str, tuple[Scores, Scores, float, tuple[float, float] | None]], llr: float, *, name: str
) -> str:
    """Return the two error rates and the equal error rate of every slice, as a frame.

    Parameters
    ----------
    parts : mapping of str to (array, array, float, interval or None)
        Per slice the scores of bona fide clips and of spoofs, the equal error rate and its 95 % interval.
    llr : float
        The threshold.
    name : str
        The detector.
    """
    rows = [
        (
            part, len(real), len(fake), percent(float(np.mean(real < llr)) if len(real) else float("nan")),
            percent(float(np.mean(fake >= llr)) if len(fake) else float("nan")),
            f"{percent(rate)} {span(ends, digits=1)}",
        )
        for part, (real, fake, rate, ends) in parts.items()
    ]  # fmt: skip
    columns = ("slice", "■ bona fide", "● spoof", "false alarms here", "misses here", "EER [95 %]")
    about = (
        "Seen and unseen: whether the attack was heard in training; both stand against all bona fide clips. Published: "
        "clips of public demo pages, strange in system, voice and room. Intervals: bootstrap over speakers and sources."
    )
    body = table(columns, rows, numeric=range(1, 6)) + note(about)
    return card(f"Where it is easy and where it is hard: {name}", body)


def attack_tables(frame: pd.DataFrame, seen: set[str], llr: float) -> str:
    """Return how often each attack and each kind of real speech is called wrongly, as two frames."""
    called = _called(frame, llr)
    real = (frame["label"] == "bonafide").to_numpy()
    attacks = _attacks(frame, called, real, seen)
    speech = [
        ErrorRow(str(kind), str(part), len(rows), int(called[rows.index].sum()))
        for (kind, part), rows in frame[real].groupby(["kind", "part"])
    ]
    by_attack: str = empty("No spoof in this slice.")
    by_kind: str = empty("No bona fide clip in this slice.")
    if attacks:
        by_attack = error_table(
            attacks, colour="bonafide", columns=("attack", "kind, part", "n", "missed here [95 %]", "training", "EER"),
            aside=f"{len(attacks)} systems, first those that surely pass most. No EER from fewer than {_FEW} clips.",
        )  # fmt: skip
    if speech:
        by_kind = error_table(
            speech, columns=("real speech", "part", "n", "false alarms here [95 %]"), colour="spoof",
            aside="Calling calm, real speech fake is the dearer error.",
        )  # fmt: skip
    return f'<div class="ss-wide-two">{card("Attacks", by_attack)}{card("Real speech", by_kind)}</div>'


def _attacks(frame: pd.DataFrame, called: NDArray[np.bool_], real: NDArray[np.bool_], seen: set[str]) -> list[ErrorRow]:
    from core.analysis.det import equal_error_point

    scores = frame["score"].to_numpy(dtype=float)
    rows = []
    for system, spoofs in frame[~real].groupby("system"):
        index = spoofs.index.to_numpy()
        enough = real.any() and len(index) >= _FEW
        rate = percent(equal_error_point(scores[real], scores[index])[0]) if enough else "–"
        what = f"{spoofs['kind'].mode()[0]}, {spoofs['part'].mode()[0]}"
        heard = "heard" if system in seen else "new"
        rows.append(ErrorRow(str(system), what, len(index), int((~called[index]).sum()), (heard, rate)))
    return rows
