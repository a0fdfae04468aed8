"""Command line of the trainers: ``python -m trainers fit RECIPE --manifest M --root R -o DIR``."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.errors import SpoofscopeError
from trainers.spoofing.command import spoof

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Turn a corpus into checkpoints.")

_MANIFEST = Annotated[Path, typer.Option("--manifest", help="Table of the corpus (CSV or Parquet).")]
_ROOT = Annotated[Path, typer.Option("--root", help="Folder that the manifest's paths start from.")]
_WORK = Annotated[Path, typer.Option("--work", help="Folder for caches and unfinished training.")]
_OUT = Annotated[Path, typer.Option("-o", "--out", help="Folder of checkpoints.")]
_CACHE = Path.home() / ".cache" / "spoofscope" / "training"


@app.command()
def fit(
    recipe: Annotated[str, typer.Argument(help="Name of a shipped recipe, or a TOML file.")],
    manifest: _MANIFEST, root: _ROOT, out: _OUT, work: _WORK = _CACHE,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted training stopped.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe, as augmentation.codec=0; repeatable.")
    ] = None,
    initial_weights: Annotated[str, typer.Option(help="Published weights to start from.")] = "",
    max_minutes: Annotated[float | None, typer.Option(help="Stop each phase after this time.")] = None,
    devices: Annotated[int, typer.Option(help="Accelerators to train on, on each node.")] = 1,
    nodes: Annotated[int, typer.Option(help="Machines that train together.")] = 1,
    cache_limit_gb: Annotated[float, typer.Option(help="Size of the cache of decoded clips; 0 keeps none.")] = 20.0,
) -> None:  # fmt: skip
    """Train one detector, calibrate it on dev, write its checkpoint and card."""
    from trainers.fit import Machine, is_first_process
    from trainers.fit import fit as run
    from trainers.recipe import load_recipe

    settings = load_recipe(recipe, changes or [])
    machine = Machine(devices, nodes, max_minutes, cache_limit_gb)
    if initial_weights:
        settings = settings.model_copy(update={"initial_weights": initial_weights})
    folder = run(settings, manifest=manifest, root=root, out=out, work=work, resume=resume, machine=machine)
    if is_first_process():
        print(f"{folder}: trained, calibrated and written.")


@app.command()
def panel(
    names: Annotated[list[str], typer.Argument(help="Checkpoints to fuse, by name or folder.")],
    manifest: _MANIFEST, root: _ROOT, out: _OUT, work: _WORK = _CACHE,
    method: Annotated[str, typer.Option(help="mean, rank-mean, logistic or hybrid.")] = "mean",
    most: Annotated[int, typer.Option(help="Choose so many, those that err least alike; 0 takes all.")] = 0,
    alpha: Annotated[float | None, typer.Option(help="Share of the supervised in a hybrid; else swept.")] = None,
) -> None:  # fmt: skip
    """Choose detectors that err unlike each other and fuse them on dev; writes panel.json."""
    from trainers.panel import fit_panel

    print(fit_panel(names, manifest=manifest, root=root, out=out, work=work, method=method, most=most, alpha=alpha))


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(help="Checkpoints; the others are compared with the first.")],
) -> None:
    """Print trainings side by side: what was changed, and the error rates it led to."""
    from trainers.compare import compare_markdown

    print(compare_markdown(folders))


@app.command()
def recipes() -> None:
    """List the recipes that ship."""
    from trainers.recipe import load_recipe, recipe_names

    for name in recipe_names():
        print(f"{name:16} {load_recipe(name).summary}")


app.command("spoof")(spoof)


def main() -> int:
    """Run a command; an error a person caused is one sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        app()
    except SpoofscopeError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
