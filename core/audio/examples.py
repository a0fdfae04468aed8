"""Examples to begin with: real recordings at hand, spoofs made from them when first asked for, and a neural voice."""

import importlib.util
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE
from core.audio.decode import decode
from core.audio.resynthesis import griffin_lim, world_shift
from core.files import sha256_bytes, sha256_file, write_bytes

__all__ = ["Example", "example_clips"]

MAX_SECONDS = 10

Maker = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Example:
    """A clip to try.

    Attributes
    ----------
    name : str
        What to show.
    label : {'bonafide', 'spoof'}
        What it is.
    how : str
        Where it comes from, or how it was made.
    path : Path
        A FLAC file, mono, 16 kHz, of at most 10 s.
    """

    name: str
    label: Literal["bonafide", "spoof"]
    how: str
    path: Path


@dataclass(frozen=True)
class _Recording:
    file: str
    name: str
    how: str


# Of the audio that Gradio's package ships, these three hold speech; the others are music, tones and noise.
_WOMAN_1 = _Recording(
    "cate_blanch.mp3", "Woman, film dialogue 1", "actor's voice from a film, MP3 64 kbit/s at 32 kHz, from Gradio"
)
_WOMAN_2 = _Recording(
    "cate_blanch_2.mp3", "Woman, film dialogue 2", "actor's voice from a film, MP3 64 kbit/s at 32 kHz, from Gradio"
)
_MAN = _Recording(
    "heath_ledger.mp3", "Man, film dialogue", "actor's voice from a film, MP3 64 kbit/s at 32 kHz, from Gradio"
)

_GRIFFIN_LIM = (
    "Griffin-Lim",
    "re-synthesised: 80 mel bands, 32 Griffin-Lim iterations",
    partial(griffin_lim, n_mels=80, iterations=32),
)
_HIGHER = (
    "higher voice",
    "re-synthesised with WORLD: pitch × 1.30, formants × 1.12",
    partial(world_shift, pitch=1.30, formants=1.12),
)
_LOWER = (
    "lower voice",
    "re-synthesised with WORLD: pitch × 0.70, formants × 0.88",
    partial(world_shift, pitch=0.70, formants=0.88),
)
_SPOOFS: tuple[tuple[_Recording, tuple[str, str, Maker]], ...] = (
    (_WOMAN_1, _GRIFFIN_LIM),
    (_MAN, _GRIFFIN_LIM),
    (_WOMAN_2, _LOWER),
    (_MAN, _HIGHER),
)

# The first three sentences of ``trainers.spoofing.texts`` by its system ``kokoro``, seeds 0 to 2: voices of today that
# no recording at hand can be turned into. The panel is not asked which of them ship.
_SPOKEN = tuple((Path(__file__).parent / "spoken").glob("*.flac"))
_KOKORO = "spoken by Kokoro-82M, a neural text-to-speech system of 2025, from text alone: the voice of no person"

_making = threading.Lock()


def example_clips(cache_dir: Path) -> list[Example]:
    """Return the examples, bona fide first; those not in ``cache_dir`` yet are made and written there.

    Making all of them takes some seconds, once; the files are the same every time.

    Parameters
    ----------
    cache_dir : Path
        Where the FLAC files live; created when needed.

    Returns
    -------
    list of Example
        Three recordings, four spoofs made of them and three by a neural voice; those whose recording is not installed
        are left out.

    Raises
    ------
    AudioError
        When a recording cannot be decoded.
    """
    sources = _source_folder()
    if sources is None:
        return []
    with _making:
        real = [
            Example(one.name, "bonafide", one.how, _made(sources / one.file, cache_dir, "recording", None))
            for one in (_WOMAN_1, _WOMAN_2, _MAN)
            if (sources / one.file).is_file()
        ]
        spoofs = [
            Example(f"{one.name}: {word}", "spoof", how, _made(sources / one.file, cache_dir, how, maker))
            for one, (word, how, maker) in _SPOOFS
            if (sources / one.file).is_file()
        ]
    spoken = [
        Example(f"Neural voice {number}", "spoof", _KOKORO, path)
        for number, path in enumerate(sorted(_SPOKEN), start=1)
    ]
    return real + spoofs + spoken


def _source_folder() -> Path | None:
    # Found without importing it: Gradio takes seconds to load.
    found = importlib.util.find_spec("gradio")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "media_assets" / "audio"


def _made(source: Path, cache_dir: Path, how: str, maker: Maker | None) -> Path:
    # The name holds source and recipe: a change of either makes a new file.
    digest = sha256_bytes(f"{sha256_file(source)} {how}".encode())[:12]
    path = cache_dir / "examples" / f"{source.stem}-{digest}.flac"
    if path.is_file():
        return path
    waveform = decode(source).waveform[: MAX_SECONDS * SAMPLE_RATE]
    made = waveform if maker is None else maker(waveform)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(made, -1.0, 1.0), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    write_bytes(path, buffer.getvalue())
    return path
