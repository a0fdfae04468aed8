"""First weights that know pages which a network is not to know, and the recipes that make them anew."""

from collections.abc import Sequence, Set
from contextlib import suppress

from core.detectors.card import Card
from core.detectors.checkpoint import find_checkpoint, read_card
from core.errors import UnknownNameError
from trainers.distillation import saw
from trainers.recipe import Recipe, RecipeError
from trainers.recipe_file import load_recipe, recipe_names

__all__ = ["cards_of_starts", "started_elsewhere"]


def cards_of_starts(recipe: Recipe) -> dict[str, Card]:
    """Return the cards of the checkpoints among a recipe's first weights, by the name or folder that it gives.

    A file that others published has none; what is not there at all is refused where the network is built.
    """
    cards: dict[str, Card] = {}
    for source in recipe.starts_from:
        with suppress(UnknownNameError):
            cards[source] = read_card(find_checkpoint(source))
    return cards


def started_elsewhere(recipe: Recipe, pages: Set[str], others: Sequence[Recipe] = ()) -> dict[str, Recipe]:
    """Return which of a recipe's first weights were trained on any of some pages, with the recipe of each.

    A checkpoint whose card does not name its pages counts as trained on all.

    Parameters
    ----------
    recipe : Recipe
    pages : set of str
    others : sequence of Recipe
        Taken where one bears a checkpoint's name; else the recipe that ships under that name.

    Raises
    ------
    RecipeError
        When there is no recipe of that name, or it starts from itself.
    """
    named = {other.name: other for other in others}
    found: dict[str, Recipe] = {}
    for source, card in cards_of_starts(recipe).items():
        if not saw(card, pages):
            continue
        if card.name == recipe.name or not (card.name in named or card.name in recipe_names()):
            raise RecipeError(
                f"{recipe.name} starts from {card.name}, which was trained on pages that it is not to know: start from "
                "weights that were not, or from a checkpoint with a recipe of its own, which is then trained anew."
            )
        found[source] = named.get(card.name) or load_recipe(card.name)
    return found
