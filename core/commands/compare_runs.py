"""``compare-runs``: two detectors, or two runs, on the same clips."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import JsonFlag, json_text

if TYPE_CHECKING:
    from core.results.pairs import Pairing

__all__ = ["compare_runs"]


@command("compare-runs")
def compare_runs(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="OTHER", help="Folder of another run; by default the same.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAME", help="A detector of the first run, or panel.")] = "panel",
    against: Annotated[str, typer.Option(metavar="NAME", help="A detector of the other, or panel.")] = "panel",
    as_json: JsonFlag = False,
) -> None:
    """Compare two detectors on the clips that both scored.

    Intervals are paired, and drawn by speakers and by systems: a difference that only single clips support is none.
    False alarm and miss rates are taken where each detector's P(spoof) is one half.
    """
    from core.results.pairs import paired
    from core.results.store import read_run

    first = read_run(run)
    second = first if other is None or other.resolve() == run.resolve() else read_run(other)
    found = paired(first, by, second, against, 0.0, 0.0)
    if as_json:
        rows = [{**asdict(one), "difference": one.difference, "borne_out": one.borne_out} for one in found.differences]
        typer.echo(json_text({"n": found.n, "left_out": found.left_out, "differences": rows}))
    else:
        typer.echo(_as_text(found, by, against))


def _as_text(found: "Pairing", by: str, against: str) -> str:
    import pandas as pd

    from core.analysis.format import NOTHING, bracket, rate, text_table
    from core.results.pairs import verdict_on

    rows = [{
        "figure": one.figure, "first": rate(one.first), "second": rate(one.second),
        "first less second": f"{100 * one.difference:+.1f} points",
        "by speaker and system": bracket((one.low, one.high)) or NOTHING,
        "by single clips": bracket((one.trials_low, one.trials_high)) or NOTHING, "shown": verdict_on(one),
    } for one in found.differences]  # fmt: skip
    about = f"first: {by}; second: {against}; {found.n} clips, {found.left_out} left out; 95 % intervals in points."
    return f"{text_table(pd.DataFrame(rows))}\n\n{about}"

