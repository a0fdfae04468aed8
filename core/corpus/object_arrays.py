"""Reading ``.npy`` files that hold Python objects without unpickling them: dictionaries, lists, text and arrays only.

Such a file is a pickle, and to unpickle it is to run what stands in it. Here its instructions are read one by one
(``pickletools.genops``, which runs nothing) and followed as far as they build plain values; any other is refused.
"""

import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CorpusError

__all__ = ["read_object"]

_LARGEST = 2 << 30
_ARRAYS = frozenset(
    (f"numpy.{module}.multiarray", name) for module in ("core", "_core") for name in ("_reconstruct", "scalar")
)
# What arrays of numbers and text are rebuilt from; they are names here, and nothing is called by them.
_KNOWN = _ARRAYS | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}
_VALUES = frozenset({
    "BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES",
    "SHORT_BINBYTES", "BINBYTES8", "BINFLOAT",
})  # fmt: skip
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_object(path: Path) -> Any:
    """Return the one value of a ``.npy`` file of objects, such as a dictionary of arrays.

    Parameters
    ----------
    path : Path
        Written by ``numpy.save`` of a dictionary or list.

    Raises
    ------
    CorpusError
        When it is no such file, or holds anything but dictionaries, lists, tuples, text, numbers and arrays of these.
    """
    if path.stat().st_size > _LARGEST:
        raise CorpusError(f"{path} is larger than 2 GB: no segment labels are.")
    with path.open("rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
            shape, _, kind = header(file)
            if kind.hasobject and shape == ():
                found = _Builder(str(path)).build(file.read())
                if isinstance(found, np.ndarray):
                    return found.item()
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
            raise CorpusError(f"{path} cannot be read as an array of objects: {error}.") from error
    raise CorpusError(f"{path} holds no dictionary: give a file that numpy.save wrote of one, as PartialSpoof's are.")


class _Mark:
    """Where the items of a collection begin on the stack."""


class _Builder:
    """Follows a pickle's instructions; ``where`` names the file in a refusal."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def build(self, data: bytes) -> Any:
        """Return the value that the instructions build."""
        for instruction, argument, _ in pickletools.genops(data):
            if instruction.name == "STOP":
                return self._stack.pop()
            self._follow(instruction.name, argument)
        raise ValueError("it ends in the midst of a value")

    def _follow(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            items = [stack.pop() for _ in range(_TUPLES[name])]
            stack.append(tuple(items[::-1]))
        elif name in {"BINGET", "LONG_BINGET"}:
            stack.append(self._memo[argument])
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self._memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in {"MARK", "EMPTY_DICT", "EMPTY_LIST"}:
            stack.append({"MARK": _Mark, "EMPTY_DICT": dict, "EMPTY_LIST": list}[name]())
        elif name not in {"PROTO", "FRAME"}:
            self._combine(name, argument)

    def _combine(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name == "TUPLE":
            stack.append(tuple(self._items()))
        elif name in {"APPENDS", "APPEND"}:
            items = self._items() if name == "APPENDS" else [stack.pop()]
            stack[-1].extend(items)
        elif name in {"SETITEMS", "SETITEM"}:
            items = self._items() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            stack[-1].update(zip(items[::2], items[1::2], strict=True))
        elif name in {"GLOBAL", "STACK_GLOBAL"}:
            module, attribute = argument.split(" ") if name == "GLOBAL" else (stack.pop(-2), stack.pop())
            stack.append(self._known(module, attribute))
        elif name == "REDUCE":
            arguments, what = stack.pop(), stack.pop()
            stack.append(_made(what, arguments))
        elif name == "BUILD":
            state = stack.pop()
            stack[-1] = _filled(stack[-1], state)
        else:
            raise self._refusal(f"the instruction {name}")

    def _items(self) -> list[Any]:
        at = max(place for place, value in enumerate(self._stack) if isinstance(value, _Mark))
        items = self._stack[at + 1 :]
        del self._stack[at:]
        return items

    def _known(self, module: str, attribute: str) -> tuple[str, str]:
        if (module, attribute) not in _KNOWN:
            raise self._refusal(f"{module}.{attribute}")
        return module, attribute

    def _refusal(self, what: str) -> CorpusError:
        return CorpusError(
            f"{self._where} holds more than dictionaries, lists, text and arrays ({what}), which reading it could run: "
            "it was not read. Save it anew as a dictionary of arrays, where you trust it."
        )


def _made(what: Any, arguments: tuple[Any, ...]) -> Any:
    """Return what a known name makes of its arguments."""
    if what == ("_codecs", "encode"):
        return str(arguments[0]).encode("latin-1")
    if what == ("numpy", "dtype"):
        return np.dtype(str(arguments[0]))
    if what in _ARRAYS and what[1] == "_reconstruct":
        return np.empty(0)
    if what in _ARRAYS:
        return np.frombuffer(arguments[1], arguments[0])[0]
    raise ValueError(f"{what} is called")


def _filled(value: Any, state: tuple[Any, ...]) -> Any:
    """Return an array or a type of values with the state that the pickle gives it."""
    if isinstance(value, np.dtype):
        return value.newbyteorder(state[1]) if state[1] in "<>" else value
    if not isinstance(value, np.ndarray):
        raise ValueError("something other than an array has a state")
    _, shape, kind, fortran, content = state
    if kind.hasobject:
        array = np.empty(len(content), object)
        array[:] = content
    else:
        array = np.frombuffer(content, kind)
    return array.reshape(shape, order="F" if fortran else "C")
