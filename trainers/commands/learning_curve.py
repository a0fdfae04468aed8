"""``learning-curve``: what published pages bring to recipes, judged on pages that they were not trained on."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Manifests, Roots, corpus_pairs
from trainers.cli import command
from trainers.commands.judge import Changes, MaxMinutes, OnlyFold, RecipeNames
from trainers.work import WorkFolder, work_folder

__all__ = ["learning_curve"]


@command("learning-curve")
def learning_curve(
    manifest: Manifests,
    root: Roots,
    recipe: RecipeNames,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder that receives a folder for each share.")],
    changes: Changes = None,
    only_fold: OnlyFold = None,
    write: Annotated[
        Path | None, typer.Option(help="Document that receives the table, between its markers learning-curve.")
    ] = None,
    max_minutes: MaxMinutes = None,
    work: WorkFolder = None,
) -> None:
    """Judge recipes with fewer and with more pages.

    With the first corpus alone, with half of the pages that the others add, and with all. Clips are scored as they
    are; otherwise as by judge.
    """
    from core.analysis.held_out import AS_IS
    from trainers.judge import Judge
    from trainers.learning_curve import learning_curve as curve
    from trainers.phases import Machine
    from trainers.recipe_file import load_recipe

    recipes = [load_recipe(name, changes or []) for name in recipe]
    judge = Judge(
        corpus_pairs(manifest, root), work=work_folder(work), versions=(AS_IS,),
        machine=Machine(max_minutes=max_minutes),
    )  # fmt: skip
    typer.echo(curve(judge, recipes, output, only_fold=only_fold, document=write))
