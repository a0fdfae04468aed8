"""What the tab Map shows: a cloud of points from a run, a detector, a projection and what a person asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analysis.regions import Window, inside
from core.errors import SpoofscopeError
from core.results import maps
from core.results.colouring import CLUSTER, P_SPOOF, Groups, Scale, called_wrongly, coloured_by
from core.results.embedded import has_embeddings
from core.results.grouping import AUTO, Clusters, clusters
from core.results.queries import detectors, members
from core.results.selection import Picked
from dashboard.plots.map import CHOSEN, Cloud, Marked, hues_of

if TYPE_CHECKING:
    from core.results.maps import Layout
    from core.results.store import Run
    from dashboard.context import Context

__all__ = [
    "BY_SILHOUETTE", "KS", "PLACING", "Asked", "Laid", "View", "clip_words", "cloud_of", "laid_out", "newcomer_of",
    "on_show", "placing", "positions_of", "region",
]  # fmt: skip

#: How the number of clusters is chosen.
BY_SILHOUETTE = "by silhouette"
KS = (BY_SILHOUETTE, *(str(k) for k in range(2, 21)))
#: How the sentence on a recording ends that has no place yet.
PLACING = "is being placed."
_HOVERED = 20_000
# Longer than it takes to read a map from the cache.
_AT_HAND_S = 0.4


@dataclass(frozen=True)
class Asked:
    """What a person has chosen on the tab.

    Attributes
    ----------
    detector, method : str
        Whose embeddings, and the projection's name.
    colour : str
        One of ``core.results.colouring.colourings``.
    wanted : sequence of str
        Groups in colour.
    grouping : str
        How clips are clustered.
    k : str
        One of ``KS``.
    """

    detector: str
    method: str
    colour: str
    wanted: Sequence[str]
    grouping: str
    k: str

    def clusters(self, run: "Run") -> Clusters:
        """Return the clusters of all clips of a run."""
        k = int(self.k) if str(self.k).isdecimal() else AUTO
        return clusters(run.whole, self.detector, self.grouping, k)


@dataclass(frozen=True)
class View:
    """How a person looks at the map: what dragging does, what is switched off, and the window of which map.

    Attributes
    ----------
    drag : str
    hidden : tuple of str
    window : Window or None
    of : str
        The map that the window belongs to (``Laid.key``); on another one it means nothing.
    """

    drag: str = "lasso"
    hidden: tuple[str, ...] = ()
    window: Window | None = None
    of: str = ""

    def on(self, key: str) -> Window | None:
        """Return the window on this map."""
        return self.window if key == self.of else None


@dataclass(frozen=True, eq=False)
class Laid:
    """The map that can be drawn now, and what is known of the one that was asked for.

    Attributes
    ----------
    layout : Layout
        PCA's where the one asked for is not there yet, or failed.
    asked : str
        The projection that was asked for.
    waiting : str
        How far that is, in words; "" where it is there, or failed.
    failed : str
        Why it is not there, in words.
    """

    layout: "Layout"
    asked: str
    waiting: str = ""
    failed: str = ""

    @property
    def key(self) -> str:
        """The map that is drawn: its detector and its projection."""
        return f"{self.layout.detector} {self.layout.method}"


def placing(run: "Run") -> list[str]:
    """Return the detectors that can place a run's clips: members of the panel first, the best of them first.

    Where detectors cannot be told apart by their errors, for want of labels, they come by name.
    """
    order = [*members(run.whole), *detectors(run.whole)]
    return [name for name in dict.fromkeys(order) if has_embeddings(run.whole, name)]


def laid_out(run: "Run", detector: str, method: str) -> Laid:
    """Return the map to draw now; what is not at hand begins in the background.

    Raises
    ------
    ResultsError, ProjectionError
        When the clips cannot be placed at all.
    """
    at_once = maps.instant(run.whole, detector)
    if method == maps.DEFAULT:
        return Laid(at_once, method)
    task = maps.begin(run.whole, detector, method)
    try:
        return Laid(task.result(_AT_HAND_S), method)
    except TimeoutError:
        return Laid(at_once, method, waiting=_progress(maps.titles()[method], task.progress.taken_s, task.progress))
    except SpoofscopeError as error:
        return Laid(at_once, method, failed=str(error))


def _progress(title: str, taken_s: float, progress: Any) -> str:
    placed = f", {progress.done:,} of {progress.total:,} clips placed" if progress.done else ""
    return (
        f"{title} is being laid out ({taken_s:.0f} s{placed}); the first one takes up to a minute, then it is kept. "
        f"{maps.titles()[maps.DEFAULT]} is shown meanwhile."
    )


def cloud_of(run: "Run", laid: Laid, asked: Asked, *, path: str = "", newcomer: Marked | None = None) -> Cloud:
    """Return what is drawn: all clips of the run, the selected ones standing out.

    Parameters
    ----------
    run : Run
        The selected clips.
    laid : Laid
    asked : Asked
    path : str
        Of the clip that is ringed.
    newcomer : Marked, optional
        A recording that is not of the run.

    Raises
    ------
    ResultsError, ProjectionError
        When the clusters, or the column, that it is to be coloured by cannot be had.
    """
    whole, plane = run.whole, laid.layout.plane
    selected = None
    if run is not whole:
        selected = np.zeros(len(whole), bool)
        selected[run.positions] = True
    colours = _colours(run, asked)
    at = positions_of(whole, path) if path else np.arange(0)
    x, y = plane[at[0]].tolist() if len(at) else (float("nan"), float("nan"))
    marked = [Marked(x, y, CHOSEN), *([] if newcomer is None else [newcomer])]
    return Cloud(
        plane, laid.layout.axes, whole.real, whole.fake, colours, asked.colour, called_wrongly(whole, asked.detector),
        selected, _hover(whole, asked.detector) if len(whole) <= _HOVERED else None, marked,
    )  # fmt: skip


def _colours(run: "Run", asked: Asked) -> Groups | Scale:
    if asked.colour == CLUSTER:
        return asked.clusters(run).groups
    return coloured_by(run.whole, asked.detector, asked.colour)


def positions_of(run: "Run", path: str) -> NDArray[np.intp]:
    """Return where a clip of this path stands in a run [shape=(0 or 1,)]."""
    place = run.place(path)
    return np.arange(0) if place is None else np.array([place])


def clip_words(run: "Run", at: NDArray[np.integer]) -> list[str]:
    """Return what clips are in a few words: who or what spoke, and from which recording, or the file's name."""
    known = [name for name in ("system", "label", "source", "speaker") if name in run.columns]
    clips = run.rows(at, ["path", *known])
    maker = clips.get("system", pd.Series("", index=clips.index)).where(~run.real[at], "bona fide")
    rest = clips.get("source", clips["path"].str.rsplit("/", n=1).str[-1])
    return [f"{made} · {name}" if made and made != "-" else str(name) for made, name in zip(maker, rest, strict=True)]


def _hover(run: "Run", detector: str) -> NDArray[np.object_]:
    scale = coloured_by(run, detector, P_SPOOF)
    assert isinstance(scale, Scale)
    words = clip_words(run, np.arange(len(run)))
    return np.array([f"{word} · P(spoof) {p:.2f}" for word, p in zip(words, scale.values, strict=True)], dtype=object)


def region(
    run: "Run", laid: Laid, asked: Asked, view: View, corners: Mapping[str, Sequence[float]]
) -> Picked | None:  # fmt: skip
    """Return the clips within a lasso or a box, but for groups that are switched off; None where there are none.

    Parameters
    ----------
    run : Run
        With all its clips.
    laid : Laid
    asked : Asked
    view : View
    corners : mapping
        ``x`` and ``y``, from the browser.
    """
    try:
        found = inside(laid.layout.plane, [float(x) for x in corners["x"]], [float(y) for y in corners["y"]])
    except (KeyError, TypeError, ValueError):
        return None
    found &= _switched_on(run, asked, view.hidden)
    at = np.flatnonzero(found)
    return Picked.of(run, at) if len(at) else None


def _switched_on(run: "Run", asked: Asked, hidden: Sequence[str]) -> NDArray[np.bool_]:
    on = np.ones(len(run), bool)
    if not hidden:
        return on
    colours = _colours(run, asked)
    if isinstance(colours, Groups):
        shown = hues_of(colours, asked.colour, asked.wanted, False)
        return ~np.isin(colours.codes, [code for name, codes, _ in shown if name in hidden for code in codes])
    on &= ~run.real if "bona fide" in hidden else on
    on &= ~run.fake if "spoof" in hidden else on
    return on


def newcomer_of(context: "Context", ticket: str, run: "Run", laid: Laid) -> tuple[Marked | None, str]:
    """Return where the visitor's recording lies on the map, and a sentence on it.

    None, and "" or why, where there is none, the detector has not scored it, or it is not placed yet.
    """
    recording = context.resources.visits.current(ticket)
    if recording is None or recording.analysis is None or recording.is_example:
        return None, ""
    detector = laid.layout.detector
    score = recording.analysis.detectors.get(detector)
    if score is None:
        return None, f"{recording.name} is not placed: {detector} has not scored it."
    if context.panel.card(detector).sha256 != run.manifest["detectors"][detector].get("weights_sha256"):
        return None, f"{recording.name} is not placed: this run was scored by another {detector} than this page has."
    try:
        task = maps.place(run.whole, detector, laid.layout.method, score.embedding)
        if task is None:
            return None, f"{recording.name} is not placed: the run keeps too little of {detector} for that."
        x, y = task.result(_AT_HAND_S)[0].tolist()
    except TimeoutError:
        return None, f"{recording.name} {PLACING}"
    except SpoofscopeError as error:
        return None, str(error)
    return Marked(x, y, recording.name, "star"), f"★ is {recording.name}; nothing else moved."


def on_show(drawn: str | None) -> tuple[str, str, str]:
    """Return projection, detector and run of the map on show, by its text; "" where there is none."""
    method, detector, rest = [*(drawn or "").split("\n"), "", "", ""][:3]
    return method, detector, rest
