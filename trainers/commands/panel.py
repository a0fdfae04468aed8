"""``panel``: detectors that err unlike each other become one."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Checkpoints, corpus_pairs
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

__all__ = ["panel"]


_Output = Annotated[Path, typer.Option("--output", "-o", help="Folder of checkpoints that receives panel.json.")]
_Judged = Annotated[
    Path | None, typer.Option(help="Folder of out-of-fold scores, as judge writes them: choose by held-out pages.")
]
_Manifests = Annotated[
    list[Path] | None,
    typer.Option("--manifest", metavar="FILE", help="Without --judged, its split dev is scored; may be repeated."),
]
_Roots = Annotated[
    list[Path] | None,
    typer.Option("--root", metavar="FOLDER", help="Folder that the manifest's paths start from, in their order."),
]
_Method = Annotated[str, typer.Option(help="mean, rank-mean, logistic or hybrid.")]
_Most = Annotated[
    int, typer.Option(min=0, help="Choose at most so many that err unlike, no two of a family; 0 takes all.")
]
_Keep = Annotated[list[str] | None, typer.Option(help="A member in any case, by as little weight as it is wanted.")]
_Alpha = Annotated[float | None, typer.Option(help="Share of the supervised in a hybrid; else swept.")]
_WithoutCost = Annotated[
    bool, typer.Option("--no-cost", help="Do not measure what each candidate costs for a clip of 4 s.")
]


@command("panel")
def panel(
    output: _Output, judged: _Judged = None, manifest: _Manifests = None, root: _Roots = None,
    checkpoint: Checkpoints = None, method: _Method = "mean", most: _Most = 4, keep: _Keep = None,
    alpha: _Alpha = None, without_cost: _WithoutCost = False, work: WorkFolder = None,
) -> None:  # fmt: skip
    """Choose and fuse detectors, and write panel.json.

    They are chosen by out-of-fold scores (--judged), or by the split dev of a corpus. Without --checkpoint, all that
    were judged are candidates, or all that ship. Prints the members, what the panel loses without each, what each
    costs, why other candidates were refused, and the panel's figures on held-out clips.
    """
    from core.detectors.checkpoint import shipped
    from trainers.panel import fit_panel
    from trainers.panel_report import panel_markdown

    if judged is None and not manifest:
        raise typer.BadParameter("Give --judged, or a corpus by --manifest and --root.")
    names = checkpoint or ([] if judged is not None else shipped())
    written = fit_panel(
        names, out=output, judged=judged, corpora=corpus_pairs(manifest or [], root or []), work=work_folder(work),
        method=method, most=most, keep=keep or (), alpha=alpha, with_cost=not without_cost,
    )  # fmt: skip
    typer.echo(f"{panel_markdown(written)}\n\n{written}: chosen, fused and calibrated.")
