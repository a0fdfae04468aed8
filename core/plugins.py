"""One registry for everything that can be added by one new file."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

from core.errors import UnknownNameError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Names mapped to plug-ins; a module of the package is imported when one of its plug-ins is first asked for.

    Parameters
    ----------
    kind : str
        What is registered, as a word for error messages ("detector").
    package : str
        Dotted name of the package whose modules register themselves.
    """

    def __init__(self, kind: str, package: str) -> None:
        self._kind = kind
        self._package = package
        self._entries: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers its target under ``name``; a second use of a name raises."""

        def add(entry: T) -> T:
            missing = sorted(getattr(entry, "__abstractmethods__", ()))
            if missing:
                raise TypeError(f"The {self._kind} {name!r} implements no {', '.join(missing)}: add it.")
            if name in self._entries:
                raise ValueError(f"A {self._kind} named {name!r} is registered already.")
            self._entries[name] = entry
            return entry

        return add

    def _load(self) -> None:
        if self._loaded:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        self._loaded = True

    def _load_module_of(self, name: str) -> None:
        """Import the module that is called as the plug-in, or as its first words: the others may cost seconds."""
        words = name.replace("-", "_").split("_")
        package = importlib.import_module(self._package)
        known = {module.name for module in pkgutil.iter_modules(package.__path__)}
        for length in range(len(words), 0, -1):
            if name not in self._entries and (module := "_".join(words[:length])) in known:
                importlib.import_module(f"{self._package}.{module}")

    def get(self, name: str) -> T:
        """Return the plug-in called ``name``.

        Raises
        ------
        UnknownNameError
            When there is none; the message lists those there are.
        """
        self._load_module_of(name)
        if name not in self._entries:
            self._load()
        if name not in self._entries:
            raise UnknownNameError(f"No {self._kind} is called {name!r}; there are: {', '.join(self.names())}.")
        return self._entries[name]

    def names(self) -> list[str]:
        """Return the registered names, sorted."""
        self._load()
        return sorted(self._entries)
