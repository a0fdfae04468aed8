"""Map: the reference run's clips as a detector places them; a clicked point is heard."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from dashboard.components.clickable import clickable_plot
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.markup import empty, esc, loading, note
from dashboard.components.reference import choice, kept, no_run, said, waiting
from dashboard.components.sheet import heading, sheet
from dashboard.context import Context
from dashboard.plots.frame import message
from dashboard.plots.map import COLOURINGS, scatter

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

    def _embeddings(self, name: str) -> NDArray[np.float32]:
        run = self._context.run
        assert run is not None
        reduced = run.manifest["detectors"][name]["embedding"].get("reduced")
        return turned(run.embeddings(name)) if reduced else run.embeddings(name)

    def _places(self, name: str, how: str) -> Places:
        from core.analysis.projection import fit_pca, umap_project
        from core.results.place import data_folder

        if how == "UMAP":
            points = umap_project(self._embeddings(name), seed=_SEED, cache_dir=data_folder() / "projections")
            return Places(points, ("UMAP 1", "UMAP 2"))
        found = fit_pca(self._embeddings(name), 2)
        first, second = (100 * float(share) for share in found.shares)
        return Places(found.points, (f"PC 1, {first:.0f} % of the variance", f"PC 2, {second:.0f} %"))

    def _clusters(self, name: str, k: int) -> Clusters:
        from core.analysis.projection import kmeans

        run = self._context.run
        assert run is not None
        found = kmeans(self._embeddings(name), k, seed=_SEED, labels=run.clips["label"].to_numpy())
        return Clusters(found.cluster + 1, found.purity or 0.0, found.silhouette)


def turned(components: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return principal components turned so that all axes have one spread; distances stay as they are.

    A run keeps wide embeddings as their principal components. Projections standardise each axis, which would blow the
    last component up to the size of the first; after a turn by a Hadamard matrix there is nothing left to blow up.

    Parameters
    ----------
    components : ndarray [shape=(n, d)]

    Returns
    -------
    ndarray [shape=(n, 2 ** ceil(log2(d))), float32]
    """
    from scipy.linalg import hadamard

    n, d = components.shape
    size = 1 << max(d - 1, 0).bit_length()
    padded = np.zeros((n, size), np.float32)
    padded[:, :d] = components
    return np.asarray(padded @ hadamard(size).astype(np.float32) / np.sqrt(size), dtype=np.float32)


def build(context: Context) -> None:
    """Lay out the tab."""
    atlas = Atlas(context)
    sheet()
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
        names = gr.Dropdown(choices=run.detectors, value=who)
        if by == "UMAP":
            word = loading(f"Laying out {len(run.clips)} clips with UMAP: half a minute the first time, then kept.")
            yield gr.skip(), word, gr.skip(), gr.skip(), names
        places, clusters = atlas.places(who, by), atlas.clusters(who, int(number))
        clips = run.clips.assign(p_spoof=said(run, who)["p_spoof"].to_numpy(), cluster=clusters.labels.astype(str))
        figure = scatter(
            places.points, clips, colour=COLOURINGS[tint], axes=places.axes, chosen=path or "", dark=dark,
            height=_HEIGHT,
        )  # fmt: skip
        words = clusters_text(
            run.clips, list(clusters.labels), purity=clusters.purity, silhouette=clusters.silhouette
        )
        yield lead_text(kept(run), who, run.embeddings(who).shape[1]), _READ, figure, words, names

    outputs = [lead, status, plot, groups, name]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    context.on_show(draw, inputs=state[1:], outputs=outputs)
    gr.on([name.input, how.input, colour.input], draw, state, outputs, **private)
    k.change(draw, state, outputs, trigger_mode="always_last", **private)
    container.select(_clicked(context), None, dock.outputs, **private).then(draw, state, outputs, **private)


def _clicked(context: Context) -> Any:
    def clicked(event: gr.EventData) -> tuple[Any, ...]:
        return show_clip(context, str(event.ids[0]))

    return clicked


def lead_text(what: str, name: str, dimensions: int) -> str:
    """Return in one sentence what the map shows."""
    from dashboard.components.markup import card

    words = f"Each point is one clip, placed by what <b>{esc(name)}</b> hears in it."
    return card("", f'<p class="ss-lead">{words}</p>{note(f"{what}; {dimensions} numbers per clip, drawn in two.")}')
