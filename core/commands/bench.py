"""``bench``: what each detector costs on this machine, and how much faster it hears than PyTorch would."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag

if TYPE_CHECKING:
    from core.speed.costs import DetectorCost, PanelCost

__all__ = ["bench"]

_VERDICT_S = 10.0


@command("bench")
def bench(
    checkpoint: Checkpoints = None,
    seconds: Annotated[float, typer.Option(help="Length of the clip that each detector scores.", min=0.1)] = 4.0,
    as_json: JsonFlag = False,
) -> None:
    """Measure what each detector costs on this machine.

    Each runs on one thread, in a process of its own; then the panel's verdict on a clip of 10 s is timed.
    """
    from core.detectors.checkpoint import shipped
    from core.speed.costs import bench_detectors, bench_panel

    names = checkpoint or shipped()
    costs = []
    if not as_json:
        typer.echo(_HEAD)
    for cost in bench_detectors(names, seconds=seconds):
        costs.append(cost)
        if not as_json:
            typer.echo(_row(cost))
    panel = bench_panel(names, seconds=_VERDICT_S)
    if as_json:
        typer.echo(json.dumps({"detectors": [asdict(cost) for cost in costs], "panel": asdict(panel)}, indent=2))
    else:
        typer.echo(_told(panel))


_HEAD = (
    f"{'detector':<22} {'engine':<6} {'clips/s':>8} {'ms/clip':>8} {'CPU ms':>7} {'PyTorch':>8} {'ratio':>6} "
    f"{'peak MB':>8} {'own MB':>7} {'parameters':>11} {'file MB':>8}"
)


def _row(cost: "DetectorCost") -> str:
    return (
        f"{cost.name:<22} {cost.engine:<6} {cost.clips_per_s:>8.1f} {cost.latency_ms:>8.1f} {cost.cpu_ms:>7.1f} "
        f"{cost.eager_cpu_ms:>8.1f} {cost.speedup:>5.1f}x {cost.peak_mb:>8.0f} {cost.own_mb:>7.0f} "
        f"{cost.parameters:>11,} {cost.checkpoint_bytes / 1e6:>8.2f}"
    )


def _told(panel: "PanelCost") -> str:
    return (
        "One thread, speech-like sound, medians; PyTorch: its CPU ms, taken in turns, and the ratio is to them. "
        "Peak: the whole process; own: since the detector began to load.\n"
        f"A verdict by {panel.detectors} detectors on {panel.clip_s:g} s takes {panel.verdict_ms / 1000:.2f} s on "
        f"{panel.threads} thread{'s' if panel.threads > 1 else ''}, {panel.one_by_one_ms / 1000:.2f} s one by one."
    )
