"""The archive of a case: a zip whose bytes follow from its entries alone, ended by a digest of all of them.

Entries are stored, not compressed (pictures and arrays are compressed themselves), in one folder, in the order of their
names, without dates. The zip's comment, which is the end of the file, holds the SHA-256 of every byte before it: a
flipped byte is found wherever it lies, headers and central directory included. Whoever can write an archive can seal
it, too: the seal finds accidents and careless changes, ``core.case.verify`` finds what does not follow from the rest.

The layout is that of PKWARE, "APPNOTE.TXT - .ZIP file format specification", 6.3.10, sections 4.3 and 4.4.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from core.errors import CaseError
from core.files import DAMAGED_ZIP, sha256_bytes

__all__ = ["FOLDER", "MAX_BYTES", "pack", "seal_holds", "unpack"]

FOLDER = "case/"
#: Largest archive that is read or written.
MAX_BYTES = 256 << 20
_MOST_ENTRIES = 2_000
_SEAL = b"Spoofscope case; SHA-256 of all bytes before this digest: "
_DIGEST = 64
_NAME = re.compile(r"case/(?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9]+)+")
_VERSION, _UNIX_FILE, _FIRST_DAY = 20, 0o100644 << 16, 0x21
_LOCAL, _CENTRAL, _END = "<4sHHHHHIIIHH", "<4sHHHHHHIIIHHHHHII", "<4sHHHHIIH"


def pack(entries: Mapping[str, bytes]) -> bytes:
    """Return the sealed archive of entries.

    Parameters
    ----------
    entries : mapping of str to bytes
        Names begin with ``FOLDER``.

    Raises
    ------
    CaseError
        When they are too many or too large for one archive.
    """
    _check_size(len(entries), sum(map(len, entries.values())))
    body, directory = bytearray(), bytearray()
    for name, content in sorted(entries.items()):
        coded, crc, size = name.encode("ascii"), zlib.crc32(content), len(content)
        at = len(body)
        facts = (_VERSION, 0, 0, 0, _FIRST_DAY, crc, size, size, len(coded), 0)
        body += struct.pack(_LOCAL, b"PK\3\4", *facts) + coded + content
        head = struct.pack(_CENTRAL, b"PK\1\2", _VERSION | 3 << 8, *facts, 0, 0, 0, _UNIX_FILE, at)
        directory += head + coded
    n, comment = len(entries), len(_SEAL) + _DIGEST
    end = struct.pack(_END, b"PK\5\6", 0, 0, n, n, len(directory), len(body), comment)
    return sealed(bytes(body + directory + end + _SEAL))


def sealed(data: bytes) -> bytes:
    """Return bytes with their digest behind them."""
    return data + sha256_bytes(data).encode()


def has_seal(data: bytes) -> bool:
    """Return whether an archive ends as a case does, whatever its digest."""
    return data[-_DIGEST - len(_SEAL) : -_DIGEST] == _SEAL


def seal_holds(data: bytes) -> bool:
    """Return whether an archive is, byte for byte, the one that was sealed."""
    return has_seal(data) and sha256_bytes(data[:-_DIGEST]).encode() == data[-_DIGEST:]


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the entries of an archive.

    What is not exactly as ``pack`` writes it is refused: names that lead out of the folder, two entries of one name or
    in one place, compressed ones (which may be bombs), anything before, between or behind them.

    Raises
    ------
    CaseError
        One sentence that says what is wrong with it.
    """
    if len(data) > MAX_BYTES:
        raise CaseError(f"The archive has {len(data) / 1e6:,.0f} MB and at most {MAX_BYTES / 1e6:,.0f} MB are read.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check(archive.infolist(), n_bytes=len(data))
            entries = {info.filename: archive.read(info) for info in archive.infolist()}
    except DAMAGED_ZIP as error:
        raise CaseError(f"The archive cannot be read as a zip: {error}.") from error
    if not has_seal(data) or pack(entries)[:-_DIGEST] != data[:-_DIGEST]:
        raise CaseError("The archive holds bytes that belong to none of its entries: it was not written by Spoofscope.")
    return entries


def _check(infos: list[zipfile.ZipInfo], *, n_bytes: int) -> None:
    _check_size(len(infos), sum(info.file_size for info in infos))
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if not _NAME.fullmatch(name):
            raise CaseError(f"The archive is refused: an entry is called {name[:80]!r}, which no file of a case is.")
        if name in seen:
            raise CaseError(f"The archive is refused: it holds {name!r} more than once.")
        seen.add(name)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits or info.file_size != info.compress_size:
            raise CaseError(f"The archive is refused: {info.filename!r} is compressed or encrypted, and no case is.")
    if sum(info.file_size for info in infos) > n_bytes:
        raise CaseError("The archive is refused: its entries claim more bytes than it has.")


def _check_size(n_entries: int, n_bytes: int) -> None:
    if n_entries > _MOST_ENTRIES or n_bytes > MAX_BYTES:
        raise CaseError(
            f"A case holds at most {_MOST_ENTRIES:,} files and {MAX_BYTES / 1e6:,.0f} MB: give fewer recordings."
        )
