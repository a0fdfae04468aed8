"""``recipes``: what ships to train by."""

from typing import Annotated

import typer

__all__ = ["recipes"]


def recipes(
    keys: Annotated[bool, typer.Option("--keys", help="Print what a recipe may say instead, as Markdown.")] = False,
) -> None:
    """List the recipes that ship."""
    from trainers.recipe_file import load_recipe, recipe_names
    from trainers.recipe_keys import keys_markdown

    if keys:
        typer.echo(keys_markdown())
        return
    names = recipe_names()
    width = max(map(len, names))
    for name in names:
        typer.echo(f"{name:{width}}  {load_recipe(name).summary}")
