"""An explanation as a picture: the spectrogram in grey, the evidence for spoof in one hue over it."""

import io

import numpy as np
from numpy.typing import NDArray

from core.audio.edit import grid_freqs_hz, grid_times_s, magnitude_db

__all__ = ["overlay_png"]

_SPOOF = "#D55E00"
_FULL = 99.5


def overlay_png(
    waveform: NDArray[np.float32], attribution: NDArray[np.floating], *, title: str, caption: str = ""
) -> bytes:
    """Draw a clip's spectrogram with an attribution over it.

    Parameters
    ----------
    waveform : ndarray [shape=(n,), float32]
        Mono, 16 kHz.
    attribution : ndarray [shape=(257, 1 + n // 160)]
        On the clip's grid; positive = evidence for spoof. Only what is positive is drawn.
    title, caption : str
        Above and below the picture.

    Returns
    -------
    bytes
        A PNG, 1400 pixels wide.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    spectrogram = magnitude_db(waveform)
    times, khz = grid_times_s(spectrogram.shape[1]), grid_freqs_hz() / 1000
    extent = (float(times[0]), float(max(times[-1], 0.01)), float(khz[0]), float(khz[-1]))
    strength = _strength(attribution)
    figure = Figure(figsize=(10, 4.6), dpi=140, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    grey = axes.imshow(spectrogram, origin="lower", aspect="auto", extent=extent, cmap="Greys")
    hue = LinearSegmentedColormap.from_list("evidence", [(*_rgb(_SPOOF), 0.0), (*_rgb(_SPOOF), 0.85)])
    over = axes.imshow(strength, origin="lower", aspect="auto", extent=extent, cmap=hue, vmin=0, vmax=1)
    axes.set_xlabel("time (s)" + (f"\n{_plain(caption)}" if caption else ""))
    axes.set_ylabel("frequency (kHz)")
    axes.set_title(_plain(title), loc="left", fontsize=11)
    figure.colorbar(grey, ax=axes, label="level (dB below the loudest)", pad=0.01)
    figure.colorbar(over, ax=axes, label="evidence for spoof (relative)", pad=0.01)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _strength(attribution: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the evidence for spoof in [0, 1]: the few strongest cells saturate, so that the others are seen."""
    marked = np.maximum(attribution, 0).astype(float)
    if not marked.any():
        return marked
    return np.minimum(marked / np.percentile(marked[marked > 0], _FULL), 1)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _plain(text: str) -> str:
    # A dollar sign in a file's name would start a formula.
    return text.replace("$", r"\$")
