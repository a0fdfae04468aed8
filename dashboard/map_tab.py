"""What happens on the tab Map: the map at once, and then, one by one, what is known about it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from core.analysis.regions import Window
from core.errors import SpoofscopeError
from core.files import sha256_bytes
from core.results import maps
from core.results.colouring import CLUSTER, Groups, colourings, group_columns
from core.results.embedded import embedded
from core.results.grouping import KMEANS, matched
from dashboard.components.clip_dock import show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.honesty import honesty_text
from dashboard.components.map_text import map_lead, map_status, no_embeddings
from dashboard.components.markup import Markup, empty, loading, problem
from dashboard.components.menus import menu
from dashboard.components.neighbours import INVITATION as NEAR_INVITATION
from dashboard.components.neighbours import neighbours_text
from dashboard.mapping import (
    PLACING,
    Asked,
    View,
    clip_words,
    cloud_of,
    laid_out,
    newcomer_of,
    on_show,
    placing,
    positions_of,
    region,
)
from dashboard.plots.frame import message
from dashboard.plots.map import MOST, MOST_POINTS, map_figure, word_of

if TYPE_CHECKING:
    from core.results.selection import Picked
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["HEIGHT", "MapTab"]

HEIGHT = 680
_NEIGHBOURS = 10
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
            yield (no_embeddings(run), *self._without("", dark), *_SKIP[3:])
            return
        given, who = (who, tint, wanted), who if who in names else names[0]
        known = colourings(run.whole)
        asked = Asked(who, how, tint if tint in known else known[0], wanted or (), grouping, k)
        if asked.colour == CLUSTER:
            yield (gr.skip(), loading("Finding clusters."), *_SKIP[2:])
        try:
            yield self._drawn(run, asked, view, path or "", ticket, selection, dark, names, given)
            self._warm(run, who)
        except SpoofscopeError as error:
            names_now = menu(names, who, given[0])
            yield (map_lead(run, who, how), *self._without(str(error), dark), names_now, *_SKIP[4:])

    def _drawn(
        self, run: "Run", asked: Asked, view: View, path: str, ticket: str, selection: str, dark: bool,
        names: Sequence[str], given: tuple[str | None, str, Sequence[str]],
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
            map_lead(run, asked.detector, laid.layout.method), map_status(laid, cloud, window, about), figure,
            menu(names, asked.detector, given[0]), menu(colourings(run.whole), asked.colour, given[1]),
            menu(words, [word for word in asked.wanted if word in words], given[2], multiselect=True,
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
        elif on_show(drawn)[0] == laid.layout.method and _is_placing(newcomer_of(self.context, ticket, run, laid)[1]):
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
        method, detector, _ = on_show(drawn)
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
        run, (method, detector, _) = self.context.run(choice), on_show(drawn)
        if run is None or not detector or not path or not len(found := positions_of(run, path)):
            return ""
        x, y = laid_out(run, detector, method).layout.plane[found[0]].tolist()
        return f"{x} {y}"

    def near(self, choice: str, drawn: str, path: str | None) -> Markup:
        """List a clip's nearest clips in the embedding space and on the map."""
        run, (method, detector, _) = self.context.run(choice), on_show(drawn)
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
        run, (method, detector, _) = self.context.run(choice), on_show(drawn)
        if run is None or not detector:
            return empty("Measured once the map is there."), gr.Timer(active=False)
        try:
            found = maps.trust(run, detector, method).result(_AT_HAND_S)
        except TimeoutError:
            return loading("Comparing the map with the embedding space."), gr.Timer(active=True)
        except SpoofscopeError as error:
            return problem(str(error)), gr.Timer(active=False)
        return honesty_text(found, maps.titles()[method]), gr.Timer(active=False)

    def numbered(self, grouping: str) -> Any:
        """Offer a number of clusters where it counts: HDBSCAN finds its own."""
        return gr.Dropdown(visible=grouping == KMEANS)

    def groups(self, choice: str, drawn: str, grouping: str, k: str, against: str) -> Iterator[Markup]:
        """Return the clusters of the detector on show and how well they match a column."""
        run, (method, detector, _) = self.context.run(choice), on_show(drawn)
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

def _is_placing(about: str) -> bool:
    return about.endswith(PLACING)


def warm(run: "Run", who: str) -> None:
    """Begin the map that takes longest to begin."""
    maps.begin(run.whole, who, "umap")
