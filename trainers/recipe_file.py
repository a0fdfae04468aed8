"""Recipes as TOML files: found by name, built on one another by ``extends``, changed key by key."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from trainers.recipe import Recipe, RecipeError

__all__ = ["load_recipe", "merge", "recipe_names"]

_FOLDER = Path(__file__).parent / "recipes"
# What describes one recipe would be false of another.
_NOT_INHERITED = ("extends", "name", "summary")


def recipe_names() -> list[str]:
    """Return the names of the recipes that ship; a file whose name begins with ``_`` is only there to be extended."""
    return sorted(path.stem for path in _FOLDER.glob("[!_]*.toml"))


def load_recipe(name_or_path: str, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe by its name or from a TOML file, with all that it extends.

    Parameters
    ----------
    name_or_path : str
        ``architecture.recipe``, or a path that ends with ``.toml``.
    changes : sequence of str
        Keys to change, as "augmentation.codec=0", "augmentation.*=0" or "phases.0.steps=600"; values are TOML, or else
        plain words.

    Raises
    ------
    RecipeError
        When there is no such recipe, a chain of ``extends`` comes back to itself, or a key is unknown or impossible.
    """
    path = _find(name_or_path)
    settings = _read(path)
    for change in changes:
        _change(settings, change)
    try:
        return Recipe(**settings)
    except ValidationError as error:
        raise RecipeError(f"The recipe {path.name} cannot be used: {_sentence(error)}") from error


def merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the keys of ``own`` put in: tables deeply, everything else, lists too, replaced."""
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _find(name_or_path: str, beside: Path = Path()) -> Path:
    if name_or_path.endswith(".toml"):
        path = beside / name_or_path
    else:
        # Names of before had a hyphen where the recipe's own part now begins with a full stop.
        renamed = {name.replace(".", "-"): name for name in recipe_names()}
        path = _FOLDER / f"{renamed.get(name_or_path, name_or_path)}.toml"
    if not path.is_file():
        raise RecipeError(
            f"There is no recipe {name_or_path!r}: give the path of a .toml file or one of {', '.join(recipe_names())}."
        )
    return path


def _read(path: Path, chain: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the keys of a file over those of all it extends, with its name and architecture settled."""
    chain = (*chain, path.resolve())
    if chain[-1] in chain[:-1]:
        way = " -> ".join(link.name for link in chain)
        raise RecipeError(f"The recipe {chain[0].name} extends itself ({way}): remove one `extends`.")
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"The recipe {path} cannot be read: {error}.") from error
    parent = own.get("extends")
    if parent is not None and not isinstance(parent, str):
        raise RecipeError(f"{path.name}: `extends` is the name of one recipe, or the path of its .toml file.")
    base = _read(_find(parent, path.parent), chain) if parent else {}
    settings = merge({key: value for key, value in base.items() if key not in _NOT_INHERITED}, own)
    settings.pop("extends", None)
    if not path.stem.startswith("_"):
        settings.setdefault("name", path.stem)
        settings.setdefault("architecture", str(settings["name"]).partition(".")[0])
    return settings


def _change(settings: Any, change: str) -> None:
    """Set one key of nested tables and lists in place; ``*`` for all numbers of a table."""
    key, equals, text = change.partition("=")
    if not equals:
        raise RecipeError(f"A change is written key=value, not {change!r}.")
    *way, last = [int(step) if step.isdigit() else step for step in key.strip().split(".")]
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    try:
        for step in way:
            settings = settings.setdefault(step, {}) if isinstance(settings, dict) else settings[step]
        if last == "*":
            settings |= {name: value for name, old in settings.items() if isinstance(old, int | float)}
        else:
            settings[last] = value
    except (TypeError, IndexError) as error:
        raise RecipeError(f"The recipe has no key {key.strip()!r} to change.") from error


def _sentence(error: ValidationError) -> str:
    """Return what is wrong with a recipe's keys, and of an unknown one which there are."""
    faults = []
    for fault in error.errors():
        place = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            faults.append(f"there is no key {place}; there are: {', '.join(_keys_beside(fault['loc']))}")
        else:
            faults.append(f"{place}: {fault['msg'][0].lower()}{fault['msg'][1:]}")
    return "; ".join(faults) + "."


def _keys_beside(place: Sequence[int | str]) -> list[str]:
    model: type[BaseModel] = Recipe
    for step in place[:-1]:
        if isinstance(step, str):
            annotation = model.model_fields[step].annotation
            inner = [annotation, *getattr(annotation, "__args__", ())]
            model = next(kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel))
    return list(model.model_fields)
