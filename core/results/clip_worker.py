"""What is done with one clip of a corpus: decoded once, scored by each detector that is wanted of it, measured."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.audio.clip import Clip
from core.corpus.measure import measure_clip
from core.detectors.checkpoint import load_detector
from core.detectors.detector import Detector
from core.errors import AudioError, CheckpointError
from core.results.keys import detector_digest
from core.results.needs import CLIP
from core.results.rows import score_row
from core.scoring.base import Item, Work

if TYPE_CHECKING:
    from core.detectors.card import Card

__all__ = ["ClipWorker", "clip_item", "clip_work"]


def clip_work(detectors: "Mapping[str, tuple[Path, Card]]") -> Work:
    """Return the work on clips.

    Parameters
    ----------
    detectors : mapping of str to (Path, Card)
        By the key of the part that it fills: a checkpoint's folder, and the card that it must still have.
    """
    given = {key: [str(folder.resolve()), detector_digest(card)] for key, (folder, card) in detectors.items()}
    return Work("core.results.clip_worker:ClipWorker", {"detectors": given})


def clip_item(path: str, file: Path, *, keys: list[str], measure: bool) -> Item:
    """Return a clip as an item: the keys of the parts that lack its scores, and whether it is to be measured."""
    return {"path": path, "file": str(file), "keys": keys, "measure": measure}


class ClipWorker:
    """Decodes, scores and measures clips; its detectors are loaded once.

    Parameters
    ----------
    detectors : dict
        As ``clip_work`` gives them.

    Raises
    ------
    CheckpointError
        When one is damaged, or is no longer what it was when the work began.
    """

    def __init__(self, detectors: dict[str, list[str]]) -> None:
        self._detectors = {key: _load(folder, digest) for key, (folder, digest) in detectors.items()}

    def fetch(self, item: Item) -> Clip | AudioError:
        """Return a clip, decoded in a killable child; or the reason why there is none."""
        from core.audio.decode import decode

        try:
            return decode(Path(item["file"]))
        except AudioError as error:
            return error

    def work(self, item: Item, fetched: Clip | AudioError) -> Item:
        """Return ``problem``, or ``scores``, ``measured`` and ``computed_s``.

        Those are rows by key, what was measured (None where that was not asked for), and the seconds that each detector
        has computed.
        """
        if isinstance(fetched, AudioError):
            return {"problem": str(fetched)}
        chosen = {key: self._detectors[key] for key in item["keys"]}
        scores, computed_s = {}, {}
        for key, detector in chosen.items():
            # Of this thread alone: a busy machine does not lengthen it.
            began = time.thread_time()
            scores[key] = score_row(detector, fetched, detector.score(fetched.waveform))
            computed_s[key] = time.thread_time() - began
        began = time.thread_time()
        measured = measure_clip(fetched.waveform, fetched.record) if item["measure"] else None
        computed_s[CLIP] = time.thread_time() - began
        return {"scores": scores, "measured": measured, "computed_s": computed_s, "sound_s": fetched.duration_s}


def _load(folder: str, digest: str) -> Detector:
    detector = load_detector(folder)
    if detector_digest(detector.card) != digest:
        raise CheckpointError(f"{folder} was changed while clips were scored with it: start again.")
    return detector
