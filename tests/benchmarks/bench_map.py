"""What the map of a million clips costs: ``python -m tests.benchmarks.bench_map FOLDER`` (a run is made there once).

Each row is a process of its own: seconds, processor seconds, and the most memory the process ever took. The first row
is how the map was made before: the run's whole table, a PCA of all embeddings, and a point for every clip.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.results.store import Run, read_run
from tests.benchmarks.million import made_run

__all__ = ["main"]

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

    Answers = SimpleQueue[tuple[float, ...]]


def before(run: Run) -> None:
    """Draw every clip as a point from whole tables."""
    import plotly.graph_objects as go
    from sklearn.decomposition import PCA

    from core.results.queries import members

    name, clips = members(run)[0], run.clips
    values = np.asarray(run.embeddings(name), np.float32)
    points = PCA(2).fit_transform((values - values.mean(0)) / values.std(0))
    text = clips["system"] + " · " + clips["source"]
    figure = go.Figure()
    for label in ("bonafide", "spoof"):
        own = (clips["label"] == label).to_numpy()
        figure.add_scattergl(x=points[own, 0], y=points[own, 1], text=text[own], customdata=clips["path"][own])
    figure.to_json()


def opened(run: Run) -> None:
    """Open the map as the tab does: its detector, PCA, densities."""
    _figure(run, "label", None)


def by_system(run: Run) -> None:
    """Colour it by another column."""
    _figure(run, "system", None)


def zoomed(run: Run) -> None:
    """Zoom in until points are drawn."""
    from core.analysis.regions import Window
    from core.results import maps
    from dashboard.mapping import placing

    plane = maps.instant(run, placing(run)[0]).plane
    _figure(run, "label", Window(*np.percentile(plane[:, 0], (40, 60)), *np.percentile(plane[:, 1], (40, 60))))


def _figure(run: Run, colour: str, window: "object") -> None:
    from core.results.grouping import KMEANS
    from dashboard.mapping import BY_SILHOUETTE, Asked, cloud_of, laid_out, placing
    from dashboard.plots.map import map_figure

    asked = Asked(placing(run)[0], "pca", colour, (), KMEANS, BY_SILHOUETTE)
    cloud = cloud_of(run, laid_out(run, asked.detector, asked.method), asked)
    map_figure(cloud, dark=False, height=600, window=window).to_json()  # type: ignore[arg-type]


def _measured(fn: Callable[[Run], None], folder: Path, answers: "Answers") -> None:
    # What the page has imported, and opened, before anybody turns to the map.
    import dashboard.map_tab  # noqa: F401
    from core.results.queries import members

    run = read_run(folder)
    members(run)
    wall, cpu = time.perf_counter(), time.process_time()
    fn(run)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    answers.put((time.perf_counter() - wall, time.process_time() - cpu, peak))


def main() -> None:
    """Print a row for each way."""
    folder = made_run(Path(sys.argv[1]))
    spawn = multiprocessing.get_context("spawn")
    print(f"{'':12}{'s':>8}{'cpu s':>8}{'GB':>8}")
    for fn in (before, opened, by_system, zoomed):
        answers: Answers = spawn.SimpleQueue()
        process = spawn.Process(target=_measured, args=(fn, folder, answers))
        process.start()
        process.join()
        if process.exitcode:
            print(f"{fn.__name__:12}  ended with {process.exitcode}")
            continue
        wall, cpu, peak = answers.get()
        print(f"{fn.__name__:12}{wall:8.2f}{cpu:8.2f}{peak:8.2f}")


if __name__ == "__main__":
    main()
