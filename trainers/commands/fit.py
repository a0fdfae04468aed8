"""``fit``: a recipe and a corpus become a detector."""

from typing import Annotated

import typer

from trainers.commands.options import Manifest, Output, Root, Work, work_folder

__all__ = ["fit"]


def fit(
    recipe: Annotated[str, typer.Argument(help="Name of a shipped recipe, or the path of a .toml file.")],
    manifest: Manifest, root: Root, output: Output, work: Work = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training stopped.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe, as augmentation.codec=0; repeatable.")
    ] = None,
    corpus_name: Annotated[
        str, typer.Option(help="Of the corpus, for the card; by default its one dataset, or the manifest's folder.")
    ] = "",
    initial_weights: Annotated[str, typer.Option(help="Weights to start from: a checkpoint or a file.")] = "",
    max_minutes: Annotated[float | None, typer.Option(help="Stop each phase after this time.")] = None,
    devices: Annotated[int, typer.Option(help="Accelerators to train on, on each node.")] = 1,
    nodes: Annotated[int, typer.Option(help="Machines that train together.")] = 1,
    cache_limit_gb: Annotated[float, typer.Option(help="Size of the cache of decoded clips; 0 keeps none.")] = 20.0,
) -> None:  # fmt: skip
    """Train one detector, calibrate it on dev, write its checkpoint and card."""
    from trainers.fit import fit as train
    from trainers.phases import Machine, is_first_process
    from trainers.recipe_file import load_recipe

    settings = load_recipe(recipe, changes or [])
    if initial_weights:
        settings = settings.model_copy(update={"initial_weights": initial_weights})
    folder = train(
        settings, manifest=manifest, root=root, out=output, work=work_folder(work), resume=resume, name=corpus_name,
        machine=Machine(devices, nodes, max_minutes, cache_limit_gb),
    )  # fmt: skip
    if is_first_process():
        typer.echo(f"{folder}: trained, calibrated and written.")
