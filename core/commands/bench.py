"""``bench``: what each detector costs on this machine, and how much faster its engine is than PyTorch."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag, json_text

if TYPE_CHECKING:
    import pandas as pd

    from core.speed.costs import DetectorCost, PanelCost

__all__ = ["bench"]

_VERDICT_S = 10.0


@command("bench")
def bench(
    checkpoint: Checkpoints = None,
    seconds: Annotated[float, typer.Option(help="Length of the clip that each detector scores.", min=0.1)] = 4.0,
    as_json: JsonFlag = False,
    write: Annotated[
        Path | None, typer.Option(help="Replace what stands between the speed markers of this file.")
    ] = None,
) -> None:
    """Measure what each detector costs on this machine.

    Each runs on one thread, in a process of its own; then the panel's verdict on a clip of 10 s is timed. What --json
    prints is what results-table takes as --speeds.
    """
    from core.detectors.checkpoint import shipped
    from core.files import write_text
    from core.progress import progress
    from core.results.report import between_markers
    from core.speed.costs import bench_detectors, bench_panel

    # Before minutes are spent: can the file be written?
    text = None if write is None else write.read_text(encoding="utf-8")
    if text is not None:
        between_markers(text, "", what="speed")
    names, costs = checkpoint or shipped(), []
    with progress("detectors measured") as report:
        for cost in bench_detectors(names, seconds=seconds):
            costs.append(cost)
            report(len(costs), len(names))
    panel = bench_panel(names, seconds=_VERDICT_S)
    if write is not None and text is not None:
        write_text(write, between_markers(text, _as_text(costs, panel, markdown=True), what="speed"))
        typer.echo(f"The table is in {write}.", err=True)
    if as_json:
        typer.echo(json_text({"detectors": [asdict(cost) for cost in costs], "panel": asdict(panel)}))
    elif write is None:
        typer.echo(_as_text(costs, panel))


def _as_text(costs: "list[DetectorCost]", panel: "PanelCost", *, markdown: bool = False) -> str:
    from core.analysis.format import text_table

    return f"{text_table(_table(costs), markdown=markdown)}\n\n{_how(panel)}"


def _table(costs: "list[DetectorCost]") -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame([
        {
            "detector": cost.name, "engine": cost.engine, "clips/s": f"{cost.clips_per_s:.1f}",
            "ms/clip": f"{cost.latency_ms:.1f}", "CPU ms": f"{cost.cpu_ms:.1f}",
            "PyTorch CPU ms": f"{cost.eager_cpu_ms:.1f}", "times faster": f"{cost.speedup:.1f}",
            "peak MB": f"{cost.peak_mb:.0f}", "own MB": f"{cost.own_mb:.0f}", "parameters": f"{cost.parameters:,}",
            "file MB": f"{cost.checkpoint_bytes / 1e6:.2f}",
        }
        for cost in costs
    ])  # fmt: skip


def _how(panel: "PanelCost") -> str:
    return (
        "One thread, speech-like sound, medians; PyTorch's time is taken in turns with the engine's. Peak: the whole "
        "process; own: since the detector began to load.\n"
        f"A verdict by {panel.detectors} detectors on {panel.clip_s:g} s takes {panel.verdict_ms / 1000:.2f} s on "
        f"{panel.threads} thread{'s' if panel.threads > 1 else ''}, {panel.one_by_one_ms / 1000:.2f} s one by one."
    )
