"""``panel``: detectors that err unlike each other become one."""

from typing import Annotated

import typer

from trainers.commands.options import Checkpoints, Manifest, Output, Root, Work, work_folder

__all__ = ["panel"]


def panel(
    checkpoint: Checkpoints, manifest: Manifest, root: Root, output: Output, work: Work = None,
    method: Annotated[str, typer.Option(help="mean, rank-mean, logistic or hybrid.")] = "mean",
    most: Annotated[int, typer.Option(help="Choose so many, those that err least alike; 0 takes all.")] = 0,
    alpha: Annotated[float | None, typer.Option(help="Share of the supervised in a hybrid; else swept.")] = None,
) -> None:  # fmt: skip
    """Choose detectors that err unlike each other and fuse them on dev; writes panel.json."""
    from trainers.panel import fit_panel

    written = fit_panel(
        checkpoint, manifest=manifest, root=root, out=output, work=work_folder(work), method=method, most=most,
        alpha=alpha,
    )  # fmt: skip
    typer.echo(f"{written}: chosen, fused and calibrated.")
