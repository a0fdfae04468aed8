"""Grids as pictures without axes: the spectrogram in grey, and what speaks for spoof in one hue on nothing."""

import io

import numpy as np
from numpy.typing import NDArray

__all__ = ["evidence_png", "level_png", "pixels"]

_FLOOR_DB = -80.0
_SPOOF = (0xD5, 0x5E, 0x00)
# Columns of a picture: more than a page of A4 prints.
_MOST_COLUMNS = 1_600
# The strongest cells saturate, so that the others are seen.
_FULL = 0.997
_LEVELS = 32


def level_png(level_db: NDArray[np.floating]) -> bytes:
    """Return a spectrogram [shape=(bins, frames)] in dB below its loudest cell as a PNG; black is loudest."""
    shown = np.clip(_columns(level_db) / _FLOOR_DB, 0, 1)
    # Few greys compress well, and no eye parts more of them.
    greys = np.round(shown * (_LEVELS - 1)) * (255 / (_LEVELS - 1))
    return _png(np.round(greys[::-1]).astype(np.uint8), "L")


def evidence_png(attribution: NDArray[np.floating]) -> bytes:
    """Return what is positive of an attribution [shape=(bins, frames)] as a PNG: one hue, clear where nothing is."""
    positive = np.maximum(_columns(attribution), 0)
    full = max(float(np.quantile(positive, _FULL)), float(positive.max()) / 4, 1e-12)
    strength = np.minimum(positive / full, 1)
    alpha = np.where(strength < 0.12, 0, np.round(strength * (_LEVELS - 1)) * (230 / (_LEVELS - 1)))
    picture = np.empty((*alpha.shape, 4), np.uint8)
    picture[..., :3], picture[..., 3] = _SPOOF, np.round(alpha)
    return _png(picture[::-1], "RGBA")


def pixels(png: bytes) -> NDArray[np.uint8]:
    """Return a PNG's samples [shape=(height, width) or (height, width, 4)].

    Raises
    ------
    ValueError
        When it is none, or a larger one than is written here.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.width * picture.height > 4 * _MOST_COLUMNS * 257:
                raise ValueError(f"the picture has {picture.width} by {picture.height} pixels")
            return np.asarray(picture)
    except (OSError, SyntaxError) as error:
        raise ValueError(str(error)) from error


def _columns(grid: NDArray[np.floating]) -> NDArray[np.float64]:
    step = -(-grid.shape[1] // _MOST_COLUMNS)
    starts = np.arange(0, grid.shape[1], step)
    return np.add.reduceat(grid.astype(np.float64), starts, axis=1) / np.diff([*starts, grid.shape[1]])


def _png(samples: NDArray[np.uint8], mode: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(samples), mode).save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()
