"""``panel``: detectors that err unlike each other become one."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Checkpoints, Manifests, Roots, corpus_pairs
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

__all__ = ["panel"]


@command("panel")
def panel(
    manifest: Manifests,
    root: Roots,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder that receives panel.json.")],
    checkpoint: Checkpoints = None,
    method: Annotated[str, typer.Option(help="mean, rank-mean, logistic or hybrid.")] = "mean",
    most: Annotated[int, typer.Option(min=0, help="Choose so many, those that err least alike; 0 takes all.")] = 0,
    alpha: Annotated[float | None, typer.Option(help="Share of the supervised in a hybrid; else swept.")] = None,
    work: WorkFolder = None,
) -> None:
    """Fuse detectors on the split dev and write panel.json.

    Without --checkpoint, all detectors that ship are candidates.
    """
    from core.detectors.checkpoint import shipped
    from trainers.panel import fit_panel

    written = fit_panel(
        checkpoint or shipped(), corpora=corpus_pairs(manifest, root), out=output, work=work_folder(work),
        method=method, most=most, alpha=alpha,
    )  # fmt: skip
    typer.echo(f"{written}: chosen, fused and calibrated.")
