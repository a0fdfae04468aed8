"""The files under a folder, walked once: readers look up what they need, whatever the exact nesting."""

import csv
import fnmatch
import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from core.audio.suffixes import AUDIO_SUFFIXES, UNREAD_SUFFIXES, suffix_of
from core.errors import CorpusError

__all__ = ["Tree"]

_SHOWN = 5


class Tree:
    """The regular files under a root.

    Hidden files and folders are left out (archives made on a Mac bring a hidden twin of each recording), and so are
    links that lead to a folder.

    Parameters
    ----------
    root : Path or str

    Attributes
    ----------
    sizes : dict of str to int
        Bytes of each file by its path below the root, with forward slashes, sorted.
    name : str
        The root's own name.
    unnameable : int
        How many files have a name that is no text and so cannot stand in a manifest.

    Raises
    ------
    CorpusError
        When the root is not a folder.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise CorpusError(f"{self.root} is not a folder: give the folder that holds the corpus.")
        self.name = self.root.resolve().name
        found = dict(_walk(self.root, ""))
        self.sizes = {path: size for path, size in sorted(found.items()) if _is_text(path)}
        self.unnameable = len(found) - len(self.sizes)

    @cached_property
    def audio(self) -> list[str]:
        """Paths of the files that are recordings by their suffix."""
        return [path for path in self.sizes if suffix_of(path) in AUDIO_SUFFIXES]

    @cached_property
    def unread(self) -> list[str]:
        """Paths of the files that are sound by their suffix, in a format that is not read here."""
        return [path for path in self.sizes if suffix_of(path) in UNREAD_SUFFIXES]

    def warnings(self) -> list[str]:
        """Return what is passed over under the root, as sentences: files of unread formats, names that are no text."""
        warnings = []
        if self.unread:
            kinds = ", ".join(sorted({suffix_of(path) for path in self.unread}))
            first = ", ".join(self.unread[:_SHOWN]) + (", ..." if len(self.unread) > _SHOWN else "")
            warnings.append(
                f"{_files(len(self.unread))} left out, in formats that are not read ({kinds}): {first}. "
                "Convert what is needed to WAV or FLAC."
            )
        if self.unnameable:
            warnings.append(f"{_files(self.unnameable)} left out: the name is no text. Rename what is needed.")
        return warnings

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        # Of two copies the lossless one, then the first by name.
        ordered = sorted(self.audio, key=lambda path: not path.lower().endswith((".flac", ".wav")))
        return {_name(path).rpartition(".")[0]: path for path in reversed(ordered)}

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for path in self.sizes:
            groups[_name(path)].append(path)
        return dict(groups)

    def named(self, pattern: str) -> list[str]:
        """Return the paths whose file name matches a shell pattern, those nearest to the root first."""
        found = [path for name in fnmatch.filter(self._by_name, pattern) for path in self._by_name[name]]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def clip(self, name: str) -> str:
        """Return the path of the recording with this file name; empty where there is none.

        The name may have a suffix or none, and folders before it, parted by slashes of either kind.
        """
        last = _name(_with_slashes(name))
        if last in self._by_stem or suffix_of(last) not in AUDIO_SUFFIXES:
            return self._by_stem.get(last, "")
        return self._by_stem.get(last.rpartition(".")[0], "")

    def ending(self, path: str) -> str:
        """Return the one file whose path agrees longest with the end of ``path``; empty where none stands out."""
        wanted = PurePosixPath(_with_slashes(path)).parts[::-1] or ("",)
        ranked = sorted(((_agreement(one, wanted), one) for one in self._by_name.get(wanted[0], [])), reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return ""
        return ranked[0][1]

    def folders(self, path: str) -> tuple[str, ...]:
        """Return the names of the folders that a file lies in, from the root's own name down."""
        return (self.name, *PurePosixPath(path).parts[:-1])

    def lines(self, path: str) -> Iterator[tuple[int, str]]:
        """Yield the number (first = 1) and text of each line of a text file that is not blank."""
        with open(self.root / path, encoding="utf-8-sig", errors="replace") as file:
            yield from ((number, line.strip()) for number, line in enumerate(file, 1) if line.strip())

    def records(self, path: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the number (first = 1) of each row of a CSV file with its cells by the header's names.

        Cells that a row lacks are empty.
        """
        with open(self.root / path, encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file, restval="", skipinitialspace=True)
            try:
                for number, record in enumerate(reader, 1):
                    yield number, {str(name).strip(): str(cell).strip() for name, cell in record.items()}
            except csv.Error as error:
                raise CorpusError(f"{self.root / path} cannot be read as a table: {error}.") from error

    def header(self, path: str) -> tuple[str, ...]:
        """Return the names in the first line of a CSV file."""
        first = next(self.lines(path), (0, ""))[1]
        return tuple(name.strip() for name in next(csv.reader([first[:4096]]), []))

    def fault(self, path: str) -> str:
        """Return what is wrong with a file: that it is missing or empty; an empty string where nothing is."""
        if path not in self.sizes:
            return "there is no such file"
        return "" if self.sizes[path] else "the file is empty (0 bytes)"


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(folder / entry.name, f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield f"{prefix}{entry.name}", entry.stat().st_size


def _files(count: int) -> str:
    return "1 file is" if count == 1 else f"{count:,} files are"


def _name(path: str) -> str:
    # Not by pathlib, which takes minutes for a million files.
    return path.rpartition("/")[2]


def _with_slashes(path: str) -> str:
    """Return a path as written on Windows with forward slashes."""
    return path.replace("\\", "/")


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _agreement(path: str, wanted: tuple[str, ...]) -> int:
    """Count the parts that two paths share from the end on; ``wanted`` is given end first."""
    shared = 0
    for one, other in zip(PurePosixPath(path).parts[::-1], wanted, strict=False):
        if one != other:
            break
        shared += 1
    return shared
