"""``fit``: a recipe and a corpus become a detector."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Manifests, Roots, corpus_pairs
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

__all__ = ["fit"]


@command("fit")
def fit(
    recipe: Annotated[str, typer.Argument(help="Name of a shipped recipe, or the path of a .toml file.")],
    manifest: Manifests,
    root: Roots,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of checkpoints.")],
    corpus_name: Annotated[
        str, typer.Option(help="Of the corpus, for the card; by default its one dataset, or the manifests' folders.")
    ] = "",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a key of the recipe, as augmentation.codec=0; may be repeated."),
    ] = None,
    initial_weights: Annotated[str, typer.Option(help="Weights to start from: a checkpoint or a file.")] = "",
    with_dev: Annotated[
        bool, typer.Option("--with-dev", help="Train on dev too; calibrate with `judge --calibrate` afterwards.")
    ] = False,
    despite_circularity: Annotated[
        bool, typer.Option("--despite-circularity", help="Train on pseudo-labels that only repeat their voters.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training stopped.")] = False,
    max_minutes: Annotated[float | None, typer.Option(help="Stop each phase after this time.")] = None,
    devices: Annotated[int, typer.Option(min=1, help="Accelerators to train on, on each node.")] = 1,
    nodes: Annotated[int, typer.Option(min=1, help="Machines that train together.")] = 1,
    cache_limit_gb: Annotated[
        float, typer.Option(min=0, help="Size of the cache of decoded clips; 0 keeps none.")
    ] = 20.0,
    work: WorkFolder = None,
) -> None:
    """Train one detector and write its checkpoint with its card.

    The split train is trained on, dev calibrates and chooses the best step, eval is only measured.
    """
    from trainers.fit import fit as train
    from trainers.phases import Machine, is_first_process
    from trainers.recipe_file import load_recipe

    settings = load_recipe(recipe, changes or [])
    if initial_weights:
        settings = settings.model_copy(update={"initial_weights": initial_weights})
    folder = train(
        settings, corpora=corpus_pairs(manifest, root), out=output, work=work_folder(work), resume=resume,
        name=corpus_name, with_dev=with_dev, despite_circularity=despite_circularity,
        machine=Machine(devices, nodes, max_minutes, cache_limit_gb),
    )  # fmt: skip
    if is_first_process():
        typer.echo(f"{folder}: trained, calibrated and written.")
