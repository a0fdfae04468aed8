"""What happens on the tab Map: the map at once, and then, one by one, what is known about it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from core.analysis.calibration import p_spoof
from core.analysis.regions import Window
from core.errors import SpoofscopeError
from core.files import sha256_bytes
from core.results import maps
from core.results.colouring import CLUSTER, Groups, colourings, group_columns
from core.results.embedded import embedded
from core.results.grouping import matched
from core.results.picked import picked
from dashboard.components.clip_dock import show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.honesty import honesty_text
from dashboard.components.markup import Markup, card, empty, loading, note, problem, term
from dashboard.components.neighbours import INVITATION as NEAR_INVITATION
from dashboard.components.neighbours import neighbours_text
from dashboard.components.pager import PAGE_ROWS, turned
from dashboard.components.picked import INVITATION, picked_rows, picked_text
from dashboard.components.reference import kept
from dashboard.mapping import (
    PLACING,
    Asked,
    Laid,
    View,
    clip_words,
    cloud_of,
    laid_out,
    newcomer_of,
    placing,
    positions_of,
    region,
)
from dashboard.plots.frame import message
from dashboard.plots.map import MOST, MOST_POINTS, Cloud, is_dense, map_figure, word_of

if TYPE_CHECKING:
    from core.results.selection import Picked
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["HEIGHT", "MapTab"]

HEIGHT = 680
_NEIGHBOURS = 10
_LISTED = ("system", "kind", "speaker", "source")
_AT_HAND_S = 0.4
_OUTPUTS = 10
_SKIP = (gr.skip(),) * _OUTPUTS
_ABSENT = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


class MapTab:
    """The tab's handlers.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: "Context") -> None:
        self.context = context
        self._warmed = False

    # -- the map ---------------------------------------------------------------------------------------------

    def draw(
        self, dark: bool, choice: str, selection: str, ticket: str, who: str | None, how: str, tint: str,
        wanted: Sequence[str], grouping: str, k: str, view: View, path: str | None,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """Draw the map; before that, a word of what takes long."""
        run = self.context.selected(choice, selection)
        assert run is not None
        if not (names := placing(run)):
            yield (_no_embeddings(run), *self._without("", dark), *_SKIP[3:])
            return
        who = who if who in names else names[0]
        known = colourings(run.whole)
        asked = Asked(who, how, tint if tint in known else known[0], wanted or (), grouping, k)
        if asked.colour == CLUSTER:
            yield (gr.skip(), loading("Finding clusters."), *_SKIP[2:])
        try:
            yield self._drawn(run, asked, view, path or "", ticket, selection, dark, names)
            self._warm(run, who)
        except SpoofscopeError as error:
            names_now = gr.Dropdown(choices=names, value=who)
            yield (lead_text(run, who, how), *self._without(str(error), dark), names_now, *_SKIP[4:])

    def _drawn(
        self, run: "Run", asked: Asked, view: View, path: str, ticket: str, selection: str, dark: bool,
        names: Sequence[str],
    ) -> tuple[Any, ...]:  # fmt: skip
        laid = laid_out(run, asked.detector, asked.method)
        newcomer, about = newcomer_of(self.context, ticket, run, laid)
        cloud = cloud_of(run, laid, asked, path=path, newcomer=newcomer)
        window = view.on(laid.key)
        figure = map_figure(
            cloud, dark=dark, height=HEIGHT, window=window, drag=view.drag, wanted=asked.wanted, hidden=view.hidden,
        )  # fmt: skip
        words = [word_of(name, asked.colour) for name in cloud.colours.names[:500]] if isinstance(
            cloud.colours, Groups) else []  # fmt: skip
        is_waiting = bool(laid.waiting) or _is_placing(about)
        drawn = f"{laid.layout.method}\n{laid.layout.detector}\n{run.whole.key}{sha256_bytes(selection.encode())[:12]}"
        return (
            lead_text(run, asked.detector, laid.layout.method), status_text(laid, cloud, window, about), figure,
            gr.Dropdown(choices=list(names), value=asked.detector),
            gr.Dropdown(choices=colourings(run.whole), value=asked.colour),
            gr.Dropdown(choices=words, value=[word for word in asked.wanted if word in words], multiselect=True,
                        visible=len(words) > MOST + 2),
            gr.Dropdown(choices=list(group_columns(run.whole))), drawn, gr.Timer(active=is_waiting), ticket,
        )  # fmt: skip

    def poll(self, *given: Any) -> Iterator[tuple[Any, ...]]:
        """Draw the map that was waited for once it is there; until then report how far it is."""
        *state, drawn = given
        _, choice, selection, ticket, who, how, *_ = state
        run = self.context.selected(choice, selection)
        if run is None or who not in placing(run):
            yield (*_SKIP[:8], gr.Timer(active=False), gr.skip())
            return
        laid = laid_out(run, who, how)
        if laid.waiting:
            yield (gr.skip(), loading(laid.waiting), *_SKIP[2:])
        elif _parsed(drawn)[0] == laid.layout.method and _is_placing(newcomer_of(self.context, ticket, run, laid)[1]):
            yield _SKIP
        else:
            yield from self.draw(*state)

    def zoomed(
        self, dark: bool, choice: str, selection: str, ticket: str, who: str | None, how: str, tint: str,
        wanted: Sequence[str], grouping: str, k: str, view: View, path: str | None, event: gr.EventData,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """Remember the window and the tool; a map of very many clips is drawn anew for its window."""
        run = self.context.selected(choice, selection)
        if run is None or who not in placing(run):
            yield (gr.skip(), *_SKIP)
            return
        laid, edges = laid_out(run, who, how), event.window
        window = None if edges is None else Window(*sorted(edges[:2]), *sorted(edges[2:]))
        new = replace(view, drag=str(event.dragmode))
        if event.moved:
            new = replace(new, window=window, of=laid.key)
        if not event.moved or len(laid.layout.plane) <= MOST_POINTS:
            yield (new, *_SKIP)
            return
        for step in self.draw(dark, choice, selection, ticket, who, how, tint, wanted, grouping, k, new, path):
            yield (new, *step)

    def recolour(self, *given: Any) -> Iterator[tuple[Any, ...]]:
        """Draw the map again where it is coloured by clusters, which have changed."""
        _, _, _, _, _, _, tint, *_ = given
        if tint == CLUSTER:
            yield from self.draw(*given)
        else:
            yield _SKIP

    def undrawn(self, dark: bool) -> tuple[Any, ...]:
        """Return what stands in place of a map that could not be drawn for a reason that is only in the log."""
        return self._without("", dark)

    def _without(self, why: str, dark: bool) -> tuple[Markup, Any]:
        what = why or "The map could not be drawn; see the log of the page's server."
        return problem(what, todo="Choose another detector, or another run, above."), message(
            "No map.", dark=dark, height=HEIGHT
        )

    def _warm(self, run: "Run", who: str) -> None:
        """Lay out the first detector's clips by UMAP while PCA is looked at: its compiling takes half a minute."""
        if not self._warmed:
            self._warmed = True
            warm(run, who)

    def switched_off(self, view: View, event: gr.EventData) -> View:
        """Remember which legend groups a person has switched off."""
        return replace(view, hidden=tuple(str(group) for group in event.hidden))

    def drawn_around(
        self, event: gr.EventData, run: "Run", who: str, how: str, tint: str, wanted: Sequence[str], grouping: str,
        k: str, view: View, drawn: str,
    ) -> "Picked | None":  # fmt: skip
        """Return the clips within a lasso or a box, as the map on show has them."""
        method, detector, _ = _parsed(drawn)
        asked = Asked(detector, method, tint, wanted or (), grouping, k)
        return region(run, laid_out(run, detector, method), asked, view, {"x": event.x, "y": event.y})

    # -- one clip --------------------------------------------------------------------------------------------

    def clicked(self, choice: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show and play the clip of a point."""
        run = self.context.run(choice)
        at = int(event.ids[0]) if event.ids else -1
        if run is None or not 0 <= at < len(run):
            return (*_ABSENT, False)
        return (*show_clip(self.context, str(run.rows([at], ["path"])["path"].iloc[0]), choice), False)

    def where(self, choice: str, drawn: str, path: str | None) -> str:
        """Return where a clip lies on the map on show, as "x y"; "" where it does not."""
        run, (method, detector, _) = self.context.run(choice), _parsed(drawn)
        if run is None or not detector or not path or not len(found := positions_of(run, path)):
            return ""
        x, y = laid_out(run, detector, method).layout.plane[found[0]].tolist()
        return f"{x} {y}"

    def near(self, choice: str, drawn: str, path: str | None) -> Markup:
        """List a clip's nearest clips in the embedding space and on the map."""
        run, (method, detector, _) = self.context.run(choice), _parsed(drawn)
        if run is None or not detector or not path or not len(found := positions_of(run, path)):
            return empty(NEAR_INVITATION)
        try:
            plane = laid_out(run, detector, method).layout.plane
            both = embedded(run, detector).neighbours(plane, int(found[0]), _NEIGHBOURS)
        except SpoofscopeError as error:
            return problem(str(error))
        at = np.union1d(both.in_space, both.on_map)
        labels = [name for name in ("label",) if name in run.columns]
        clips = run.rows(at, ["path", *labels]).assign(what=clip_words(run, at)).set_index(at)
        return neighbours_text(both, clips if labels else clips.assign(label=""), maps.titles()[method])

    def pressed_near(self, choice: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show and play a neighbour."""
        return (*show_clip(self.context, str(event.value), choice), False)

    # -- what is known about the map ---------------------------------------------------------------------------

    def honesty(self, choice: str, drawn: str) -> tuple[Markup, Any]:
        """Return how far the map on show can be trusted; it is measured in the background."""
        run, (method, detector, _) = self.context.run(choice), _parsed(drawn)
        if run is None or not detector:
            return empty("Measured once the map is there."), gr.Timer(active=False)
        try:
            found = maps.trust(run, detector, method).result(_AT_HAND_S)
        except TimeoutError:
            return loading("Comparing the map with the embedding space."), gr.Timer(active=True)
        except SpoofscopeError as error:
            return problem(str(error)), gr.Timer(active=False)
        return honesty_text(found, maps.titles()[method]), gr.Timer(active=False)

    def groups(self, choice: str, drawn: str, grouping: str, k: str, against: str) -> Iterator[Markup]:
        """Return the clusters of the detector on show and how well they match a column."""
        run, (method, detector, _) = self.context.run(choice), _parsed(drawn)
        if run is None or not detector:
            return
        yield loading(f"Finding clusters among {len(run):,} clips.")
        asked = Asked(detector, method, CLUSTER, (), grouping, k)
        against = against if against in run.columns else next(iter(run.columns))
        try:
            found = asked.clusters(run)
            yield clusters_text(found, matched(run, detector, found, against), against)
        except SpoofscopeError as error:
            yield problem(str(error))

    # -- the selected clips --------------------------------------------------------------------------------------

    def first_page(self, choice: str, selection: str, drawn: str, path: str) -> tuple[Any, ...]:
        """Return figures and the first rows of what is selected, whether it can be played, and the page."""
        run, (_, detector, _) = self._of(choice, selection), _parsed(drawn)
        if run is None or not selection or not detector:
            return empty(INVITATION), "", gr.Button(visible=False), 1
        figures = picked_text(picked(run.whole, detector, run.positions), detector)
        return figures, self._rows(run, detector, 1, path), gr.Button(visible=len(run) > 0), 1

    def pressed(
        self, choice: str, selection: str, drawn: str, path: str, page: int, event: gr.EventData
    ) -> tuple[Any, ...]:  # fmt: skip
        """Turn the page, or show and play the clip of a row."""
        run, (_, detector, _) = self._of(choice, selection), _parsed(drawn)
        if run is None:
            return (*_ABSENT, gr.skip(), gr.skip(), gr.skip())
        if other := turned(event):
            return (*_ABSENT, self._rows(run, detector, other, path), other, gr.skip())
        return self._played(run, detector, str(event.value), choice, page, goes_on=False)

    def play_all(self, choice: str, selection: str, drawn: str, path: str, page: int) -> tuple[Any, ...]:
        """Begin to play the selected clips one after another, from the first."""
        return self._step(choice, selection, drawn, 0)

    def play_next(
        self, choice: str, selection: str, drawn: str, path: str, page: int, playing: bool
    ) -> tuple[Any, ...]:  # fmt: skip
        """Play the clip after the one that has ended, where they play one after another."""
        run = self._of(choice, selection)
        found = positions_of(run, path) if playing and run is not None else np.arange(0)
        if not len(found):
            return (*_ABSENT, gr.skip(), gr.skip(), False)
        return self._step(choice, selection, drawn, int(found[0]) + 1)

    def _step(self, choice: str, selection: str, drawn: str, at: int) -> tuple[Any, ...]:
        run, (_, detector, _) = self._of(choice, selection), _parsed(drawn)
        if run is None or at >= len(run):
            return (*_ABSENT, gr.skip(), gr.skip(), False)
        path = str(run.rows([at], ["path"])["path"].iloc[0])
        return self._played(run, detector, path, choice, 1 + at // PAGE_ROWS, goes_on=True)

    def _played(
        self, run: "Run", detector: str, path: str, choice: str, page: int, *, goes_on: bool
    ) -> tuple[Any, ...]:  # fmt: skip
        dock = show_clip(self.context, path, choice)
        return (*dock, self._rows(run, detector, page, path), page, goes_on)

    def _of(self, choice: str, selection: str) -> "Run | None":
        try:
            return self.context.selected(choice, selection)
        except SpoofscopeError:
            # The line above the view has the reason.
            return None

    def _rows(self, run: "Run", detector: str, page: int, path: str) -> Markup:
        at: NDArray[np.intp] = np.arange(len(run))[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        columns = [name for name in _LISTED if name in run.columns]
        labels = [name for name in ("label",) if name in run.columns]
        clips = run.rows(at, ["path", *labels, *columns]).assign(p_spoof=p_spoof(run.llr(detector)[at]))
        return picked_rows(clips, columns, total=len(run), page=page, playing=path)


def _is_placing(about: str) -> bool:
    return about.endswith(PLACING)


def warm(run: "Run", who: str) -> None:
    """Begin the map that takes longest to begin."""
    maps.begin(run.whole, who, "umap")


def _parsed(drawn: str | None) -> tuple[str, str, str]:
    """Return projection, detector and run of what is drawn; empty where nothing is."""
    method, detector, rest = [*(drawn or "").split("\n"), "", "", ""][:3]
    return method, detector, rest


def lead_text(run: "Run", name: str, method: str) -> Markup:
    """Return in one sentence what the map shows, and what its projection keeps."""
    dimensions = (run.manifest["detectors"][name].get("embedding") or {}).get("dims", "its")
    html = '<p class="ss-lead">Each point is one clip, placed by what <b>{}</b> makes of it ({}).</p>{}'
    about = Markup("{}; {} numbers per clip, drawn in two by {}. {}").format(
        kept(run), dimensions, term(maps.titles()[method]), maps.about(method)
    )
    return card("", Markup(html).format(name, term("embedding", "its embedding"), note(about)))


def status_text(laid: Laid, cloud: Cloud, window: Window | None, newcomer: str) -> Markup:
    """Return how the figure is read, or what it waits for."""
    wrong = int(cloud.wrong.sum())
    ringed = f" ○ rings the {wrong:,} that {laid.layout.detector} calls wrongly." if wrong else ""
    if is_dense(cloud.plane, window):
        how = (
            f"{len(cloud.plane):,} clips are too many for points: shades count them, zooming in shows points. "
            "Draw around an area to select its clips."
        )
    else:
        how = (
            f"Near means alike to this detector. The shape is the label: ■ bona fide, ● spoof.{ringed} Click to play, "
            "draw around points to select them."
        )
    read = note(f"{how} {newcomer}".strip())
    if laid.failed:
        return problem(laid.failed, todo="PCA is shown instead.") + read
    return loading(laid.waiting) + read if laid.waiting else read


def _no_embeddings(run: "Run") -> Markup:
    return card("No map", problem(
        f"This run keeps no embeddings of its {len(run.whole):,} clips, so they cannot be placed.",
        todo="Score the corpus by python -m core evaluate to get them; the other tabs need none.",
    ))  # fmt: skip
