"""The runs on this machine: those in the user's data folder, those in folders that were named, and the one that ships.

What is listed comes from manifests alone; a run is read when it is opened.
"""

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ResultsError
from core.files import write_json
from core.paths import data_folder
from core.results.manifest import KEY_DIGITS, MANIFEST, digest_of, read_manifest
from core.results.store import Run, read_run
from core.settings import CORPUS

__all__ = ["Entry", "Library", "recordings", "remember_corpus"]

_ROOTS = "corpora.json"
_KEPT = 4
# Up to so many clips are looked for one by one: a set of a million paths is made in a second, and kept.
_FEW = 4
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A run as the list shows it.

    Attributes
    ----------
    key : str
        The beginning of its digest; "" where the run cannot be read.
    folder : Path
    name : str
        What a person calls it: the folder's name, or *reference run*.
    rows : int
        Rows of its corpus.
    detectors : tuple of str
    split : str
        "" where it holds the whole corpus.
    made : str
        When, in ISO 8601.
    problem : str
        Why it cannot be read; "" where it can.
    """

    key: str
    folder: Path
    name: str
    rows: int = 0
    detectors: tuple[str, ...] = ()
    split: str = ""
    made: str = ""
    problem: str = ""


class Library:
    """Lists the runs on this machine, and opens them.

    Parameters
    ----------
    folders : sequence of Path
        Named by the user: each is a run, or holds runs.
    shipped : Path, optional
        The run that ships.
    """

    def __init__(self, folders: Sequence[Path] = (), *, shipped: Path | None = None) -> None:
        self._folders = [Path(folder) for folder in folders]
        self._shipped = shipped
        self._open: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.RLock()

    def entries(self) -> list[Entry]:
        """Return the runs: the one that ships, then the latest first; of two with one digest the first that is found.

        Those that cannot be read come last, with the reason.
        """
        found: dict[str, Entry] = {}
        for folder, name in self._places():
            entry = _entry(folder, name)
            found.setdefault(entry.key or str(folder), entry)
        first = [entry for entry in found.values() if entry.folder == self._shipped]
        rest = [entry for entry in found.values() if entry.folder != self._shipped]
        rest.sort(key=lambda entry: entry.made, reverse=True)
        return [*first, *sorted(rest, key=lambda entry: bool(entry.problem))]

    def find(self, key: str) -> Entry | None:
        """Return the run with this key; None where there is none."""
        return next((entry for entry in self.entries() if entry.key == key), None) if key else None

    def open(self, key: str) -> Run:
        """Return the run with this key; the last few that were opened are kept.

        Raises
        ------
        ResultsError
            When there is none here, or it is damaged.
        """
        with self._lock:
            if (kept := self._open.get(key)) is not None and (kept.folder / MANIFEST).is_file():
                self._open.move_to_end(key)
                return kept
            entry = self.find(key)
            if entry is None:
                raise ResultsError(
                    f"There is no run {key[:KEY_DIGITS]!r} on this machine: it was made elsewhere, moved or changed. "
                    "Choose another above, or open its folder."
                )
            self._open[key] = run = read_run(entry.folder)
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
            return run

    def add(self, folder: Path) -> Entry:
        """Add a folder that a person named, and return the run in it, or the latest of those in it.

        Raises
        ------
        ResultsError
            When there is no run in it, or none that can be read.
        """
        found = [_entry(each, each.name) for each in _runs_in(folder)]
        if not found:
            raise ResultsError(f"There is no run in {folder}: name a folder that python -m core evaluate has written.")
        sound = [entry for entry in found if not entry.problem]
        if not sound:
            raise ResultsError(found[0].problem)
        with self._lock:
            if folder not in self._folders:
                self._folders.append(folder)
        return max(sound, key=lambda entry: entry.made)

    def root_of(self, run: Run) -> Path | None:
        """Return the folder of a run's corpus: where it was when it was scored here, else ``$SPOOFSCOPE_CORPUS``."""
        return next(iter(_roots(run.manifest["corpus"]["digest"])), None)

    def locate(self, run: Run, path: str) -> Path | None:
        """Return the recording of one of a run's clips; None where its corpus is not on this machine.

        It is looked for where that corpus was when it was scored here, then under ``$SPOOFSCOPE_CORPUS``. A path that
        is not in the run is never opened.
        """
        return recordings(run, [path])[0]

    def _places(self) -> Iterator[tuple[Path, str]]:
        if self._shipped is not None and self._shipped.is_dir():
            yield self._shipped, "reference run"
        with self._lock:
            folders = [*self._folders, data_folder() / "runs"]
        for folder in folders:
            for each in _runs_in(folder):
                yield each, each.name


def _runs_in(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file():
        return [folder]
    try:
        return sorted(each for each in folder.iterdir() if (each / MANIFEST).is_file())
    except OSError:
        return []


def _entry(folder: Path, name: str) -> Entry:
    try:
        manifest = read_manifest(folder)
        corpus = manifest["corpus"]
        return Entry(
            digest_of(manifest)[:KEY_DIGITS], folder, name, rows=int(corpus["rows"]),
            detectors=tuple(manifest["detectors"]), split=corpus["split"] or "", made=manifest["made"],
        )  # fmt: skip
    except ResultsError as error:
        return Entry("", folder, name, problem=str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Entry("", folder, name, problem=f"{folder / MANIFEST} is incomplete ({error}): evaluate again.")


# Where corpora are.


def recordings(run: Run, paths: Sequence[str]) -> list[Path | None]:
    """Return the recordings of some of a run's clips; see ``Library.locate``."""
    roots = [root.resolve() for root in _roots(run.manifest["corpus"]["digest"])]
    if len(paths) > _FEW:
        known = run.whole.paths
    else:
        known = frozenset(path for path in paths if run.whole.place(path) is not None)
    return [_recording(roots, path) if path in known else None for path in paths]


def _recording(roots: Sequence[Path], path: str) -> Path | None:
    for root in roots:
        file = (root / path).resolve()
        if file.is_relative_to(root) and file.is_file():
            return file
    return None


def remember_corpus(digest: str, root: Path) -> None:
    """Keep where the recordings of a corpus are on this machine, so that clips of its runs can be played.

    It stands in the user's data folder and in no run: a run that is handed on names no folder.
    """
    known = _known_roots()
    if known.get(digest) != str(root.resolve()):
        write_json(data_folder() / _ROOTS, {**known, digest: str(root.resolve())})


def _known_roots() -> dict[str, str]:
    path = data_folder() / _ROOTS
    try:
        stored = json.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read (%s): where corpora are is forgotten.", path, error)
        return {}
    known = stored if isinstance(stored, dict) else {}
    return {str(digest): str(root) for digest, root in known.items()}


def _roots(digest: str) -> list[Path]:
    named = [_known_roots().get(digest), CORPUS.read()]
    return [Path(root) for root in named if root and Path(root).is_dir()]
