"""Sound for the page: waveforms as 16-bit files in the server's own cache, removed with it."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from core.audio.clip import SAMPLE_RATE

if TYPE_CHECKING:
    from gradio.components import Component

__all__ = ["files_of", "sound_urls", "wav_bytes"]

_ADDRESS = "gradio_api/file="


def wav_bytes(waveform: NDArray[np.float32], *, gain: float = 1.0) -> bytes:
    """Return a waveform [shape=(n,)] as a 16-bit mono WAV at 16 kHz; beyond full scale it is clipped.

    Gradio would set every float waveform to full scale: the quiet rest of a clip would come out as loud
    as the clip itself. 16-bit samples are left as they are.
    """
    samples = np.round(32767 * np.clip(gain * waveform, -1.0, 1.0)).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.tobytes())
    return buffer.getvalue()


def sound_urls(owner: "Component", waveforms: dict[str, NDArray[np.float32]]) -> dict[str, str]:
    """Write waveforms into the cache and return the addresses at which the server gives them out.

    Parameters
    ----------
    owner : Component
        On whose behalf: Gradio removes its files after a while (``delete_cache``).
    waveforms : dict of str to ndarray [shape=(n,), float32]
        All are brought to one level: the loudest sample among them stays within full scale.
    """
    from gradio.processing_utils import save_bytes_to_cache

    peak = max((float(np.abs(waveform).max(initial=0)) for waveform in waveforms.values()), default=0.0)
    gain = 1.0 if peak <= 1.0 else 1.0 / peak
    urls = {}
    for name, waveform in waveforms.items():
        path = save_bytes_to_cache(wav_bytes(waveform, gain=gain), f"{name}.wav", owner.GRADIO_CACHE)
        owner.temp_files.add(path)
        urls[name] = f"{_ADDRESS}{quote(path)}"
    return urls


def files_of(urls: Iterable[str]) -> set[Path]:
    """Return the files that ``sound_urls`` gave these addresses of."""
    return {Path(unquote(url.removeprefix(_ADDRESS))) for url in urls}
