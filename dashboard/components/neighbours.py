"""A clip's nearest clips, in the embedding space and on the map, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.components.markup import Markup, class_word, joined, note, term

if TYPE_CHECKING:
    from core.results.embedded import Neighbours

__all__ = ["INVITATION", "neighbours_text"]

INVITATION = "Click a point: its nearest clips appear here, by the embedding and by the picture."


def neighbours_text(found: "Neighbours", clips: pd.DataFrame, title: str) -> Markup:
    """Return both lists of neighbours and how many clips are in both.

    Parameters
    ----------
    found : Neighbours
    clips : DataFrame
        ``path``, ``label`` and ``what`` of the clips of both lists, by their positions in the run.
    title : str
        What the page calls the projection.
    """
    k = len(found.in_space)
    if not k:
        return note("This run has no other clip.")
    agree = found.agree
    judged = "the picture is right about this clip" if agree > 0.6 * k else "the picture misleads about this clip"
    lead = Markup('<p class="ss-flat"><b>{} of {}</b> are in both lists: {}.</p>').format(
        agree, k, judged if agree > 0.6 * k or agree < 0.3 * k else "the picture is right about some of them"
    )
    both = set(found.in_space.tolist()) & set(found.on_map.tolist())
    space = _list(found.in_space.tolist(), clips, both, [f"{distance:.2f}" for distance in found.distances])
    plane = _list(found.on_map.tolist(), clips, both, [""] * len(found.on_map))
    html = (
        '<div class="ss-two ss-close"><div><h3 class="ss-h3">In the {}</h3>{}</div>'
        '<div><h3 class="ss-h3">On the {} map</h3>{}</div></div>'
    )
    about = note(Markup("Distances: 1 is how far two clips of the run usually are. In both lists: bold."))
    return lead + Markup(html).format(term("embedding", "embedding space"), space, title, plane) + about


def _list(at: Sequence[int], clips: pd.DataFrame, both: set[int], asides: Sequence[str]) -> Markup:
    html = '<ol class="ss-near">{}</ol>'
    return Markup(html).format(joined(
        _item(str(clips.at[one, "path"]), str(clips.at[one, "label"]), str(clips.at[one, "what"]), one in both, aside)
        for one, aside in zip(at, asides, strict=True)
    ))  # fmt: skip


def _item(path: str, label: str, what: str, shared: bool, aside: str) -> Markup:
    html = (
        '<li data-value="{}" title="{}"><button type="button" class="ss-play" data-value="{}" aria-label="Play {}">▶'
        "</button> {} {} <small>{}</small></li>"
    )
    shown = Markup("<b>{}</b>").format(what) if shared else Markup("{}").format(what)
    word = class_word(label, brief=True) if label in ("bonafide", "spoof") else Markup("")
    return Markup(html).format(path, path, path, path, word, shown, aside)
