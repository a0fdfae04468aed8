"""Pickles of plain values are read as they were written; anything else is refused, and nothing runs."""

import collections
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.plain_pickle import NotPlainError, plain_value

VALUES = {
    "text": "grüße", "bytes": b"\x00\xff", "numbers": [1, -2, 2**70, 1.5, float("inf"), True, None],
    "tuple": (1, (2, 3), ()), "set": {1, 2}, "frozen": frozenset({"a"}), "nested": {"a": {"b": [1]}},
    "ordered": collections.OrderedDict(a=1, b=2), "default": collections.defaultdict(list, a=[1]),
    "scalar": np.float32(0.25),
    "many": {str(n): n / 7 for n in range(3000)},
}  # fmt: skip
ARRAYS = [
    np.arange(6.0).reshape(2, 3), np.arange(6, dtype=">i4"), np.asfortranarray(np.arange(6).reshape(2, 3)),
    np.array(["a", "bc"]), np.array(["a", 1], dtype=object),
]  # fmt: skip


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_read_as_they_were_written(protocol: int) -> None:
    assert plain_value(pickle.dumps(VALUES, protocol=protocol)) == VALUES


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_arrays_are_read_as_they_were_written(protocol: int, array: np.ndarray) -> None:
    found = plain_value(pickle.dumps(array, protocol=protocol))
    assert np.array_equal(found, array)
    assert found.dtype == array.dtype


class Calls:
    def __init__(self, call: object, *arguments: object) -> None:
        self.made = call, arguments

    def __reduce__(self) -> object:
        return self.made


def hostile(flag: Path) -> dict[str, bytes]:
    """Pickles that would leave a file behind, or end the process, if they were unpickled."""
    command = f"touch {flag}"
    deep = b")" + b"\x85" * 200_000
    return {
        "system": pickle.dumps({"a": Calls(os.system, command)}),
        "eval": pickle.dumps(Calls(eval, f"open({str(flag)!r}, 'w')")),
        "touch": pickle.dumps([Calls(Path.touch, flag)], protocol=0),
        "old class": f"(S'{command}'\nios\nsystem\n.".encode(),
        "object": b"(cos\nsystem\nS'" + command.encode() + b"'\no.", "extension": b"\x82\x01.",
        "getattr": b"cbuiltins\ngetattr\n(cos\nsystem\nS'x'\ntR.", "numpy": b"cnumpy\nload\n(S'x'\ntR.",
        "object array": pickle.dumps(np.array([Calls(os.system, command)], dtype=object)),
        "state": b"c__main__\nCalls\n)\x81}b.", "deep key": b"\x80\x04}" + deep + b"K\x01s.",
        "persistent": b"Pid\n.", "factory": b"cbuiltins\nfloat\n(V1\ntR.",
    }  # fmt: skip


@pytest.mark.parametrize("name", hostile(Path("x")))
def test_a_hostile_pickle_is_refused_and_nothing_runs(name: str, tmp_path: Path) -> None:
    flag = tmp_path / "ran"
    with pytest.raises(NotPlainError):
        plain_value(hostile(flag)[name])
    assert not flag.exists()


@pytest.mark.parametrize("name", ["system", "eval", "touch", "old class"])
def test_those_pickles_would_run(name: str, tmp_path: Path) -> None:
    flag = tmp_path / "ran"
    pickle.loads(hostile(flag)[name])
    assert flag.exists()


def test_any_cut_of_a_pickle_is_an_error() -> None:
    data = pickle.dumps({"a": np.arange(3.0), "b": [1, "x"]})
    for length in range(len(data) - 1):
        with pytest.raises(ValueError):
            plain_value(data[:length])


@pytest.mark.parametrize(
    "data", [b"", b"K\x01", b".", b"t.", b"(K\x01K\x02K\x03d.", b"K\x01K\x02a.", b"h\x07.", b"cnumpy\ndtype\n(Vos\ntR."]
)
def test_a_made_up_pickle_is_an_error_and_not_a_crash(data: bytes) -> None:
    with pytest.raises(ValueError):
        plain_value(data)
