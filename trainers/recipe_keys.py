"""The keys of a recipe as a table, made from the fields that read them, so that documents cannot drift."""

from types import UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from trainers.recipe import Augmentation, Masks, Phase, Recipe, Sampling

__all__ = ["keys_markdown"]

_TABLES: dict[str, type[BaseModel]] = {
    "": Recipe, "[[phases]]": Phase, "[masks]": Masks, "[sampling]": Sampling, "[augmentation]": Augmentation,
}  # fmt: skip


def keys_markdown() -> str:
    """Return one table in Markdown for each table of a recipe: key, values, default, and what it does."""
    return "\n\n".join(_table(title, model) for title, model in _TABLES.items())


def _table(title: str, model: type[BaseModel]) -> str:
    rows = [["key", "values", "default", "what it does"], ["---"] * 4]
    rows += [[f"`{name}`", *_cells(field)] for name, field in model.model_fields.items()]
    about = f"`{title}`: {(model.__doc__ or '').splitlines()[0]}\n\n" if title else ""
    return about + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(field: FieldInfo) -> list[str]:
    return [_values(field.annotation), _default(field), str(field.description)]


def _values(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"[{', '.join(map(_values, arguments))}]"
    if origin is list:
        return f"list of {_values(arguments[0])}"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    names = {float: "number", int: "whole number", str: "text", bool: "true or false"}
    return " or ".join(map(_values, arguments)) if origin is UnionType else names[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "–"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in ([], {}, ""):
        return "none"
    shown = list(value) if isinstance(value, tuple) else value
    return f"`{shown}`"
