"""How fluid a map of many points is: ``python -m tests.benchmarks.bench_pan [--clips 50000]``.

Serves a made-up run, opens its map in a headless Chromium, drags it about and zooms in, and counts the frames that the
browser shows meanwhile. The renderer is printed with them: without a graphics card WebGL is computed by the processor
(SwiftShader), so that a figure from there says what is the least, not what a visitor's own machine shows. What the
page's scripts and layout take of each frame is measured apart from drawing, which another process does: it is what
remains where a graphics card draws.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.paths import cache_folder
from core.results.store import read_run
from tests.benchmarks.million import made_run
from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, REPOSITORY, _free_port

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

PLOT = "#map-points .js-plotly-plot"
PATIENCE_MS, SETTLED_MS, STEPS = 300_000, 8_000, 60
#: Starts to note when each frame is shown.
WATCH = """() => {
  const noted = window.frames_shown = [];
  const note = (now) => { noted.push(now); window.watching = requestAnimationFrame(note); };
  cancelAnimationFrame(window.watching);
  window.watching = requestAnimationFrame(note);
}"""
DRAWN = f"""() => {{
  const plot = document.querySelector('{PLOT}');
  const points = (plot?._fullData ?? []).filter((trace) => trace.type === 'scattergl');
  return plot?._fullLayout ? points.reduce((sum, trace) => sum + (trace._length ?? 0), 0) : 0;
}}"""
RENDERER = """() => {
  const gl = document.createElement('canvas').getContext('webgl'), info = gl?.getExtension('WEBGL_debug_renderer_info');
  return gl ? gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER) : 'no WebGL';
}"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a page that offers a run."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--runs", str(folder), "--port", str(port)], cwd=REPOSITORY,
        stdout=subprocess.DEVNULL, env=dict(os.environ),
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def frames(page: "Page") -> dict[str, float]:
    """Return how many frames were shown a second since ``WATCH``, and the longest that one stood, in ms."""
    noted: list[float] = page.evaluate("() => window.frames_shown")
    gaps = [after - before for before, after in pairwise(noted)]
    return {"frames a second": 1000 * len(gaps) / sum(gaps), "longest frame, ms": max(gaps)}


def computed(browser: "CDPSession") -> dict[str, float]:
    """Return the seconds that the page's own thread has spent so far: in scripts, and in all of its tasks."""
    found = {each["name"]: float(each["value"]) for each in browser.send("Performance.getMetrics")["metrics"]}
    return {"scripts": found["ScriptDuration"], "all of the page's own thread": found["TaskDuration"]}


def axes(page: "Page") -> tuple[float, float, float, float]:
    """Return left, top, width and height of what the axes span."""
    box: Any = page.evaluate(f"""() => {{
      const plot = document.querySelector('{PLOT}'), box = plot.getBoundingClientRect(), size = plot._fullLayout._size;
      return [box.x + size.l, box.y + size.t, size.w, size.h];
    }}""")
    return tuple(box)


def dragged(page: "Page", mode: str, path: list[tuple[float, float]]) -> dict[str, float]:
    """Return the frames of a drag through points given as shares of the axes, in a mode of the figure's own bar."""
    page.locator(f"{PLOT} .modebar-btn[data-val='{mode}']").dispatch_event("click")
    left, top, width, height = axes(page)
    page.mouse.move(left + width * path[0][0], top + height * path[0][1])
    page.mouse.down()
    page.evaluate(WATCH)
    browser = page.context.new_cdp_session(page)
    # What is spent is counted from here on.
    browser.send("Performance.enable")
    before = computed(browser)
    for x, y in path[1:]:
        page.mouse.move(left + width * x, top + height * y)
    spent, shown = computed(browser), int(page.evaluate("() => window.frames_shown.length"))
    found = frames(page) | {f"{name}, ms a frame": 1000 * (spent[name] - before[name]) / shown for name in spent}
    page.mouse.up()
    return found


def measured(page: "Page", url: str, clips: int) -> dict[str, object]:
    """Return what the map takes to open, to pan and to zoom."""
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_function(f"({DRAWN})() >= {clips}", timeout=PATIENCE_MS)
    opened_s = time.perf_counter() - start
    found: dict[str, object] = {"renderer": page.evaluate(RENDERER), "page and map open, s": opened_s}
    # Clusters and neighbours are computed when the map has been drawn: they are not what is measured.
    page.wait_for_function("() => document.querySelector('#map-clusters')?.textContent.includes('Purity')",
                           timeout=PATIENCE_MS)  # fmt: skip
    page.locator("#map-points").evaluate("(element) => element.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(WATCH)
    page.wait_for_timeout(2_000)
    found |= {f"at rest: {name}": value for name, value in frames(page).items()}
    circle = [(0.5 + 0.25 * (step % 20) / 20, 0.5 - 0.2 * (step % 15) / 15) for step in range(STEPS)]
    found |= {f"panned: {name}": value for name, value in dragged(page, "pan", circle).items()}
    page.wait_for_timeout(SETTLED_MS)
    box = [(0.4 + 0.2 * step / 20, 0.4 + 0.2 * step / 20) for step in range(21)]
    found |= {f"box of a zoom: {name}": value for name, value in dragged(page, "zoom", box).items()}
    page.evaluate(WATCH)
    page.wait_for_timeout(3_000)
    return found | {"zoomed: longest frame, ms": frames(page)["longest frame, ms"]}


def main() -> None:
    """Print what was measured, a line each."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=50_000)
    parser.add_argument("--graphics", action="store_true", help="use the machine's graphics card, where it has one")
    given = parser.parse_args()
    folder = made_run(cache_folder() / "benchmarks" / f"run-{given.clips}", clips=given.clips)
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    flags = [flag for flag in CHROMIUM_FLAGS if not (given.graphics and flag == "--disable-gpu")]
    with served(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        for name, value in measured(page, f"{url}/?run={read_run(folder).key}#map", given.clips).items():
            print(f"{name}: {value:.1f}" if isinstance(value, float) else f"{name}: {value}")
        browser.close()


if __name__ == "__main__":
    main()
