"""What scoring a corpus needs, worked out before it starts: space on the disk, and about how much time."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ResultsError
from core.files import write_json
from core.paths import cache_folder

__all__ = ["CLIP", "Needs", "check_space", "known_costs", "remember_costs"]

CLIP = "clip"
"""The name under which the cost of decoding and measuring is kept, beside the digests of detectors."""

# Seconds of computing for a second of sound, of a detector that was not timed on this machine yet, and of the clip.
_COST, _CLIP_COST = 0.02, 0.006
# To start workers, each of which loads its detectors.
_START_S = 3.0
# A clip of which no length is known.
_CLIP_S = 5.0
_WINDOW_S = 2.0
# Bytes: of a clip's row in all tables and journals, of a score, of a window in table and journal.
_ROW, _SCORE, _WINDOW = 700, 150, 90
# An embedding stands in its journal, as text, until its part is written.
_AS_TEXT = 4 / 3


@dataclass(frozen=True)
class Needs:
    """What a scoring needs.

    Attributes
    ----------
    clips, detectors : int
        Clips that lack something, and detectors that lack scores.
    sound_s : float
        Seconds of sound; ``assumed`` where some lengths are not in the manifest.
    assumed : bool
    bytes : int
        At most, while it is under way.
    free : int
        Bytes that the disk has left.
    folder : Path
        Of the run.
    time_s : float
        Seconds, by what detectors have taken on this machine; by the mean of those that ship where ``guessed``.
    guessed : bool
    workers : int
    """

    clips: int
    detectors: int
    sound_s: float
    assumed: bool
    bytes: int
    free: int
    folder: Path
    time_s: float
    guessed: bool
    workers: int

    @property
    def text(self) -> str:
        """One sentence for a person."""
        sound = f"{_time(self.sound_s)} of sound{' (lengths assumed)' if self.assumed else ''}"
        cores = f"{self.workers} core{'' if self.workers == 1 else 's'}"
        time = f"{'roughly' if self.guessed or self.assumed else 'about'} {_time(self.time_s)} on {cores}"
        space = f"at most {_size(self.bytes)} in {self.folder}, where {_size(self.free)} are free"
        names = f"{self.detectors} detector{'' if self.detectors == 1 else 's'}"
        return f"{self.clips:,} clip{'' if self.clips == 1 else 's'}, {sound}, {names}: {time}; {space}."

    @classmethod
    def of(
        cls, seconds: list[float], dims: Mapping[str, int], folder: Path, *, half: int | None, workers: int
    ) -> "Needs":
        """Work out what is needed.

        Parameters
        ----------
        seconds : list of float
            Of each clip that lacks something; NaN where it is not known.
        dims : mapping of str to int
            Width of the embedding of each detector that lacks scores, by the detector's digest; 0 where not known.
        folder : Path
            Of the run.
        half : int or None
            To how many dimensions wider embeddings are reduced, in half precision; None where they are kept whole.
        workers : int
        """
        known = [each for each in seconds if each == each]
        usual = sum(known) / len(known) if known else _CLIP_S
        sound_s = sum(known) + usual * (len(seconds) - len(known))
        costs = known_costs()
        cost = costs.get(CLIP, _CLIP_COST) + sum(costs.get(digest, _COST) for digest in dims)
        workers = max(1, min(workers, len(seconds)))
        windows = sum(max(1.0, each / _WINDOW_S) for each in known) + (len(seconds) - len(known)) * usual / _WINDOW_S
        return cls(
            clips=len(seconds), detectors=len(dims), sound_s=sound_s, assumed=len(known) < len(seconds),
            bytes=round(len(seconds) * (_ROW + sum(map(_embedding, dims.values(), [half] * len(dims))))
                        + windows * _WINDOW * len(dims)),
            free=shutil.disk_usage(_existing(folder)).free, folder=folder,
            time_s=_START_S + cost * sound_s / workers, guessed=not set(dims) <= costs.keys(), workers=workers,
        )  # fmt: skip


def _embedding(width: int, half: int | None) -> float:
    width = width or 1024
    kept = 4 * width if half is None else 2 * min(width, half)
    return _SCORE + 4 * width * _AS_TEXT + kept


def check_space(needs: Needs) -> None:
    """See that there is room.

    Raises
    ------
    ResultsError
        When the disk is too small.
    """
    if needs.bytes > needs.free:
        raise ResultsError(
            f"The scores of {needs.clips:,} clips need up to {_size(needs.bytes)}, and {needs.folder} has "
            f"{_size(needs.free)} left: choose another folder with --output, keep smaller embeddings with "
            "--embedding-dims, or make room."
        )


def known_costs() -> dict[str, float]:
    """Return the seconds of computing for a second of sound, by a detector's digest, as measured on this machine."""
    try:
        stored = json.loads(_file().read_bytes().decode())
    except (OSError, ValueError):
        return {}
    return {str(k): float(v) for k, v in stored.items()} if isinstance(stored, dict) else {}


def remember_costs(computed_s: Mapping[str, float], sound_s: float) -> None:
    """Keep what detectors took for so much sound, for the next estimate."""
    if sound_s <= 0:
        return
    try:
        write_json(_file(), {**known_costs(), **{name: s / sound_s for name, s in computed_s.items()}})
    except OSError:
        # A cache that cannot be written to costs nothing but the estimate.
        return


def _file() -> Path:
    return cache_folder() / "costs.json"


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.is_dir())


def _size(n: float) -> str:
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{max(n / 1e6, 0.1):.1f} MB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
