"""Files of objects are read as values, and never run."""

import io
import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest

from core.corpus.object_arrays import read_object
from core.errors import CorpusError


def labels():
    rng = np.random.default_rng(0)
    made = {f"CON_E_{n:07d}": rng.integers(0, 2, 5 + n % 7).astype(str) for n in range(1200)}
    return {**made, "a list": ["1", "0"], "numbers": np.arange(6).reshape(2, 3), "grüße": np.array(["1"], object)}


def write(path: Path, value, protocol: int) -> Path:
    """As numpy.save of any version wrote it: a header, and the pickle of the array."""
    array = np.empty((), object)
    array[()] = value
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": ()})
    path.write_bytes(buffer.getvalue() + pickle.dumps(array, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_dictionary_of_arrays_is_read_as_numpy_reads_it(protocol, tmp_path):
    path = write(tmp_path / "dev_seglab_0.16.npy", labels(), protocol)
    expected = np.load(path, allow_pickle=True).item()
    found = read_object(path)
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert np.array_equal(found[name], value), name
        assert type(found[name]) is type(value)


def test_what_numpy_saves_today_is_read(tmp_path):
    np.save(tmp_path / "a.npy", labels(), allow_pickle=True)
    assert read_object(tmp_path / "a.npy")["CON_E_0000003"].tolist() == labels()["CON_E_0000003"].tolist()


class Harmful:
    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self):
        return Path.touch, (self.flag,)


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_refused_and_does_not_run(protocol, tmp_path):
    flag = tmp_path / "ran"
    path = write(tmp_path / "bad.npy", {"a": Harmful(flag)}, protocol)
    with pytest.raises(CorpusError, match="holds more than dictionaries, lists, text and arrays"):
        read_object(path)
    assert not flag.exists()
    np.load(path, allow_pickle=True)
    assert flag.exists(), "the file must be one that would run"


MADE_UP = [
    b"cnumpy\ndtype\n(Vos\ntR.", b"cnumpy.core.multiarray\nscalar\n(tR.", b"c_codecs\nencode\n(K\x01tR.", b"(", b"N0.",
]  # fmt: skip


@pytest.mark.parametrize("call", MADE_UP)
def test_a_made_up_pickle_is_an_error_and_not_a_crash(call, tmp_path):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": ()})
    (tmp_path / "odd.npy").write_bytes(buffer.getvalue() + call)
    with pytest.raises(CorpusError):
        read_object(tmp_path / "odd.npy")


def test_any_cut_of_a_file_is_an_error(tmp_path):
    data = write(tmp_path / "a.npy", {"a": np.array(["1", "0"])}, 4).read_bytes()
    assert any(op.name == "BUILD" for op, _, _ in pickletools.genops(data[data.index(b"\n") + 1 :]))
    for length in range(0, len(data) - 1, 3):
        (tmp_path / "cut.npy").write_bytes(data[:length])
        with pytest.raises(CorpusError):
            read_object(tmp_path / "cut.npy")


def test_an_array_of_numbers_is_no_dictionary(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(CorpusError, match="holds no dictionary"):
        read_object(tmp_path / "a.npy")
