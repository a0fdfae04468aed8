"""Map: a run's clips as a detector places them; a clicked point is played."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import ProjectionError, ResultsError
from core.results.planes import PROJECTIONS, clusters, places
from core.results.queries import best, detectors, rows
from dashboard.components.busy import answering
from dashboard.components.clickable import clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.markup import Markup, card, empty, loading, note, problem, term
from dashboard.components.panes import figure_terms, heading, tips
from dashboard.components.reference import kept, waiting
from dashboard.context import QUIET, Context
from dashboard.plots.frame import message
from dashboard.plots.map import COLOURINGS, MOST, groups_of, scatter

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Map"
ORDER = 20
NEEDS = frozenset({"run"})

_HEIGHT = 680
_VIEW = "map-view"
_READ = note(
    "Near means alike to this detector. The shape is the label: ■ bona fide, ● spoof. Click to play, drag to move."
)


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view", elem_id=_VIEW):
        lead = gr.HTML(waiting("Reading the embeddings."), elem_id="map-lead", padding=False)
        controls = _controls()
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=440):
                status = gr.HTML(_READ, elem_id="map-status", padding=False)
                container, plot = clickable_plot("map-points")
                figure_terms("PCA", "UMAP", "P(spoof)", "attack")
            with gr.Column(scale=4, min_width=310, elem_classes="ss-side"):
                with gr.Column(elem_classes="ss-pane"):
                    heading("The clip")
                    dock = clip_dock(context, "map", invitation="Click a point to play it.")
                with gr.Column(elem_classes="ss-pane"):
                    heading("Clusters")
                    groups = gr.HTML(empty("What k-means finds appears here."), elem_id="map-clusters", padding=False)
    hidden = gr.State([])
    name, how, colour, wanted, k = controls
    inputs = [*controls, hidden, dock.path]
    state = [context.dark, context.run_choice, context.selection, *inputs]
    outputs = [lead, status, plot, groups, name, wanted]
    draw = drawing(context)
    drawings = [
        context.on_show(draw, inputs=inputs, outputs=outputs),
        # Who turns back to PCA while UMAP is at work must see PCA in the end.
        answering([name.input, how.input, colour.input, wanted.input, k.change], draw, state, outputs, view=_VIEW,
                  **QUIET),
        container.select(_clicked(context), context.run_choice, dock.outputs, **QUIET).then(
            draw, state, outputs, **QUIET
        ),
    ]  # fmt: skip
    # What is switched off in the legend stays off when the map is drawn again.
    container.input(switched_off, None, hidden, **QUIET)
    for event in drawings:
        # Whatever else goes wrong is in the log; the sign of work must not stand.
        event.failure(lambda dark: undrawn("", "", dark=dark), [context.dark], [status, plot], **QUIET)


def _controls() -> list[Any]:
    with gr.Row(elem_classes="ss-bar-of-controls"):
        name = gr.Dropdown([], label="Placed by", elem_id="map-detector", scale=3, min_width=150)
        how = gr.Radio(list(PROJECTIONS), value="PCA", label="Projection", elem_id="map-projection", scale=2)
        colour = gr.Dropdown(list(COLOURINGS), value="label", label="Coloured by", elem_id="map-colour", scale=3)
        wanted = gr.Dropdown(
            [], value=[], multiselect=True, max_choices=MOST, label="In colour (the commonest)", visible=False,
            elem_id="map-wanted", scale=4, min_width=200,
        )  # fmt: skip
        k = gr.Slider(2, 12, value=4, step=1, label="Clusters (k-means)", elem_id="map-k", scale=4, min_width=200)
    tips({"map-detector": "embedding", "map-projection": "UMAP", "map-k": "k-means"})
    return [name, how, colour, wanted, k]


def drawing(context: Context) -> Any:
    """Return the handler that draws the map: at once a word of what takes long, then the map."""

    def draw(
        dark: bool, choice: str, chosen: str, who: str | None, by: str, tint: str, wanted: Sequence[str],
        number: float, hidden: Sequence[str], path: str | None,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        run = context.selected(choice, chosen)
        assert run is not None
        who = who if who in run.detectors else best(run)
        names = gr.Dropdown(choices=detectors(run), value=who)
        if by == "UMAP":
            word = loading(f"Laying out {len(run.whole)} clips with UMAP: half a minute the first time, then kept.")
            yield gr.skip(), word, gr.skip(), gr.skip(), names, gr.skip()
        try:
            made = drawn(run, who, by, tint, int(number), wanted=wanted, hidden=hidden, path=path, dark=dark)
            yield lead_text(run, who, by), _READ, *made[:2], names, made[2]
        except (ProjectionError, ResultsError, ValueError) as error:
            yield lead_text(run, who, by), *undrawn(str(error), by, dark=dark), "", names, gr.skip()

    return draw


def drawn(
    run: "Run", who: str, by: str, tint: str, k: int, *, path: str | None, dark: bool, wanted: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> tuple[Any, Markup, Any]:  # fmt: skip
    """Return the map, its clusters in words, and the choice of groups that are shown in colour."""
    # Where a clip lies, and in which cluster, does not change with what is selected.
    where, found = places(run.whole, who, by), clusters(run.whole, who, k)
    points, labels = where.points[run.positions], found.labels[run.positions]
    clips = run.clips.assign(p_spoof=rows(run, who)["p_spoof"].to_numpy(), cluster=labels.astype(str))
    column = COLOURINGS[tint]
    known = [] if column == "p_spoof" else groups_of(clips, column).value_counts().index.tolist()
    wanted = [group for group in wanted or () if group in known]
    figure = scatter(
        points, clips, colour=column, axes=where.axes, chosen=path or "", dark=dark, height=_HEIGHT,
        wanted=wanted, hidden=hidden,
    )  # fmt: skip
    about = clusters_text(run.clips, list(labels), purity=found.purity, silhouette=found.silhouette)
    return (
        figure,
        about,
        gr.Dropdown(choices=known, value=wanted, multiselect=True, max_choices=MOST, visible=len(known) > MOST),
    )


def undrawn(why: str, by: str, *, dark: bool) -> tuple[Markup, Any]:
    """Return what stands in place of the map where it cannot be drawn: what was wrong and what to do, and no points."""
    todo = "PCA places the same clips at once: choose it above." if by == "UMAP" else "Choose another detector above."
    what = why or "The map could not be drawn; see the log of the page's server."
    return problem(what, todo=todo), message("No map.", dark=dark, height=_HEIGHT)


def switched_off(event: gr.EventData) -> list[str]:
    """Return the legend groups that a person has switched off."""
    return [str(group) for group in event.hidden]


def _clicked(context: Context) -> Any:
    def clicked(choice: str, event: gr.EventData) -> tuple[Any, ...]:
        return show_clip(context, str(event.ids[0]), choice)

    return clicked


def lead_text(run: "Run", name: str, by: str) -> Markup:
    """Return in one sentence what the map shows."""
    dimensions = run.manifest["detectors"][name]["embedding"]["dims"]
    html = '<p class="ss-lead">Each point is one clip, placed by what <b>{}</b> makes of it ({}).</p>{}'
    about = Markup("{}; {} numbers per clip, drawn in two by {}.").format(kept(run), dimensions, term(by))
    return card("", Markup(html).format(name, term("embedding", "its embedding"), note(about)))
