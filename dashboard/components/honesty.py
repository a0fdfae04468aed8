"""How far a map can be trusted, in plain words with the numbers."""

from typing import TYPE_CHECKING

from core.analysis.format import figure, rate
from dashboard.components.markup import Markup, empty, note, term

if TYPE_CHECKING:
    from core.analysis.honesty import Honesty, Stability
    from core.results.maps import Trust

__all__ = ["honesty_text"]

# Procrustes disparity below which two maps have one shape.
_ALIKE = 0.1
_LINE = Markup('<p class="ss-flat"><b>{}</b> {}</p>')


def honesty_text(found: "Trust", title: str) -> Markup:
    """Return what of the neighbourhoods is on a map, what it invents, and whether it comes out the same again.

    Parameters
    ----------
    found : Trust
    title : str
        What the page calls the projection.
    """
    if found.honesty is None:
        return empty("Too few clips to judge a map by.")
    return _kept(found.honesty) + _invented(found.honesty) + _stable(found.stability, title, found.by_halves)


def _kept(found: "Honesty") -> Markup:
    share = rate(found.kept, digits=0)
    what = Markup("of a clip's {} nearest clips in the {} are among its {} nearest here; at random {}. {}").format(
        found.neighbours, term("embedding", "embedding space"), found.neighbours, rate(found.by_chance, digits=1),
        "Look at groups, not at single neighbours." if found.kept < 0.5 else "Most neighbours are true.",
    )  # fmt: skip
    return _LINE.format(share, what)


def _invented(found: "Honesty") -> Markup:
    if found.trustworthiness > 0.95:
        judged = "what lies together here nearly always belongs together"
    elif found.trustworthiness > 0.8:
        judged = "what lies together here mostly belongs together; some neighbours are only in the picture"
    else:
        judged = "many neighbours are only in the picture: believe none of its groups without checking them"
    what = Markup("{}: {} (1 is perfect, about 0.5 is a random map).").format(
        term("trustworthiness", "trustworthiness"), judged
    )
    asked = note(f"Measured on {found.asked:,} clips among {found.among:,}.")
    return _LINE.format(figure(found.trustworthiness), what) + asked


def _stable(found: "Stability | None", title: str, by_halves: bool) -> Markup:
    if found is None:
        return Markup("")
    again = "each from half of the clips" if by_halves else "from two random seeds"
    if found.neighbours_shared > 0.8:
        judged = "its groups are no accident"
    elif found.neighbours_shared > 0.4 or found.disparity < _ALIKE:
        judged = "its large shape comes back, its details do not"
    else:
        judged = "another seed shows another picture" if not by_halves else "other clips show another picture"
    what = Markup("of a clip's nearest clips are the same on two {} maps, {}: {}. {} {}.").format(
        title, again, judged, term("Procrustes", "What differs after turning and scaling"),
        rate(found.disparity, digits=1),
    )  # fmt: skip
    return _LINE.format(rate(found.neighbours_shared, digits=0), what)
