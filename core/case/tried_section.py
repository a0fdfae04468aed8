"""The part of the report on what was tried: whether the verdict holds, and what would change it."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from core.case.folder import Folder
from core.case.layout import part, say, table
from core.case.trials import FLIP, HELD, flip_cells

__all__ = ["tried_part"]

_NOT_TRIED = "It was not tried whether the verdict holds when the recording is processed, nor what would change it."


def tried_part(folder: Folder) -> Markup:
    """Return the part; where nothing was tried it states that."""
    tried = [*_held(folder), *_flip(folder)]
    return part("Does it hold, and what would change it", *(tried or [say("{}", _NOT_TRIED)]))


def _held(folder: Folder) -> Iterator[Markup]:
    if not folder.has(HELD):
        return
    kept = folder.json(HELD)
    yield say("{}", kept["sentence"])
    for warning in dict.fromkeys(each["warning"] for each in kept["processings"] if each["warning"]):
        yield say("{}", warning)
    names = list(next((each["members"] for each in kept["processings"] if each["panel"]), {}))
    columns = ("processed by", "verdict", "P(spoof)", "moved by", *names)
    yield table(columns, (_row(each, names) for each in kept["processings"]), text=(0, 1))
    yield from _scope(folder, kept)


def _row(each: dict[str, Any], names: list[str]) -> tuple[str, ...]:
    moved = each["panel"]
    if moved is None:
        return (f"{each['label']}: not tried, {each['why_not']}", *([""] * (3 + len(names))))
    members = (f"{each['members'][name]['p_spoof_after']:.2f}" for name in names)
    step = f"{moved['p_spoof_after'] - moved['p_spoof_before']:+.2f}"
    return each["label"], moved["verdict_after"], f"{moved['p_spoof_after']:.2f}", step.replace("-", "−"), *members


def _flip(folder: Folder) -> Iterator[Markup]:
    if not folder.has(FLIP):
        return
    from core.robustness.flip import cells_path

    kept, cells = folder.json(FLIP), flip_cells(folder)[:-1]
    yield Markup("<h4>The smallest removal</h4>")
    yield say("{}", kept["sentence"])
    high, wide = cells.shape
    html = (
        '<figure class="cells"><svg viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<path d="{path}"/></svg><figcaption><span>{start:.1f} s</span><span>{label}, of 0 to 8 kHz</span>'
        "<span>{end:.1f} s</span></figcaption></figure>"
    )
    label = f"What was taken out: {100 * kept['area_share']:.0f} % of time and frequency"
    span = {"start": kept["start_s"], "end": kept["end_s"]}
    yield Markup(html).format(w=wide, h=high, label=label, path=cells_path(cells), **span)
    yield from _scope(folder, kept)


def _scope(folder: Folder, kept: dict[str, Any]) -> Iterator[Markup]:
    if kept["end_s"] - kept["start_s"] < folder.duration_s:
        words = "Tried on {:.0f} to {:.0f} s of the recording, around its worst seconds."
        yield say(words, kept["start_s"], kept["end_s"])
