"""Map: the reference run's clips as a detector places them; a clicked point is heard."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectionError, ResultsError
from dashboard.components.clickable import clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.markup import empty, esc, loading, note, problem
from dashboard.components.panes import heading
from dashboard.components.reference import choice, detectors, kept, no_run, said, waiting
from dashboard.context import QUIET, Context
from dashboard.plots.frame import message
from dashboard.plots.map import COLOURINGS, scatter

if TYPE_CHECKING:
    from core.results.store import Run

TITLE = "Map"
ORDER = 20

_HEIGHT = 680
_SEED = 0
_READ = note(
    "Near means alike to this detector. Shape is the truth: ■ bona fide, ● spoof. Click to hear, drag to move."
)


class Places(NamedTuple):
    """Where clips are drawn [shape=(n, 2)], and what the two axes are."""

    points: NDArray[np.floating]
    axes: tuple[str, str]


class Clusters(NamedTuple):
    """Each clip's cluster, counted from 1, and how good the clustering is."""

    labels: NDArray[np.int64]
    purity: float
    silhouette: float


class Atlas:
    """Projections and clusterings of the reference run, each computed once.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.places = lru_cache(maxsize=32)(self._places)
        self.clusters = lru_cache(maxsize=64)(self._clusters)

    def _embeddings(self, name: str) -> tuple[NDArray[np.float32], bool]:
        """Return a detector's embeddings, and whether their dimensions are to be given one spread."""
        run = self._context.run
        assert run is not None
        # A run keeps wide embeddings as their principal components, whose spreads mean something.
        return run.embeddings(name), not run.manifest["detectors"][name]["embedding"].get("reduced")

    def _places(self, name: str, how: str) -> Places:
        from core.analysis.projection import fit_pca, umap_project
        from core.paths import data_folder

        values, alike = self._embeddings(name)
        if how == "UMAP":
            folder = data_folder() / "projections"
            points = umap_project(values, standardise=alike, seed=_SEED, cache_dir=folder)
            return Places(points, ("UMAP 1", "UMAP 2"))
        found = fit_pca(values, 2, standardise=alike)
        first, second = (100 * float(share) for share in found.shares)
        return Places(found.points, (f"PC 1, {first:.0f} % of the variance", f"PC 2, {second:.0f} %"))

    def _clusters(self, name: str, k: int) -> Clusters:
        from core.analysis.projection import kmeans

        run = self._context.run
        assert run is not None
        values, alike = self._embeddings(name)
        found = kmeans(values, k, standardise=alike, seed=_SEED, labels=run.clips["label"].to_numpy())
        return Clusters(found.cluster + 1, found.purity or 0.0, found.silhouette)


def build(context: Context) -> None:
    """Lay out the tab."""
    atlas = Atlas(context)
    with gr.Column(elem_classes="ss-view"):
        lead = gr.HTML(waiting("Reading the embeddings."), elem_id="map-lead", padding=False)
        with gr.Row(elem_classes="ss-bar-of-controls"):
            name = gr.Dropdown([], label="As heard by", elem_id="map-detector", scale=3, min_width=150)
            how = gr.Radio(["PCA", "UMAP"], value="PCA", label="Projection", elem_id="map-projection", scale=2)
            colour = gr.Dropdown(list(COLOURINGS), value="label", label="Coloured by", elem_id="map-colour", scale=3)
            k = gr.Slider(2, 12, value=4, step=1, label="Clusters (k-means)", elem_id="map-k", scale=4, min_width=220)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=8, elem_classes="ss-pane", min_width=440):
                status = gr.HTML(_READ, elem_id="map-status", padding=False)
                container, plot = clickable_plot("map-points")
            with gr.Column(scale=4, min_width=310, elem_classes="ss-side"):
                with gr.Column(elem_classes="ss-pane"):
                    heading("The clip")
                    dock = clip_dock(context, "map", invitation="Click a point to hear it.")
                with gr.Column(elem_classes="ss-pane"):
                    heading("Clusters")
                    groups = gr.HTML(empty("What k-means finds appears here."), elem_id="map-clusters", padding=False)
    state = [context.dark, name, how, colour, k, dock.path]

    def draw(
        dark: bool, who: str | None, by: str, tint: str, number: float, path: str | None
    ) -> Iterator[tuple[Any, ...]]:
        run = context.run
        if run is None:
            yield no_run(context), _READ, message("No reference run.", dark=dark, height=_HEIGHT), "", gr.skip()
            return
        who = choice(run, who, panel=False)
        names = gr.Dropdown(choices=detectors(run), value=who)
        if by == "UMAP":
            word = loading(f"Laying out {len(run.clips)} clips with UMAP: half a minute the first time, then kept.")
            yield gr.skip(), word, gr.skip(), gr.skip(), names
        lead = lead_text(kept(run), who, run.manifest["detectors"][who]["embedding"]["dims"])
        try:
            yield lead, _READ, *drawn(run, atlas, who, by, tint, int(number), path=path, dark=dark), names
        except (ProjectionError, ResultsError, ValueError) as error:
            yield lead, *undrawn(str(error), by, dark=dark), "", names

    outputs = [lead, status, plot, groups, name]
    drawings = [
        context.on_show(draw, inputs=state[1:], outputs=outputs),
        # Who turns back to PCA while UMAP is at work must see PCA in the end.
        gr.on([name.input, how.input, colour.input, k.change], draw, state, outputs, **QUIET),
        container.select(_clicked(context), None, dock.outputs, **QUIET).then(draw, state, outputs, **QUIET),
    ]  # fmt: skip
    for drawing in drawings:
        # Whatever else goes wrong is in the log; the word that says "at work" must not stand.
        drawing.failure(lambda dark: undrawn("", "", dark=dark), [context.dark], [status, plot], **QUIET)


def drawn(
    run: "Run", atlas: Atlas, who: str, by: str, tint: str, k: int, *, path: str | None, dark: bool
) -> tuple[Any, str]:
    """Return the map and what is said of its clusters."""
    places, clusters = atlas.places(who, by), atlas.clusters(who, k)
    clips = run.clips.assign(p_spoof=said(run, who)["p_spoof"].to_numpy(), cluster=clusters.labels.astype(str))
    figure = scatter(
        places.points, clips, colour=COLOURINGS[tint], axes=places.axes, chosen=path or "", dark=dark, height=_HEIGHT
    )
    return figure, clusters_text(
        run.clips, list(clusters.labels), purity=clusters.purity, silhouette=clusters.silhouette
    )


def undrawn(why: str, by: str, *, dark: bool) -> tuple[str, Any]:
    """Return what stands in place of the map where it cannot be drawn: what was wrong and what to do, and no points."""
    todo = "PCA places the same clips at once: choose it above." if by == "UMAP" else "Choose another detector above."
    what = why or "The map could not be drawn; the log of the page's server says why."
    return problem(what, todo=todo), message("No map.", dark=dark, height=_HEIGHT)


def _clicked(context: Context) -> Any:
    def clicked(event: gr.EventData) -> tuple[Any, ...]:
        return show_clip(context, str(event.ids[0]))

    return clicked


def lead_text(what: str, name: str, dimensions: int) -> str:
    """Return in one sentence what the map shows."""
    from dashboard.components.markup import card

    words = f"Each point is one clip, placed by what <b>{esc(name)}</b> hears in it."
    return card("", f'<p class="ss-lead">{words}</p>{note(f"{what}; {dimensions} numbers per clip, drawn in two.")}')
