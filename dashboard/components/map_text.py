"""What the map shows in words: which detector and projection, how the figure is read, and why there is none."""

from typing import TYPE_CHECKING

from core.analysis.regions import Window
from core.results import maps
from dashboard.components.markup import Markup, card, loading, note, problem, term
from dashboard.components.reference import kept
from dashboard.plots.map import Cloud, is_dense

if TYPE_CHECKING:
    from core.results.store import Run
    from dashboard.mapping import Laid

__all__ = ["map_lead", "map_status", "no_embeddings"]


def map_lead(run: "Run", name: str, method: str) -> Markup:
    """Return in one sentence what the map shows, and what its projection keeps."""
    dimensions = (run.manifest["detectors"][name].get("embedding") or {}).get("dims", "its")
    html = '<p class="ss-lead">Each point is one clip, placed by what <b>{}</b> makes of it ({}).</p>{}'
    about = Markup("{}; {} numbers per clip, drawn in two by {}. {}").format(
        kept(run), dimensions, term(maps.titles()[method]), maps.about(method)
    )
    return card("", Markup(html).format(name, term("embedding", "its embedding"), note(about)))


def map_status(laid: "Laid", cloud: Cloud, window: Window | None, newcomer: str) -> Markup:
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


def no_embeddings(run: "Run") -> Markup:
    """Return what stands in place of a map where a run keeps no embeddings."""
    return card("No map", problem(
        f"This run keeps no embeddings of its {len(run.whole):,} clips, so they cannot be placed.",
        todo="Score the corpus by python -m core evaluate to get them; the other tabs need none.",
    ))  # fmt: skip
