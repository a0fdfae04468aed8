"""Checkpoints by name, each loaded when it is first asked for: names and cards are known without weights."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.detectors import checkpoint
from core.detectors.card import Card
from core.detectors.detector import Detector

__all__ = ["Catalogue"]

_AT_ONCE = 4


class Catalogue(Mapping[str, Detector]):
    """A mapping of names to detectors that loads a detector when it is looked up; for any number of threads.

    Parameters
    ----------
    folders : mapping of str to Path
        The checkpoint of each name.
    pinned : collection of str
        Names that stay loaded once they are.
    spare : int, optional
        How many others stay loaded; beyond it the one that was not asked for longest is released, and loaded again when
        it is. None: all stay.
    """

    def __init__(self, folders: Mapping[str, Path], *, pinned: Collection[str] = (), spare: int | None = None) -> None:
        self._folders = dict(folders)
        self._pinned = frozenset(pinned)
        self._spare = spare
        self._cards: dict[str, Card] = {}
        self._loaded: OrderedDict[str, Detector] = OrderedDict()
        self._changing = threading.Lock()
        self._loading = {name: threading.Lock() for name in self._folders}

    def __iter__(self) -> Iterator[str]:
        return iter(self._folders)

    def __len__(self) -> int:
        return len(self._folders)

    def __contains__(self, name: object) -> bool:
        return name in self._folders

    def __getitem__(self, name: str) -> Detector:
        """Return a detector, loaded if it is not yet.

        Raises
        ------
        KeyError
            When no checkpoint has that name.
        CheckpointError
            When it is damaged.
        """
        # Two threads that want the same detector load it once; others are not held up meanwhile.
        with self._loading[name]:
            found = self._loaded.get(name) or checkpoint.load_detector(self._folders[name])
            self._remember(name, found)
            return found

    def card(self, name: str) -> Card:
        """Return the card of a checkpoint; its weights are not read.

        Raises
        ------
        CheckpointError
            When the card is missing or damaged.
        """
        with self._changing:
            if name not in self._cards:
                self._cards[name] = checkpoint.read_card(self._folders[name])
            return self._cards[name]

    def folder(self, name: str) -> Path:
        """Return the folder of a checkpoint."""
        return self._folders[name]

    def is_slow(self, name: str) -> bool:
        """Return whether a detector's network is slow, by its card."""
        from core.detectors.network import NETWORKS

        card = self.card(name)
        return NETWORKS.get(card.architecture).is_slow_at(float(card.frontend.get("hop_s", 1.0)))

    def rebuilds(self, name: str) -> bool:
        """Return whether a detector rebuilds its input, by its card."""
        from core.detectors.network import NETWORKS

        return NETWORKS.get(self.card(name).architecture).rebuilds

    @property
    def loaded(self) -> list[str]:
        """The names that are in memory."""
        with self._changing:
            return list(self._loaded)

    def load(self, names: Sequence[str]) -> list[Detector]:
        """Return several detectors; those that are not loaded yet are loaded side by side."""
        if len(names) < 2 or set(names) <= set(self.loaded):
            return [self[name] for name in names]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="load") as pool:
            return list(pool.map(self.__getitem__, names))

    def _remember(self, name: str, detector: Detector) -> None:
        with self._changing:
            self._loaded[name] = detector
            self._loaded.move_to_end(name)
            unpinned = [each for each in self._loaded if each not in self._pinned]
            excess = 0 if self._spare is None else max(0, len(unpinned) - max(self._spare, 1))
            for old in unpinned[:excess]:
                del self._loaded[old]
