"""Map: a run's clips as a detector places them: points to play, to select and to doubt."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.results import maps
from core.results.colouring import CLUSTER, P_SPOOF
from core.results.grouping import HDBSCAN, KMEANS
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_html, clickable_plot
from dashboard.components.clip_dock import ClipDock, clip_dock
from dashboard.components.markup import empty
from dashboard.components.neighbours import INVITATION as NEAR_INVITATION
from dashboard.components.panes import figure_terms, heading, tips
from dashboard.components.picked import INVITATION
from dashboard.components.reference import waiting
from dashboard.components.relay import relayed
from dashboard.context import QUIET, Context
from dashboard.exporting import DOWNLOAD
from dashboard.map_picked import MapPicked
from dashboard.map_tab import MapTab
from dashboard.mapping import BY_SILHOUETTE, KS, View
from dashboard.plots.map import MOST

TITLE = "Map"
ORDER = 20
NEEDS = frozenset({"run"})

_VIEW = "map-view"
# Whose recording is to be placed: the browser knows the ticket as it is now.
_WHOSE = "(dark, run, selection, _, ...given) => [dark, run, selection, window.spoofscope.ticket(), ...given]"
# A ring is moved where it is: drawing all points anew would take longer than the look at one.
_RING = """(at) => {
  const plot = document.querySelector('#map-points .js-plotly-plot'), [x, y] = (at || '').split(' ').map(Number);
  const ring = plot?.data?.findIndex((trace) => trace.name === 'chosen') ?? -1;
  if (ring >= 0 && Number.isFinite(y)) window.Plotly.restyle(plot, {x: [[x]], y: [[y]]}, [ring]);
}"""


@dataclass(frozen=True)
class _Parts:
    """The tab's components."""

    lead: gr.HTML
    controls: list[Any]
    status: gr.HTML
    container: gr.HTML
    plot: gr.Plot
    dock: ClipDock
    honesty: gr.HTML
    clusters: gr.HTML
    against: gr.Dropdown
    near: gr.HTML
    figures: gr.HTML
    rows: gr.HTML
    play: gr.Button


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view", elem_id=_VIEW):
        lead = gr.HTML(waiting("Reading the embeddings."), elem_id="map-lead", padding=False)
        shown = _controls()
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=440):
                status = gr.HTML(elem_id="map-status", padding=False)
                container, plot = clickable_plot("map-points")
                figure_terms("PCA", "UMAP", "t-SNE", "P(spoof)", "attack")
            with gr.Column(scale=4, min_width=310, elem_classes="ss-side"):
                with gr.Column(elem_classes="ss-pane"):
                    heading("The clip")
                    dock = clip_dock(context, "map", invitation="Click a point to play it.")
                with gr.Column(elem_classes="ss-pane"):
                    heading("How far this map can be trusted")
                    honesty = gr.HTML(empty("Measured once the map is there."), elem_id="map-honesty", padding=False)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=7, elem_classes="ss-pane", min_width=440):
                heading("The selected clips")
                figures = gr.HTML(empty(INVITATION), elem_id="map-picked", padding=False)
                play = gr.Button("Play one after another", size="sm", elem_id="map-play", visible=False)
                rows = clickable_html("map-rows")
            with gr.Column(scale=5, min_width=310, elem_classes="ss-side"):
                with gr.Column(elem_classes="ss-pane"):
                    heading("Nearest clips")
                    near = clickable_html("map-near", empty(NEAR_INVITATION))
                with gr.Column(elem_classes="ss-pane"):
                    heading("Clusters")
                    grouping, k, against = _clustering()
                    groups = gr.HTML(empty("Clusters appear here."), elem_id="map-clusters", padding=False)
    controls = [*shown, grouping, k]
    _wire(context, _Parts(
        lead, controls, status, container, plot, dock, honesty, groups, against, near, figures, rows, play,
    ))  # fmt: skip


def _controls() -> list[Any]:
    titles = [(title, name) for name, title in maps.titles().items()]
    with gr.Row(elem_classes="ss-bar-of-controls"):
        name = gr.Dropdown([], label="Placed by", elem_id="map-detector", scale=3, min_width=150)
        how = gr.Radio(titles, value=maps.DEFAULT, label="Projection", elem_id="map-projection", scale=3)
        colour = gr.Dropdown(["label", P_SPOOF, CLUSTER], value="label", label="Coloured by", elem_id="map-colour",
                             scale=3)  # fmt: skip
        wanted = gr.Dropdown(
            [], value=[], multiselect=True, max_choices=MOST, label="In colour (the commonest)", visible=False,
            elem_id="map-wanted", scale=4, min_width=200,
        )  # fmt: skip
    tips({"map-detector": "embedding", "map-projection": "UMAP"})
    return [name, how, colour, wanted]


def _clustering() -> tuple[gr.Radio, gr.Dropdown, gr.Dropdown]:
    with gr.Row(elem_classes="ss-inner-controls"):
        grouping = gr.Radio([KMEANS, HDBSCAN], value=KMEANS, label="Clusters by", elem_id="map-grouping")
        k = gr.Dropdown(list(KS), value=BY_SILHOUETTE, label="Their number", elem_id="map-k", min_width=120)
        against = gr.Dropdown(["label"], value="label", label="Compared with", elem_id="map-against", min_width=120)
    tips({"map-grouping": "k-means", "map-k": "silhouette", "map-against": "purity"})
    return grouping, k, against


def _wire(context: Context, parts: _Parts) -> None:
    tab, dock = MapTab(context), parts.dock
    view, drawn = gr.State(View()), gr.Textbox(visible="hidden", elem_id="map-drawn", container=False)
    ticket = gr.Textbox(visible="hidden", elem_id="map-ticket", container=False)
    page, playing = gr.State(1), gr.State(False)
    name, how, colour, wanted, grouping, k = parts.controls
    given = [ticket, *parts.controls, view, dock.path]
    state = [context.dark, context.run_choice, context.selection, *given]
    timer = gr.Timer(1.5, active=False)
    outputs = [parts.lead, parts.status, parts.plot, name, colour, wanted, parts.against, drawn, timer, ticket]
    drawings = [
        context.on_show(tab.draw, inputs=given, outputs=outputs, js=_WHOSE),
        # Who turns back to PCA while UMAP is at work must see PCA in the end.
        answering([name.input, how.input, colour.input, wanted.input], tab.draw, state, outputs, view=_VIEW, **QUIET),
        timer.tick(tab.poll, [*state, drawn], outputs, **QUIET),
        parts.container.zoom(tab.zoomed, state, [view, *outputs], **QUIET),
    ]
    for event in drawings:
        # Whatever else goes wrong is in the log; the sign of work must not stand.
        event.failure(tab.undrawn, [context.dark], [parts.status, parts.plot], **QUIET)
    ring = gr.Textbox(visible="hidden", elem_id="map-ring", container=False)
    dock.path.change(tab.where, [context.run_choice, drawn, dock.path], ring, **QUIET).then(
        None, ring, None, js=_RING, api_visibility="private"
    )  # fmt: skip
    # What is switched off in the legend stays off when the map is drawn again.
    parts.container.input(tab.switched_off, view, view, **QUIET)
    parts.container.select(tab.clicked, context.run_choice, [*dock.outputs, playing], **QUIET)
    context.select(parts.container.lasso, tab.drawn_around, [*parts.controls, view, drawn])
    _wire_panes(context, tab, parts, drawn, page, playing)
    recolour = answering([grouping.input, k.input], tab.recolour, state, outputs, view=_VIEW, **QUIET)
    recolour.failure(tab.undrawn, [context.dark], [parts.status, parts.plot], **QUIET)


def _wire_panes(
    context: Context, tab: MapTab, parts: _Parts, drawn: gr.Textbox, page: gr.State, playing: gr.State
) -> None:  # fmt: skip
    *_, grouping, k = parts.controls
    dock, choice, selection = parts.dock, context.run_choice, context.selection
    chosen = MapPicked(context, parts.rows)
    honest = gr.Timer(1.5, active=False)
    relayed([drawn.change, honest.tick])(tab.honesty, [choice, drawn], [parts.honesty, honest], **QUIET)
    relayed([drawn.change, grouping.input, k.input, parts.against.input])(
        tab.groups, [choice, drawn, grouping, k, parts.against], [parts.clusters], **QUIET
    )
    relayed([drawn.change, dock.path.change])(tab.near, [choice, drawn, dock.path], [parts.near], **QUIET)
    grouping.input(tab.numbered, grouping, k, **QUIET)
    listed = [parts.figures, parts.rows, parts.play, page]
    drawn.change(chosen.first_page, [choice, selection, drawn, dock.path], listed, **QUIET)
    rows = [choice, selection, drawn, dock.path, page]
    parts.rows.select(chosen.pressed, rows, [*dock.outputs, parts.rows, page, playing], **QUIET).then(
        None, None, None, js=DOWNLOAD % "map-rows", api_visibility="private"
    )
    parts.near.select(tab.pressed_near, choice, [*dock.outputs, playing], **QUIET)
    parts.play.click(chosen.play_all, rows, [*dock.outputs, parts.rows, page, playing], **QUIET)
    dock.audio.stop(chosen.play_next, [*rows, playing], [*dock.outputs, parts.rows, page, playing], **QUIET)
