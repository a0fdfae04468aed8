"""The archive of a case: every flipped byte is found, and what no case holds is refused."""

import io
import warnings
import zipfile

import numpy as np
import pytest

from core.case.archive import pack, seal_holds, sealed, unpack
from core.case.arrays import npz, read_npz
from core.errors import CaseError

ENTRIES = {"case/manifest.json": b"{}", "case/01/map.npz": bytes(range(256)), "case/report.html": b"<p>Report</p>"}
COMMENT = b"Spoofscope case; SHA-256 of all bytes before this digest: "


def made(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED, prefix: bytes = b"") -> bytes:
    """Return a zip by another program, sealed as a case is: what somebody hostile may hand in."""
    buffer = io.BytesIO(prefix)
    buffer.seek(0, io.SEEK_END)
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a", compression) as archive:
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
        archive.comment = COMMENT + bytes(64)
    return sealed(buffer.getvalue()[:-64])


def test_any_program_reads_it_and_it_gives_back_what_it_holds() -> None:
    data = pack(ENTRIES)
    assert unpack(data) == ENTRIES
    assert seal_holds(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == ENTRIES


def test_a_flipped_bit_in_any_byte_is_found_headers_and_directory_and_seal_included() -> None:
    data = pack(ENTRIES)
    for place in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            changed = bytearray(data)
            changed[place] ^= bit
            assert not seal_holds(bytes(changed)), f"byte {place}, bit {bit}"


@pytest.mark.parametrize("data", [pack(ENTRIES)[:-1], pack(ENTRIES) + b"\0", pack(ENTRIES)[1:], b""])
def test_a_byte_more_or_less_is_found(data: bytes) -> None:
    assert not seal_holds(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (made(("case/../../etc/passwd.txt", b"x")), "which no file of a case is"),
        (made(("/case/a.json", b"x")), "which no file of a case is"),
        (made(("case\\a.json", b"x")), "which no file of a case is"),
        (made(("elsewhere/a.json", b"x")), "which no file of a case is"),
        (made(("case/a.json", b"x"), ("case/a.json", b"y")), "more than once"),
        (made(("case/a.json", bytes(1_000_000)), compression=zipfile.ZIP_DEFLATED), "compressed or encrypted"),
        (made(*((f"case/{n}.json", b"") for n in range(2_001))), "at most 2,000 files"),
        (made(("case/a.json", b"x"), prefix=b"#!/bin/sh\n"), "bytes that belong to none of its entries"),
        (sealed(b"no zip at all" + COMMENT), "cannot be read"),
    ],
)
def test_what_no_case_holds_is_refused_though_its_seal_holds(data: bytes, words: str) -> None:
    assert seal_holds(data)
    with pytest.raises(CaseError, match=words):
        unpack(data)


def test_entries_that_share_their_bytes_are_refused() -> None:
    """As in a zip bomb without compression: many names for one content."""
    data = bytearray(pack({"case/a.json": b"x" * 400, "case/b.json": b"x" * 400}))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)
    with pytest.raises(CaseError):
        unpack(sealed(bytes(data[:-64])))


def test_arrays_come_back_and_the_same_arrays_are_the_same_bytes() -> None:
    arrays = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.array(2.5)}
    found = read_npz(npz(arrays))
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())
    assert npz(arrays) == npz(arrays)


def hostile_npz(content: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a.npy", content)
    return buffer.getvalue()


def claiming(shape: str, dtype: str = "<f8") -> bytes:
    head = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head


@pytest.mark.parametrize(
    "data",
    [
        hostile_npz(claiming("(1000000000000,)")),
        hostile_npz(claiming("(1,)", "|O") + bytes(8)),
        hostile_npz(claiming("(1000,)") + bytes(8000), zipfile.ZIP_DEFLATED),
        hostile_npz(b"not an array"),
        b"no zip",
    ],
)
def test_an_array_that_claims_more_than_it_holds_is_refused(data: bytes) -> None:
    with pytest.raises(CaseError):
        read_npz(data)
