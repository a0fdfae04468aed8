"""``fit``: a recipe and a corpus become a detector."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Manifests, Roots, corpus_pairs
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

__all__ = ["fit"]


_Name = Annotated[str, typer.Argument(help="Name of a shipped recipe, or the path of a .toml file.")]
_Output = Annotated[Path, typer.Option("--output", "-o", help="Folder of checkpoints.")]
_CorpusName = Annotated[
    str, typer.Option(help="Of the corpus, for the card; by default its one dataset, or the manifests' folders.")
]
_Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a key of the recipe, as augmentation.codec=0; may be repeated."),
]
_InitialWeights = Annotated[str, typer.Option(help="Weights to start from: checkpoints or files, parted by commas.")]
_WithDev = Annotated[
    bool, typer.Option("--with-dev", help="Train on dev too; calibrate with `judge --calibrate` afterwards.")
]
_DespiteCircularity = Annotated[
    bool, typer.Option("--despite-circularity", help="Train on pseudo-labels that only repeat their voters.")
]
_Resume = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training stopped.")]
_MaxMinutes = Annotated[float | None, typer.Option(help="Stop each phase after this time.")]
_Devices = Annotated[int, typer.Option(min=1, help="Accelerators to train on, on each node.")]
_Nodes = Annotated[int, typer.Option(min=1, help="Machines that train together.")]
_CacheLimit = Annotated[float, typer.Option(min=0, help="Size of the cache of decoded clips; 0 keeps none.")]


@command("fit")
def fit(
    recipe: _Name, manifest: Manifests, root: Roots, output: _Output, corpus_name: _CorpusName = "",
    changes: _Changes = None, initial_weights: _InitialWeights = "", with_dev: _WithDev = False,
    despite_circularity: _DespiteCircularity = False, resume: _Resume = False, max_minutes: _MaxMinutes = None,
    devices: _Devices = 1, nodes: _Nodes = 1, cache_limit_gb: _CacheLimit = 20.0, work: WorkFolder = None,
) -> None:  # fmt: skip
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
