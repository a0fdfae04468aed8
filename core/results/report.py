"""All detectors of a run in one table, for the terminal and the documents: made from run and cards, never by hand."""

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.analysis.bootstrap import RESAMPLES
from core.analysis.format import NOTHING, figure, rate, text_table
from core.analysis.metrics import cllr
from core.analysis.slices import SLICES
from core.analysis.tables import false_alarms_by_quartile
from core.errors import ResultsError
from core.results.evaluation import evaluate_run
from core.results.queries import PANEL, members, rows

if TYPE_CHECKING:
    from core.detectors.card import Card
    from core.results.store import Run

__all__ = ["between_markers", "read_speeds", "results_frame", "results_markdown", "results_text"]

_OTHERS = {"auc": "AUC", "min_dcf": "min DCF", "act_dcf": "act DCF", "cllr": "Cllr"}
Tables = Mapping[str, pd.DataFrame]


def results_frame(
    run: "Run", tables: Tables, *, cards: "Mapping[str, Card] | None" = None, speeds: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the panel and then all detectors, the lowest equal error rate first, as text.

    Parameters
    ----------
    run : Run
    tables : mapping of str to DataFrame
        As ``evaluate_run`` gives them.
    cards : mapping of str to Card, optional
        Adds the columns of what a detector costs.
    speeds : mapping of str to float, optional
        Clips per second of each detector.

    Returns
    -------
    DataFrame of str
        Column detector, an equal error rate with its 95 % interval for each slice, and with ``cards`` Cllr of raw
        outputs and of calibrated scores, false alarms at low and high prosodic variation, parameters, clips/s, MB.
    """
    voting = members(run)
    order = sorted((name for name in tables if name != PANEL), key=lambda name: (_on_all(tables[name]), name))
    found = []
    for name in [PANEL, *order]:
        by_slice = {row["slice"]: row for row in tables[name].to_dict(orient="records")}
        who = f"panel of {len(voting)}" if name == PANEL else name
        line = {"detector": f"{who} ●" if name in [PANEL, *voting] else who}
        line |= {f"EER {part}": _rate(by_slice.get(part)) for part in SLICES}
        if cards is not None:
            line |= _calibration(run, name, tables[name])
            line |= _costs([name] if name != PANEL else voting, cards, speeds or {})
        found.append(line)
    return pd.DataFrame(found)


def _on_all(table: pd.DataFrame) -> float:
    rates = table.loc[table["slice"] == "all", "eer"]
    return math.inf if rates.empty or pd.isna(rates.iloc[0]) else float(rates.iloc[0])


def _rate(row: Mapping[Hashable, Any] | None) -> str:
    return NOTHING if row is None else rate(row["eer"], (row["eer_low"], row["eer_high"]))


def _calibration(run: "Run", name: str, table: pd.DataFrame) -> dict[str, str]:
    scored = rows(run, name)
    raw = None if name == PANEL or not (run.real.any() and run.fake.any()) else run.raw(name)
    low, *_, high = false_alarms_by_quartile(scored)
    return {
        "Cllr raw": NOTHING if raw is None else figure(cllr(raw[run.real], raw[run.fake])),
        "Cllr calibrated": figure(float(table["cllr"].iloc[0])),
        "false alarms, prosodic variation low / high": f"{rate(low, digits=0)} / {rate(high, digits=0)}",
    }


def _costs(names: Sequence[str], cards: "Mapping[str, Card]", speeds: Mapping[str, float]) -> dict[str, str]:
    known = all(name in speeds for name in names)
    return {
        "parameters": f"{sum(cards[name].parameters for name in names):,}",
        "clips/s": figure(1 / sum(1 / speeds[name] for name in names), digits=1) if known else NOTHING,
        "MB": f"{sum(cards[name].size_bytes for name in names) / 1e6:.1f}",
    }


def results_text(run: "Run", tables: Tables) -> str:
    """Return the table for a terminal, with a line on the panel's other figures."""
    row = next(row for row in tables[PANEL].to_dict(orient="records") if row["slice"] == "all")
    others = ", ".join(f"{word} {figure(row.get(key), digits=3)}" for key, word in _OTHERS.items())
    return (
        f"{text_table(results_frame(run, tables))}\n\n"
        f"EER: equal error rate [95 % interval]; ● in the panel. {_counts(tables[PANEL])}.\n"
        f"The panel on all clips: {others}; --full gives these for every detector."
    )


def results_markdown(
    run: "Run", cards: "Mapping[str, Card]", *, speeds: Mapping[str, float] | None = None, most: int | None = None,
    resamples: int = RESAMPLES,
) -> str:  # fmt: skip
    """Return the table in Markdown, with a sentence on how it was made.

    Parameters
    ----------
    run : Run
        The reference run.
    cards : mapping of str to Card
        Of the run's detectors.
    speeds : mapping of str to float, optional
        Clips per second of each detector, as ``python -m core bench`` measures them.
    most : int, optional
        Only the panel and so many of the best detectors.
    resamples : int
        Of the bootstrap.

    Raises
    ------
    ResultsError
        When other detectors made the run than those whose cards are given.
    """
    _check_made_by(run, cards)
    tables = evaluate_run(run, resamples=resamples)
    frame = results_frame(run, tables, cards=cards, speeds=speeds)
    detectors = len(frame) - 1
    shown = frame if most is None else frame.head(1 + most)
    left_out = f" The {len(shown) - 1} best of {detectors} detectors." if len(shown) < len(frame) else ""
    return f"{text_table(shown, markdown=True)}\n\n{_how(run, tables[PANEL], resamples)}{left_out}"


def _counts(table: pd.DataFrame) -> str:
    counts = [
        f"{row['slice']} {row['n_bonafide']} bona fide and {row['n_spoof']} spoofed"
        for row in table.to_dict(orient="records")
    ]
    return f"Clips, for the panel: {'; '.join(counts)}"


def _how(run: "Run", table: pd.DataFrame, resamples: int) -> str:
    return (
        f"EER: equal error rate on the corpus' `{run.manifest['corpus']['split']}` split ({len(run.clips)} clips), in "
        f"brackets the 95 % interval of {resamples} bootstrap resamples over speakers and sources. {_counts(table)}. "
        "An attack is seen when the detector, or for the panel any member, was trained on it. Cllr, of raw outputs and "
        "of calibrated scores, is 1 for a detector that carries no information. False alarms: share of bona fide clips "
        "with P(spoof) over 0.5 in the quarter with the lowest and the quarter with the highest prosodic variation "
        "(pitch range and energy). clips/s: clips of 4 s scored in a second on one thread (`python -m core bench`). "
        f"● in the panel. Made by `python -m core results-table` from the reference run `{run.digest[:12]}`."
    )


def read_speeds(path: Path | str) -> dict[str, float]:
    """Return clips per second by detector from what ``python -m core bench --json`` printed.

    Raises
    ------
    ResultsError
        When the file holds something else.
    """
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
        return {str(one["name"]): float(one["clips_per_s"]) for one in stored["detectors"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(f"{path} holds no speeds: make it with python -m core bench --json > {path}.") from error


def _check_made_by(run: "Run", cards: "Mapping[str, Card]") -> None:
    for name, about in run.manifest["detectors"].items():
        card = cards.get(name)
        made = (about["weights_sha256"], about["decision"])
        if card is None or made != (card.sha256, card.decision.model_dump(mode="json")):
            raise ResultsError(f"The run in {run.folder} was made by another {name}: score the corpus again.")


def between_markers(text: str, content: str, *, what: str) -> str:
    """Return a document with what stands between ``<!-- what:start -->`` and ``<!-- what:end -->`` replaced.

    Raises
    ------
    ResultsError
        When the text lacks a marker, or has them in the wrong order.
    """
    first, last = f"<!-- {what}:start -->", f"<!-- {what}:end -->"
    start, end = text.find(first), text.find(last)
    if start < 0 or end < start:
        raise ResultsError(f"The file needs the line {first} and, after it, the line {last}.")
    return f"{text[: start + len(first)]}\n{content}\n{text[end:]}"
