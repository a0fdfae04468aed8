"""Pickles of plain values read without unpickling: containers, numbers, text and numpy arrays, and nothing else.

To unpickle a file is to run what stands in it. Here its instructions are read one by one (``pickletools.genops``, which
runs nothing) and followed as far as they build plain values; at any other the file is refused.
"""

import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["NotPlainError", "plain_value"]

_ARRAYS = frozenset(
    (f"numpy.{module}.multiarray", name) for module in ("core", "_core") for name in ("_reconstruct", "scalar")
)
_BUFFERS = frozenset((f"numpy.{module}.numeric", "_frombuffer") for module in ("core", "_core"))
_CONTAINERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): dict,
    ("collections", "defaultdict"): dict,
    **{(module, name): kind for module in ("builtins", "__builtin__")
       for name, kind in (("set", set), ("frozenset", frozenset))},
}  # fmt: skip
# What a defaultdict makes of a key that it lacks; named in the file, and never made here.
_FACTORIES = frozenset((module, name) for module in ("builtins", "__builtin__") for name in (
    "bool", "dict", "float", "int", "list", "set", "str"))  # fmt: skip
# What plain values are rebuilt from; they are names here, and nothing of the file's is called by them.
_KNOWN = _ARRAYS | _BUFFERS | _FACTORIES | set(_CONTAINERS) | {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
}  # fmt: skip
_VALUES = frozenset({
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "UNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
    "BINFLOAT", "FLOAT",
})  # fmt: skip
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_SET": set}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
# A tuple as a key is refused: to hash one that is nested deeply ends the process.
_KEYS = (str, int, float, bytes, type(None), np.generic)
_LONGEST_TYPE = 64


class NotPlainError(ValueError):
    """A pickle that holds more than plain values: reading it could run something. ``what`` names the first of it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"it holds {what}, which is no plain value")
        self.what = what


def plain_value(data: bytes) -> Any:
    """Return the value that a pickle of any protocol builds, where it is plain; nothing in it is run.

    Dictionaries, lists, tuples, sets, text, numbers and numpy arrays of these are plain. Keys are text or numbers.

    Raises
    ------
    NotPlainError
        When it holds anything else.
    ValueError
        When it is damaged or no pickle.
    """
    try:
        return _Builder().build(data)
    except (KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"its instructions do not fit together ({type(error).__name__}: {error})") from error


class _Builder:
    """Follows a pickle's instructions."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
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
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in {"BINPUT", "LONG_BINPUT", "PUT"}:
            self._memo[argument] = stack[-1]
        elif name in {"BINGET", "LONG_BINGET", "GET"}:
            stack.append(self._memo[argument])
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            items = [stack.pop() for _ in range(_TUPLES[name])]
            stack.append(tuple(items[::-1]))
        elif name == "MARK":
            self._marks.append(len(stack))
        elif name not in {"PROTO", "FRAME"}:
            self._combine(name, argument)

    def _combine(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in {"TUPLE", "LIST", "DICT", "FROZENSET"}:
            items = self._items()
            stack.append(_BUILT[name](items))
        elif name in {"APPENDS", "APPEND"}:
            items = self._items() if name == "APPENDS" else [stack.pop()]
            stack[-1].extend(items)
        elif name in {"SETITEMS", "SETITEM"}:
            items = self._items() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            stack[-1].update(_dictionary(items))
        elif name == "ADDITEMS":
            items = self._items()
            stack[-1].update(_frozen(items))
        elif name in {"GLOBAL", "STACK_GLOBAL"}:
            module, attribute = argument.split(" ") if name == "GLOBAL" else (stack.pop(-2), stack.pop())
            stack.append(_known(module, attribute))
        elif name == "REDUCE":
            arguments, what = stack.pop(), stack.pop()
            stack.append(_made(what, arguments))
        elif name == "BUILD":
            state = stack.pop()
            stack[-1] = _filled(stack[-1], state)
        else:
            raise NotPlainError(f"the instruction {name}")

    def _items(self) -> list[Any]:
        at = self._marks.pop()
        items = self._stack[at:]
        del self._stack[at:]
        return items


def _dictionary(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(_keys(items[::2]), items[1::2], strict=True))


def _frozen(items: list[Any]) -> frozenset[Any]:
    return frozenset(_keys(items))


def _keys(items: list[Any]) -> list[Any]:
    for item in items:
        if not isinstance(item, _KEYS):
            raise NotPlainError(f"a key that is neither text nor a number ({type(item).__name__})")
    return items


_BUILT: dict[str, Callable[[list[Any]], Any]] = {
    "TUPLE": tuple, "LIST": list, "DICT": _dictionary, "FROZENSET": _frozen,
}  # fmt: skip


def _known(module: str, attribute: str) -> tuple[str, str]:
    if (module, attribute) not in _KNOWN:
        raise NotPlainError(f"{module}.{attribute}")
    return module, attribute


def _made(what: Any, arguments: tuple[Any, ...]) -> Any:
    """Return what a known name makes of its arguments."""
    if what == ("_codecs", "encode"):
        return str(arguments[0]).encode("latin-1")
    if what == ("numpy", "dtype"):
        return _type_of_values(arguments[0])
    if what in _ARRAYS:
        return np.empty(0) if what[1] == "_reconstruct" else _from_bytes(arguments[1], arguments[0])[0]
    if what in _BUFFERS:
        content, kind, shape, order = arguments
        return _from_bytes(content, kind).reshape(shape, order=order)
    if what in _CONTAINERS:
        return _collection(what, *arguments)
    if what in _FACTORIES:
        raise NotPlainError(f"a call of {'.'.join(what)}")
    raise ValueError(f"{what} is called")


def _collection(what: tuple[str, str], items: Any = ()) -> Any:
    if what[1] == "OrderedDict":
        return _dictionary([part for pair in items for part in pair])
    if what[1] == "defaultdict":
        return {}
    return _CONTAINERS[what](_frozen(list(items)))


def _type_of_values(text: Any) -> "np.dtype[Any]":
    if not isinstance(text, str | bytes) or len(text) > _LONGEST_TYPE:
        raise ValueError("a type of values has no name")
    return np.dtype(text if isinstance(text, str) else text.decode("latin-1"))


def _from_bytes(content: Any, kind: "np.dtype[Any]") -> Any:
    # A pickle of Python 2 holds bytes as text.
    return np.frombuffer(content.encode("latin-1") if isinstance(content, str) else content, kind)


def _filled(value: Any, state: tuple[Any, ...]) -> Any:
    """Return an array or a type of values with the state that the pickle gives it."""
    if isinstance(value, np.dtype):
        return value.newbyteorder(state[1]) if state[1] in ("<", ">") else value
    if not isinstance(value, np.ndarray):
        raise ValueError("something other than an array has a state")
    _, shape, kind, fortran, content = state
    if kind.hasobject:
        array = np.empty(len(content), object)
        array[:] = content
    else:
        array = _from_bytes(content, kind)
    return array.reshape(shape, order="F" if fortran else "C")
