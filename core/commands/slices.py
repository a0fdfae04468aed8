"""``slices``: where a detector errs more than elsewhere, found by itself."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import command
from core.shell import JsonFlag, json_text

if TYPE_CHECKING:
    from core.results.slicing import Found, WorstSlice

__all__ = ["slices"]


@command("slices")
def slices(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Whose scores: a detector of the run, or panel.")] = "panel",
    threshold: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Spoof from this P(spoof); by default at the EER.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="How many slices.")] = 5,
    as_json: JsonFlag = False,
) -> None:
    """Find the slices of a run on which a detector errs most.

    Looks at every column and every two, each class by itself; chances are corrected for looking many times.
    """
    from core.results.queries import cut
    from core.results.slicing import worst
    from core.results.store import read_run

    found_run = read_run(run)
    here = cut(found_run, by)
    llr = here.equal_error[1] if threshold is None else _llr(threshold)
    if llr != llr:
        llr = 0.0
    found = worst(found_run, by, "all", llr, most)
    if as_json:
        typer.echo(json_text({"detector": by, "llr": llr, "looked_at": found.looked_at,
                              "slices": [_as_json(one) for one in found.slices]}))  # fmt: skip
    else:
        typer.echo(_as_text(found, by, llr))


def _llr(threshold: float) -> float:
    import math

    chance = min(max(threshold, 1e-9), 1 - 1e-9)
    return math.log((1 - chance) / chance)


def _as_json(one: "WorstSlice") -> dict[str, Any]:
    return {**asdict(one), "slice": one.words}


def _as_text(found: "Found", detector: str, llr: float) -> str:
    import pandas as pd

    from core.analysis.calibration import p_spoof
    from core.analysis.format import rate, text_table

    about = f"{detector}, spoof from P(spoof) {float(p_spoof(llr)):.3f}; {found.looked_at} slices were looked at"
    if not found.slices:
        return f"{about}: none is worse than the rest."
    rows = [{
        "slice": one.words, "class": {"bonafide": "bona fide", "spoof": "spoof"}[one.label], "n": one.n,
        "called wrongly [95 %]": rate(one.rate, (one.low, one.high)), "elsewhere": rate(one.elsewhere),
        "p, corrected": f"{one.p:.3f}",
    } for one in found.slices]  # fmt: skip
    certain = len(found.certain)
    verdict = f"{certain} of them stand{'s' if certain == 1 else ''} out after correction" if certain else (
        "none of them stands out after correction: chance alone gives slices like these"
    )  # fmt: skip
    return f"{text_table(pd.DataFrame(rows))}\n\n{about}; {verdict}."
