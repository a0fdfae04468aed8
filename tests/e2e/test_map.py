import threading
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.errors import ProjectionError
from core.results import maps
from core.results.embedded import Embedded
from core.results.queries import members
from core.usecases import reference_run
from tests.e2e.gestures import choose, repeat
from tests.e2e.reference_audio import with_audio
from tests.e2e.tabs import open_tab
from tests.e2e.waiting import awaited, stand_still

pytestmark = pytest.mark.browser

# The pixels of the point that lies furthest from all others on the screen, so that a click means it on any machine.
A_POINT = """() => {
  const plot = document.querySelector('#map-points .js-plotly-plot'), {xaxis, yaxis} = plot?._fullLayout ?? {};
  if (!plot?.calcdata?.length || !xaxis || !yaxis) return null;
  const points = plot._fullData.filter((trace) => trace.visible === true && trace.customdata).flatMap(
    ({x, y, customdata}) => Array.from(customdata, (id, i) => [xaxis.l2p(x[i]), yaxis.l2p(y[i]), id]));
  const marks = plot._fullData.filter((trace) => !trace.customdata).flatMap(
    ({x, y}) => Array.from(x, (_, i) => [xaxis.l2p(x[i]), yaxis.l2p(y[i]), null]));
  let best = null;
  for (const [px, py, id] of points) {
    if (px < 40 || py < 40 || px > xaxis._length - 40 || py > yaxis._length - 40) continue;
    const others = [...points, ...marks].filter((other) => other[2] !== id);
    const alone = Math.min(...others.map(([x, y]) => Math.hypot(x - px, y - py)));
    if (!best || alone > best.alone) best = {px, py, id, alone};
  }
  const box = plot.getBoundingClientRect();
  return best && {x: box.x + xaxis._offset + best.px, y: box.y + yaxis._offset + best.py, id: best.id};
}"""


# The box of the axes in which points lie.
AXES = """() => {
  const plot = document.querySelector('#map-points .js-plotly-plot'), box = plot.getBoundingClientRect();
  const {_size: {l, t, w, h}} = plot._fullLayout;
  return [box.x + l, box.y + t, w, h];
}"""
# The path of the clip on show, which no one sees.
CHOSEN = "#map-path textarea, #map-path input"
SHOWN = "document.querySelector('#map-points .js-plotly-plot')"


@pytest.fixture(scope="module")
def audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_audio(request, tmp_path_factory)


def open_map(page: Page) -> None:
    open_tab(page, "Map", wait_for=("#map-clusters", "Purity"))


def choose_a_point(page: Page) -> str:
    """Click a point until it is the one on show, and return its path; an answer may still be that of a click before."""
    paths, chosen, clicked = reference_run().column("path"), page.locator(CHOSEN).first, [""]

    def click() -> None:
        clicked[0] = str(paths.iloc[int(click_a_point(page))])

    repeat(page, click, lambda: expect(chosen).to_have_value(clicked[0]))
    return clicked[0]


def click_a_point(page: Page) -> str:
    plot = page.locator("#map-points .js-plotly-plot")
    expect(plot).to_be_visible()
    page.locator("#map-points").evaluate("(element) => element.scrollIntoView({block: 'center'})")
    stand_still(page)
    target = awaited(page, A_POINT)
    page.mouse.move(target["x"] - 3, target["y"])
    page.mouse.move(target["x"], target["y"])
    page.mouse.click(target["x"], target["y"])
    return str(target["id"])


def select_around(page: Page, corners: list[tuple[float, float]]) -> None:
    """Draw around points until they are listed: a figure that is drawn anew, as on entering the tab, ends a lasso."""
    rows = page.locator("#map-rows tbody tr")
    repeat(page, lambda: draw_around(page, corners), lambda: expect(rows.first).to_be_visible())


def draw_around(page: Page, corners: list[tuple[float, float]]) -> None:
    """Draw a lasso through corners given as shares of the axes' width and height."""
    page.locator("#map-points").evaluate("(element) => element.scrollIntoView({block: 'center'})")
    stand_still(page)
    left, top, width, height = page.evaluate(AXES)
    (x, y), *rest = [(left + width * across, top + height * down) for across, down in corners]
    page.mouse.move(x, y)
    page.mouse.down()
    for across, down in rest:
        page.mouse.move(across, down, steps=4)
    page.mouse.up()


def test_the_map_opens_on_the_best_member_of_the_panel(kept: Page) -> None:
    open_map(kept)
    expect(kept.locator("#map-detector input")).to_have_value(members(reference_run())[0])
    expect(kept.locator("#map-points .legend")).to_contain_text("called wrongly")
    expect(kept.locator("#map-honesty")).to_contain_text("trustworthiness")


def test_a_clicked_point_plays_shows_its_neighbours_and_opens_in_analyse(
    kept: Page, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = kept
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_map(page)
    path = choose_a_point(page)
    expect(page.locator("#map-path")).to_be_hidden()
    expect(page.locator("#map-audio")).to_be_visible()
    expect(page.locator("#map-near li")).to_have_count(20)
    page.wait_for_function(f"{SHOWN}.data.find((trace) => trace.name === 'chosen').x[0] > -1e9")
    page.locator("#map-open").click()
    expect(page.get_by_role("tab", name="Analyse")).to_have_attribute("aria-selected", "true")
    expect(page.locator("body")).to_contain_text(path.rsplit("/", 1)[-1])


def test_a_lasso_leads_to_a_table_and_to_playing_one_after_another_and_is_cleared_in_one_press(
    kept: Page, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = kept
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_map(page)
    select_around(page, [(0.04, 0.04), (0.5, 0.04), (0.5, 0.96), (0.04, 0.96), (0.04, 0.04)])
    expect(page.locator("#map-picked")).to_contain_text(f"of {len(reference_run())} clips")
    faded = f"{SHOWN}._fullData.some((trace) => trace.selectedpoints && trace.selectedpoints.length < trace.x.length)"
    page.wait_for_function(faded)
    paths = [page.locator("#map-rows tbody tr").nth(row).get_attribute("data-value") for row in (0, 1)]
    chosen = page.locator(CHOSEN).first
    page.locator("#map-play").click()
    expect(chosen).to_have_value(str(paths[0]))
    # The recording is as long as it is: its end is what counts.
    awaited(page, "() => document.querySelector('#map-audio .play-pause-button, #map-audio button')")
    expect(chosen).to_have_value(str(paths[1]))
    page.locator("[data-value=clear]:visible").click()
    expect(page.locator("#map-picked")).to_contain_text("Draw around points")


def test_without_the_corpus_a_point_still_shows_its_facts(kept: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kept
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    open_map(page)
    choose_a_point(page)
    expect(page.locator("#map-facts")).to_contain_text("SPOOFSCOPE_CORPUS")
    expect(page.locator("#map-open")).to_be_disabled()


def test_a_map_that_is_waited_for_comes_by_itself_and_has_the_same_height(
    kept: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, gate = kept, threading.Event()

    def slow(own: Embedded, *_: object) -> np.ndarray:
        gate.wait(600)
        return own.points[:, :2].copy()

    monkeypatch.setattr("core.results.maps._whole", slow)
    maps.maps.clear()
    open_map(page)
    plot = page.locator("#map-points .js-plotly-plot")
    expect(plot).to_be_visible()
    stand_still(page)
    before = plot.bounding_box()
    try:
        page.locator("#map-projection").get_by_text("t-SNE").click()
        expect(page.locator("#map-status")).to_contain_text("t-SNE is being laid out")
        expect(plot).to_contain_text("PC 1")
    finally:
        gate.set()
    expect(plot).to_contain_text("t-SNE 1")
    page.wait_for_function(
        "(height) => Math.abs(document.querySelector("
        "'#map-points .js-plotly-plot .main-svg')?.clientHeight - height) < 4",
        arg=before and before["height"],
    )
    page.locator("#map-projection").get_by_text("PCA").click()
    expect(plot).to_contain_text("PC 1")
    maps.maps.clear()


@pytest.mark.parametrize(
    ("error", "words"), [(ProjectionError("UMAP failed"), "UMAP failed"), (KeyError("x"), "could not be drawn")]
)
def test_a_map_that_fails_does_not_stay_at_work(
    kept: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("core.results.maps._whole", failing)
    # What another test had fitted is kept there.
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path))
    page = kept
    maps.maps.clear()
    open_map(page)
    page.locator("#map-projection").get_by_text("UMAP").click()
    status = page.locator("#map-status")
    expect(status.get_by_role("alert")).to_contain_text(words)
    expect(status.locator(".ss-loading")).to_have_count(0)
    page.locator("#map-projection").get_by_text("PCA").click()
    expect(status).to_contain_text("Click to play")
    maps.maps.clear()


def test_what_the_legend_hides_stays_hidden_when_the_map_is_drawn_again(kept: Page) -> None:
    page = kept
    open_map(page)
    hidden = f"""() => {SHOWN}?.data
      ?.filter((trace) => trace.visible === 'legendonly').map((trace) => trace.legendgroup)"""
    stand_still(page)
    page.locator("#map-points .legendtoggle").nth(1).click()
    page.wait_for_function(f"({hidden})()?.length === 1")
    choose(page, "#map-detector", members(reference_run())[1])
    expect(page.locator("#map-lead")).to_contain_text(members(reference_run())[1])
    page.wait_for_function(f"({hidden})()?.join() === 'spoof'")


def test_colours_and_clusters_follow_their_controls(kept: Page) -> None:
    page = kept
    open_map(page)
    choose(page, "#map-k", "4")
    expect(page.locator("#map-clusters tbody tr")).to_have_count(4)
    choose(page, "#map-colour", "cluster")
    expect(page.locator("#map-points .legend")).to_contain_text("cluster 4")
    choose(page, "#map-k", "2")
    expect(page.locator("#map-points .legend")).not_to_contain_text("cluster 4")


def test_a_map_of_many_points_is_moved_as_a_picture_and_drawn_where_it_is_let_go(kept: Page) -> None:
    page = kept
    open_map(page)
    stand_still(page)
    page.evaluate("() => { window.spoofscope.movedFrom = 1; window.panned = []; }")
    page.evaluate(f"() => window.Plotly.relayout({SHOWN}, {{dragmode: 'pan'}})")
    span = f"() => {SHOWN}._fullLayout.xaxis.range"
    before = page.evaluate(span)

    def drag() -> None:
        left, top, width, height = page.evaluate(AXES)
        page.mouse.move(left + width / 2, top + height / 2)
        page.mouse.down()
        page.mouse.move(left + width / 2 + 60, top + height / 2, steps=3)
        page.evaluate("() => panned.push(document.querySelector('.ss-panned canvas')?.style.transform)")
        page.mouse.up()

    repeat(page, drag, lambda: page.wait_for_function(f"(before) => ({span})()[0] !== before[0]", arg=before))
    assert page.evaluate("() => panned.at(-1)") == "translate(60px, 0px)"
    after, width = page.evaluate(span), page.evaluate(AXES)[2]
    moved = (before[0] - after[0]) / (before[1] - before[0]) * width
    assert moved == pytest.approx(60 * page.evaluate("() => panned.length"), abs=1)
    expect(page.locator(".ss-panned")).to_have_count(0)
    assert "draw" in page.evaluate(f"() => String({SHOWN}._fullLayout._plots.xy._scene.draw)"), "points are drawn again"
    page.evaluate("() => { delete window.spoofscope.movedFrom; }")
