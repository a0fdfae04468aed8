"""``judge``: a recipe or a checkpoint on published pages that it was not trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.shell import Checkpoints, Manifests, Roots, corpus_pairs
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

if TYPE_CHECKING:
    from trainers.recipe import Recipe

__all__ = ["Changes", "MaxMinutes", "OnlyFold", "RecipeNames", "judge"]

_NAMES = typer.Argument(help="Names of shipped recipes, or paths of .toml files.")
RecipeNames = Annotated[list[str], _NAMES]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a key of every recipe, as augmentation.codec=0; may be repeated."),
]
OnlyFold = Annotated[
    int | None, typer.Option(min=0, max=4, help="Train for this fold alone; folds judged before are in the table too.")
]
MaxMinutes = Annotated[float | None, typer.Option(help="Stop each phase of a training after this time.")]


@command("judge")
def judge(
    manifest: Manifests,
    root: Roots,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder that receives NAME.csv and NAME.json.")],
    recipe: Annotated[list[str] | None, _NAMES] = None,
    checkpoint: Checkpoints = None,
    changes: Changes = None,
    only_fold: OnlyFold = None,
    share: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the pages to train on, of those that manifests after the first add."),
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the draw of that share.")] = 0,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Score the clips as they are alone, neither perturbed nor by telephone.")
    ] = False,
    calibrate: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of the (one) recipe: its card gets calibration and thresholds by these scores."),
    ] = None,
    max_minutes: MaxMinutes = None,
    work: WorkFolder = None,
) -> None:
    """Score published pages by detectors not trained on them.

    For each of five fixed folds of pages a recipe is trained on the splits train and dev without the fold, and scores
    it. First weights that were trained on the fold's pages are trained anew without them, by the recipe of their name,
    one that is given or that ships. A checkpoint is scored on the pages that it was not trained on. eval is never read.
    """
    from core.analysis.held_out import AS_IS
    from trainers.calibrate_held_out import calibrate_held_out
    from trainers.judge import Judge, judged_markdown
    from trainers.phases import Machine
    from trainers.versions import VERSIONS

    recipes = _recipes(recipe or [], changes or [], checkpoint, calibrate)
    judge = Judge(
        corpus_pairs(manifest, root), work=work_folder(work), versions=(AS_IS,) if as_is else VERSIONS,
        machine=Machine(max_minutes=max_minutes),
    )  # fmt: skip
    for one in recipes:
        scores = judge.recipe(one, output, share=share, seed=seed, only_fold=only_fold, others=recipes)
        typer.echo(judged_markdown(scores))
        if calibrate is not None:
            calibrate_held_out(calibrate, scores)
            typer.echo(f"{calibrate}: calibrated by these scores.")
    for name in checkpoint or []:
        typer.echo(judged_markdown(judge.checkpoint(name, output)))


def _recipes(
    names: list[str], changes: list[str], checkpoints: list[str] | None, calibrate: Path | None
) -> "list[Recipe]":
    """Return the recipes that are named; what does not go together is refused before anything is read."""
    from trainers.recipe_file import load_recipe

    if not names and not checkpoints:
        raise typer.BadParameter("Name a recipe, or a --checkpoint.")
    if calibrate is not None and len(names) != 1:
        raise typer.BadParameter("--calibrate takes the scores of one recipe: name that recipe alone.")
    return [load_recipe(name, changes) for name in names]
