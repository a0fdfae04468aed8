"""One clip's share of the work: its bona fide copy and its spoofs, all finished alike, as files and rows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from core.audio.clip import SAMPLE_RATE
from core.corpus.reader import Row
from core.errors import SpoofscopeError
from core.files import sha256_bytes
from trainers.spoofing.base import SYSTEMS, Resynthesis, System, TextToSpeech, Wave, resynthesise
from trainers.spoofing.path import draw_level_db, finished, flac_bytes, with_silence

__all__ = ["Job", "Made", "make"]


@dataclass(frozen=True)
class Job:
    """What is to be made of one piece of a recording.

    Attributes
    ----------
    name : str
        Of the piece, without a suffix.
    source : str
        The recording that it is of.
    waveform : ndarray [shape=(n,), float32]
    systems : tuple of str
        That re-synthesise it.
    spoken : tuple of (str, str)
        Systems that speak beside it, each with its text.
    seed : int
    """

    name: str
    source: str
    waveform: Wave
    systems: tuple[str, ...]
    spoken: tuple[tuple[str, str], ...]
    seed: int


@dataclass(frozen=True)
class Made:
    """A file to be written with its row; or, where ``row`` is None, what could not be made and why."""

    what: str
    row: Row | None
    content: bytes = b""
    why: str = ""


def make(job: Job) -> list[Made]:
    """Return the files of a job, the bona fide copy first; without one there are no spoofs of it either."""
    level_db = draw_level_db(_generator(job, "level"))
    made = [_tried(job.name, partial(_bonafide, job, level_db))]
    if made[0].row is not None:
        made += [_tried(f"{job.name} by {name}", partial(_spoof, job, name, level_db)) for name in job.systems]
    made += [_tried(f"a text by {name}", partial(_speech, job, name, text)) for name, text in job.spoken]
    return made


def _tried(what: str, produce: Callable[[], tuple[Row, Wave]]) -> Made:
    """Return what ``produce`` makes as a file, or why it could not: one bad clip must not end the work."""
    try:
        row, waveform = produce()
    except (SpoofscopeError, ValueError, RuntimeError, ArithmeticError) as error:
        return Made(what, None, why=str(error))
    content = flac_bytes(waveform)
    seconds = f"{len(waveform) / SAMPLE_RATE:.3f}"
    return Made(what, row._replace(part="made", seconds=seconds, sha256=sha256_bytes(content)), content)


def _bonafide(job: Job, level_db: float) -> tuple[Row, Wave]:
    row = Row(path=f"bonafide/{job.name}.flac", label="bonafide", source=job.source)
    return row, finished(job.waveform, _generator(job, "bonafide"), level_db=level_db)


def _spoof(job: Job, name: str, level_db: float) -> tuple[Row, Wave]:
    system, rng = _system(name), _generator(job, name)
    assert isinstance(system, Resynthesis)
    spoof = resynthesise(system, job.waveform, rng)
    path = f"spoof/{name}/{job.name}.flac"
    row = Row(path=path, label="spoof", system=name, source=job.source, kind=system.kind)
    return row, finished(spoof, rng, level_db=level_db)


def _speech(job: Job, name: str, text: str) -> tuple[Row, Wave]:
    system, rng = _system(name), _generator(job, f"{name} {text}")
    assert isinstance(system, TextToSpeech)
    speech, voice = system.speak(text, rng)
    source = f"text-{sha256_bytes(text.encode())[:8]}"
    path = f"spoof/{name}/{source}-{sha256_bytes(job.name.encode())[:8]}.flac"
    row = Row(path=path, label="spoof", system=name, source=source, speaker=f"{name}/{voice}", kind=system.kind)
    return row, finished(with_silence(speech), rng, level_db=draw_level_db(rng))


@cache
def _system(name: str) -> System:
    # Kept: a neural codec loads its weights once.
    return SYSTEMS.get(name)()


def _generator(job: Job, what: str) -> np.random.Generator:
    """Return the randomness of one file, the same whatever else is made and by how many workers."""
    return np.random.default_rng((job.seed, int(sha256_bytes(f"{job.name} {what}".encode())[:12], 16)))
