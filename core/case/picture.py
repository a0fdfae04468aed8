"""The picture of a recording as SVG: level, P(spoof) over time, and the spectrogram with the evidence, on one axis."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from core.case.folder import Folder

__all__ = ["picture_svg"]

_INK, _SOFT, _LINE, _FILL, _SPOOF, _PART = "#171b1f", "#5b646d", "#dfe3e6", "#eceff1", "#a84a00", "#96306f"
_WIDTH, _LEFT, _RIGHT = 760, 56, 12
_LEVEL, _TIME, _GRID, _HEIGHT = (6, 40), (52, 122), (136, 316), 342
_KHZ = 8.0
_MOST_POINTS = 700
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300)
_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
    'aria-label="{label}" font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="11" fill="{ink}">'
    "{inside}</svg>"
)
_LABEL = (
    "Level, P(spoof) over time and spectrogram of the recording, with what speaks for spoof in colour; the table below "
    "holds the same second by second."
)


def picture_svg(folder: Folder) -> Markup:
    """Return the picture; it needs no other file."""
    parts = [*_frames(folder), *_level(folder), *_timeline(folder), *_spectrogram(folder), *_regions(folder)]
    inside = Markup("").join([*parts, *_axis(folder)])
    return _SVG.format(w=_WIDTH, h=_HEIGHT, label=_LABEL, ink=_INK, inside=inside)


def _x(folder: Folder, seconds: float) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * min(1.0, seconds / max(folder.duration_s, 1e-3)), 2)


def _rect(x: float, y: float, width: float, height: float, **more: Any) -> Markup:
    extra = Markup("").join(Markup(' {}="{}"').format(key.replace("_", "-"), value) for key, value in more.items())
    return Markup('<rect x="{}" y="{}" width="{}" height="{}"{}/>').format(
        round(x, 2), round(y, 2), round(max(width, 0), 2), round(max(height, 0), 2), extra
    )


def _text(x: float, y: float, words: object, *, anchor: str = "end", fill: str = _SOFT, weight: str = "400") -> Markup:
    html = '<text x="{}" y="{}" text-anchor="{}" fill="{}" font-weight="{}">{}</text>'
    return Markup(html).format(round(x, 2), round(y, 2), anchor, fill, weight, words)


def _frames(folder: Folder) -> Iterator[Markup]:
    width = _WIDTH - _LEFT - _RIGHT
    yield _rect(_LEFT, _TIME[0], width, _TIME[1] - _TIME[0], fill=_FILL)
    scores = folder.json("scores.json")
    if not folder.has("timeline.csv"):
        # The band of doubt is the panel's, and so is the line where no localiser ships.
        low, high = (1 / (1 + np.exp(scores["decision"][key])) for key in ("bonafide_above", "spoof_below"))
        top, foot = _p(float(high)), _p(float(low))
        yield _rect(_LEFT, top, width, foot - top, fill="#8a929a", fill_opacity=0.25)
    for value, name in ((0, "0"), (0.5, "P(spoof)"), (1, "1")):
        yield _text(_LEFT - 6, _p(value) + 4, name)
    yield Markup('<path d="M{} {}H{}" stroke="{}" stroke-dasharray="2 3" fill="none"/>').format(
        _LEFT, _p(0.5), _WIDTH - _RIGHT, _SOFT
    )
    yield _text(_LEFT - 6, sum(_LEVEL) / 2 + 4, "level")


def _p(value: float) -> float:
    return round(_TIME[1] - (_TIME[1] - _TIME[0]) * value, 2)


def _level(folder: Folder) -> Iterator[Markup]:
    peaks = np.asarray(folder.arrays["peaks"], dtype=float)
    heights = (_LEVEL[1] - _LEVEL[0]) / 2 * peaks / max(float(peaks.max(initial=0)), 1e-9)
    middle, width = sum(_LEVEL) / 2, (_WIDTH - _LEFT - _RIGHT) / len(peaks)
    marks = "".join(
        f"M{_LEFT + width * (place + 0.5):.1f} {middle - height:.1f}V{middle + height:.1f}"
        for place, height in enumerate(heights)
    )
    yield Markup('<path d="{}" stroke="{}" stroke-width="{}" fill="none"/>').format(
        marks, _SOFT, round(0.65 * width, 2)
    )


def _timeline(folder: Folder) -> Iterator[Markup]:
    scores = folder.json("scores.json")
    if scores["verdict"] is None:
        yield _text(_WIDTH / 2, _p(0.5) - 6, "No verdict, and no P(spoof)", anchor="middle")
        return
    found = scores["segments"] if folder.has("timeline.csv") else None
    for one in found["marked"] if found else ():
        start, end = _x(folder, one["start_s"]), _x(folder, one["end_s"])
        yield _rect(start, _TIME[0], end - start, _TIME[1] - _TIME[0], fill="#b5478f", fill_opacity=0.22)
    yield Markup('<path d="{}" stroke="{}" stroke-width="1.4" fill="none" stroke-linejoin="round"/>').format(
        _localised_path(folder, found["hop_s"]) if found else _pieces_path(folder), _INK
    )
    if found:
        limit = _p(float(1 / (1 + np.exp(found["mark_below"]))))
        yield Markup('<path d="M{} {}H{}" stroke="{}" stroke-dasharray="5 3" fill="none"/>').format(
            _LEFT, limit, _WIDTH - _RIGHT, _PART
        )


def _localised_path(folder: Folder, hop_s: float) -> str:
    """Return the line of the highest P(spoof) of each of many short steps, broken at digital silence."""
    steps = folder.table("timeline.csv")
    starts = np.arange(0, len(steps), -(-len(steps) // _MOST_POINTS))
    highest = np.maximum.reduceat(np.nan_to_num(steps[:, 1], nan=-1.0), starts)
    path, pen = [], "M"
    for at, value in zip(steps[starts, 0], highest, strict=True):
        if value < 0:
            pen = "M"
            continue
        path.append(f"{pen}{_x(folder, at + hop_s / 2):.1f} {_p(value):.1f}")
        pen = "L"
    return "".join(path)


def _pieces_path(folder: Folder) -> str:
    return "".join(
        f"M{_x(folder, start)} {_p(p_spoof)}H{_x(folder, end)}" for start, end, _, p_spoof in folder.table("pieces.csv")
    )


def _spectrogram(folder: Folder) -> Iterator[Markup]:
    names = ["spectrogram.png"]
    if folder.has("evidence.png") and folder.json("map.json").get("faithful"):
        names.append("evidence.png")
    top, foot = _GRID
    for name in names:
        coded = base64.b64encode(folder.read(name)).decode()
        yield Markup(
            '<image x="{}" y="{}" width="{}" height="{}" preserveAspectRatio="none" '
            'href="data:image/png;base64,{}"/>'
        ).format(_LEFT, top, _WIDTH - _LEFT - _RIGHT, foot - top, coded)
    yield _rect(_LEFT, top, _WIDTH - _LEFT - _RIGHT, foot - top, fill="none", stroke=_LINE)
    for khz in (0, 2, 4, 6, 8):
        yield _text(_LEFT - 6, _y(1000 * khz) + 4, f"{khz} kHz" if khz == 8 else str(khz))


def _y(hertz: float) -> float:
    return round(_GRID[1] - (_GRID[1] - _GRID[0]) * hertz / (1000 * _KHZ), 2)


def _regions(folder: Folder) -> Iterator[Markup]:
    for number, region in enumerate(folder.json("map.json").get("regions", ()), 1):
        start, end = _x(folder, region["start_s"]), _x(folder, region["end_s"])
        top, foot = _y(region["high_hz"]), _y(region["low_hz"])
        yield _rect(start, top, end - start, foot - top, fill="none", stroke=_SPOOF, stroke_width=1.4)
        yield _rect(start, top, 15, 14, fill=_SPOOF)
        yield _text(start + 7.5, top + 11, number, anchor="middle", fill="#ffffff", weight="700")


def _axis(folder: Folder) -> Iterator[Markup]:
    step = next((each for each in _TICKS if folder.duration_s / each <= 10), _TICKS[-1])
    ticks: NDArray[np.float64] = np.arange(0, folder.duration_s + 1e-9, step)
    for seconds in ticks:
        x = _x(folder, float(seconds))
        yield Markup('<path d="M{} {}v4" stroke="{}"/>').format(x, _GRID[1], _SOFT)
        yield _text(x, _GRID[1] + 16, f"{seconds:g}", anchor="middle")
    yield _text(_WIDTH - _RIGHT, _HEIGHT - 1, "seconds")
