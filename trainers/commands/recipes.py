"""``recipes``: what ships to train by."""

import typer

from trainers.cli import command

__all__ = ["recipes"]


@command("recipes")
def recipes() -> None:
    """List the recipes that ship."""
    from trainers.recipe_file import load_recipe, recipe_names

    names = recipe_names()
    width = max(map(len, names))
    for name in names:
        typer.echo(f"{name:{width}}  {load_recipe(name).summary}")
