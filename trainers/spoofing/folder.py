"""From a folder of bona fide recordings to a corpus: every clip beside its spoofs, split by source."""

import logging
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from core.audio.clip import Clip
from core.audio.decode_ahead import decode_ahead
from core.corpus.manifest import manifest_csv
from core.corpus.reader import Row
from core.corpus.splits import split_by_source
from core.corpus.tree import Tree
from core.errors import AudioError
from core.files import atomic_folder, sha256_bytes, write_bytes, write_json
from trainers.spoofing.base import SYSTEMS, SpoofingError, TextToSpeech
from trainers.spoofing.job import Job, Made, make
from trainers.spoofing.path import MIN_S, pieces
from trainers.spoofing.texts import SENTENCES

__all__ = ["RECORD", "Outcome", "Settings", "choose_systems", "spoof_folder"]

RECORD = "spoofing.json"
_EVERY = 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What decides the corpus, but for the recordings.

    Attributes
    ----------
    systems : tuple of str
        That make spoofs.
    per_clip : int
        How many re-synthesised spoofs each clip gets.
    seed : int
    longest_s : float
        Recordings longer than this are cut into equal pieces.
    texts : tuple of str
        For text-to-speech.
    dataset, licence : str
        For the manifest.
    """

    systems: tuple[str, ...]
    per_clip: int = 2
    seed: int = 1234
    longest_s: float = 8.0
    texts: tuple[str, ...] = SENTENCES
    dataset: str = "-"
    licence: str = "-"


class Skipped(NamedTuple):
    """A recording, or a spoof of one, that is not in the corpus, and why."""

    what: str
    why: str


@dataclass
class Outcome:
    """The rows of the manifest, and what is not among them."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, what: str, why: str) -> None:
        """List what is left out, and log it at once: it may be why the work fails in the end."""
        self.skipped.append(Skipped(what, why))
        _LOG.info("left out: %s: %s", "".join(sign if sign.isprintable() else "\ufffd" for sign in what), why)


def choose_systems(names: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the systems to use, and of the others what they miss.

    Parameters
    ----------
    names : iterable of str
        Asked for by name; none of them for all that can run here.

    Raises
    ------
    UnknownNameError
        When a name is not that of a system.
    SpoofingError
        When a system that was asked for cannot run here.
    """
    asked = tuple(dict.fromkeys(names))
    missing = {name: SYSTEMS.get(name)().absent() for name in asked or SYSTEMS.names()}
    absent = {name: why for name, why in missing.items() if why}
    if asked and absent:
        raise SpoofingError("; ".join(f"{name} cannot run here: {why}" for name, why in absent.items()) + ".")
    return tuple(name for name in missing if name not in absent), absent


def spoof_folder(folder: Path, out: Path, settings: Settings, *, workers: int = 1, overwrite: bool = False) -> Outcome:
    """Write a corpus of a folder's recordings and spoofs of them.

    ``out`` appears when everything in it is written, with ``manifest.csv`` and a record of how it was made; until then,
    and when this fails, nothing is there, or what was there before.

    Parameters
    ----------
    folder : Path
        Bona fide recordings, at any depth.
    out : Path
        The corpus' folder, outside of ``folder``.
    settings : Settings
    workers : int
        Processes that make spoofs.
    overwrite : bool
        Replace a corpus that was made here before.

    Raises
    ------
    SpoofingError
        When there are fewer than three usable recordings, one for each split, or the place is taken.
    """
    tree = Tree(folder)
    _check_place(folder, out, overwrite=overwrite)
    for warning in tree.warnings():
        _LOG.warning("%s", warning)
    if len(tree.audio) < 3:
        raise SpoofingError(
            f"{folder} has {len(tree.audio)} recordings: at least three are needed, one for each split."
        )
    outcome = Outcome()
    with atomic_folder(out, overwrite=overwrite) as temporary:
        for made in _run(_jobs(tree, settings, outcome), workers):
            if made.row is None:
                outcome.skip(made.what, made.why)
                continue
            (temporary / made.row.path).parent.mkdir(parents=True, exist_ok=True)
            (temporary / made.row.path).write_bytes(made.content)
            outcome.rows.append(made.row._replace(dataset=settings.dataset, licence=settings.licence))
        outcome.rows = _with_splits(outcome.rows)
        write_bytes(temporary / "manifest.csv", manifest_csv(outcome.rows))
        write_json(temporary / RECORD, _record(settings, outcome))
    return outcome


def _check_place(folder: Path, out: Path, *, overwrite: bool) -> None:
    here, there = folder.resolve(), out.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise SpoofingError(f"{out} and {folder} lie in one another: spoofs would be taken for recordings next time.")
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not overwrite:
        raise SpoofingError(f"{out} exists already: choose another folder, or replace it with --overwrite.")
    if not (out / RECORD).is_file():
        raise SpoofingError(f"{out} was not made by this command (it has no {RECORD}): it is not overwritten.")


def _jobs(tree: Tree, settings: Settings, outcome: Outcome) -> Iterator[Job]:
    """Yield a job for each piece of each recording; systems take turns."""
    speakers = [name for name in settings.systems if issubclass(SYSTEMS.get(name), TextToSpeech)]
    others = [name for name in settings.systems if name not in speakers]
    count = 0
    for path, clip in _recordings(tree, outcome):
        source = _source(path, clip)
        for place, piece in enumerate(pieces(clip.waveform, longest_s=settings.longest_s)):
            text = settings.texts[count % len(settings.texts)]
            yield Job(
                name=f"{source}-{place:02d}", source=source, waveform=piece, seed=settings.seed,
                systems=_turn(others, count * settings.per_clip, settings.per_clip),
                spoken=tuple((name, text) for name in _turn(speakers, count, 1)),
            )  # fmt: skip
            count += 1


def _recordings(tree: Tree, outcome: Outcome) -> Iterator[tuple[str, Clip]]:
    """Yield the recordings that can be used, each once."""
    root = tree.root.resolve()
    known: dict[str, str] = {}
    # A link within the root is followed: the decoder refuses links.
    files = ((path, (root / path).resolve()) for path in tree.audio)
    for number, (path, clip) in enumerate(decode_ahead(files), 1):
        if isinstance(clip, AudioError):
            outcome.skip(path, str(clip))
        elif fault := _fault(path, clip, known):
            outcome.skip(path, fault)
        else:
            if clip.record.dropped_s > 0:
                outcome.skip(path, f"its last {clip.record.dropped_s:.0f} s were not read")
            yield path, clip
        if number % _EVERY == 0 or number == len(tree.audio):
            _LOG.info("%d of %d recordings", number, len(tree.audio))


def _fault(path: str, clip: Clip, known: dict[str, str]) -> str:
    """Return why a recording is not used, or an empty string; ``known`` has the first of each that was."""
    if clip.duration_s < MIN_S:
        return f"it has {clip.duration_s:.2f} s, and {MIN_S:g} s are needed"
    twin = known.setdefault(_digest(clip), path)
    return "" if twin == path else f"it sounds the same as {twin}"


def _digest(clip: Clip) -> str:
    samples = np.rint(np.clip(clip.waveform, -1, 1) * 32767).astype("<i2")
    return sha256_bytes(samples.tobytes())


def _source(path: str, clip: Clip) -> str:
    # By its name, so that a person knows it again, and its content, so that no two recordings share it.
    plain = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(path).stem.lower()).strip("-")[:40]
    return f"{plain or 'recording'}-{_digest(clip)[:8]}"


def _turn(names: list[str], start: int, count: int) -> tuple[str, ...]:
    """Return ``count`` names from ``start`` on, round and round, none twice."""
    return tuple(names[(start + i) % len(names)] for i in range(min(count, len(names))))


def _run(jobs: Iterable[Job], workers: int) -> Iterator[Made]:
    if workers <= 1:
        for job in jobs:
            yield from make(job)
        return
    # Spawned: a fork would copy the decoder's threads in the midst of their work.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_single_thread) as pool:
        waiting: deque[Future[list[Made]]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(make, job))
                if len(waiting) > 2 * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _single_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _with_splits(rows: list[Row]) -> list[Row]:
    """Return the rows with a split each: recordings and texts apart, so that every split has both."""
    recordings = split_by_source(row.source for row in rows if row.kind != "tts")
    if len(recordings) < 3:
        raise SpoofingError(f"Only {len(recordings)} recordings can be used: three are needed, one for each split.")
    splits = split_by_source(row.source for row in rows if row.kind == "tts") | recordings
    return [row._replace(split=splits[row.source]) for row in rows]


def _record(settings: Settings, outcome: Outcome) -> dict[str, object]:
    return {
        "systems": list(settings.systems), "per_clip": settings.per_clip, "seed": settings.seed,
        "longest_s": settings.longest_s, "texts": list(settings.texts), "clips": len(outcome.rows),
        "skipped": [skipped._asdict() for skipped in outcome.skipped],
    }  # fmt: skip
