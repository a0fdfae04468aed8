from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.errors import ProjectionError
from core.results import planes
from core.results.queries import best
from core.usecases import reference_run
from tests.e2e.reference_audio import with_audio
from tests.e2e.tabs import open_tab
from tests.e2e.waiting import awaited, stand_still

pytestmark = pytest.mark.browser

# The pixels of one point that lies away from the others, so that a click means it.
A_POINT = """() => {
  const plot = document.querySelector('#map-points .js-plotly-plot'), {xaxis, yaxis} = plot?._fullLayout ?? {};
  if (!plot?.calcdata?.length || !xaxis || !yaxis) return null;
  const trace = plot.data[0], box = plot.getBoundingClientRect();
  const values = (a) => a._inputArray || a;
  let best = null;
  for (const [i, x] of Array.from(plot.calcdata[0][0].t ? plot._fullData[0].x : values(trace.x)).entries()) {
    const px = xaxis.l2p(x), py = yaxis.l2p(plot._fullData[0].y[i]);
    if (px > 40 && py > 40 && px < xaxis._length - 40 && py < yaxis._length - 40 && (!best || px < best.px))
      best = {px, py, id: plot._fullData[0].customdata[i]};
  }
  return best && {x: box.x + xaxis._offset + best.px, y: box.y + yaxis._offset + best.py, id: best.id};
}"""


@pytest.fixture(scope="module")
def audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_audio(request, tmp_path_factory)


def open_map(page: Page) -> None:
    open_tab(page, "Map", wait_for=("#map-clusters", "Purity"))


def click_a_point(page: Page) -> str:
    plot = page.locator("#map-points .js-plotly-plot")
    expect(plot).to_be_visible()
    plot.scroll_into_view_if_needed()
    stand_still(page)
    target = awaited(page, A_POINT)
    page.mouse.move(target["x"] - 3, target["y"])
    page.mouse.move(target["x"], target["y"])
    page.mouse.click(target["x"], target["y"])
    return str(target["id"])


def ask_for_clusters(page: Page, count: int) -> None:
    page.locator("#map-k input[type=number]").fill(str(count))
    page.locator("#map-k input[type=number]").press("Enter")
    expect(page.locator("#map-clusters tbody tr")).to_have_count(count)


def test_the_map_opens_on_the_best_detector(kept: Page) -> None:
    open_map(kept)
    expect(kept.locator("#map-detector input")).to_have_value(best(reference_run()))


def test_a_clicked_point_plays_and_opens_in_analyse(kept: Page, audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kept
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(audio))
    open_map(page)
    path = click_a_point(page)
    expect(page.locator("#map-facts")).to_contain_text("Label")
    expect(page.locator("#map-path textarea, #map-path input").first).to_have_value(path)
    expect(page.locator("#map-path")).to_be_hidden()
    expect(page.locator("#map-audio")).to_be_visible()
    page.locator("#map-open").click()
    expect(page.get_by_role("tab", name="Analyse")).to_have_attribute("aria-selected", "true")
    expect(page.locator("body")).to_contain_text(path.rsplit("/", 1)[-1])


def test_without_the_corpus_a_point_still_tells_its_facts(kept: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kept
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    open_map(page)
    click_a_point(page)
    expect(page.locator("#map-facts")).to_contain_text("Label")
    expect(page.locator("#map-facts")).to_contain_text("SPOOFSCOPE_CORPUS")
    expect(page.locator("#map-open")).to_be_disabled()


def test_another_projection_has_the_same_height(kept: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kept
    monkeypatch.setattr("core.results.planes.kept_plane", lambda values, **_: values[:, :2])
    planes.places.cache_clear()
    open_map(page)
    plot = page.locator("#map-points .js-plotly-plot")
    expect(plot).to_be_visible()
    stand_still(page)
    before = plot.bounding_box()
    page.locator("#map-projection").get_by_text("UMAP").click()
    expect(page.locator("#map-lead")).to_contain_text("drawn in two by UMAP")
    page.wait_for_function(
        "(height) => Math.abs(document.querySelector("
        "'#map-points .js-plotly-plot .main-svg')?.clientHeight - height) < 4",
        arg=before and before["height"],
    )
    planes.places.cache_clear()
    page.locator("#map-projection").get_by_text("PCA").click()
    expect(page.locator("#map-points .js-plotly-plot")).to_contain_text("PC 1")


@pytest.mark.parametrize(
    ("error", "words"), [(ProjectionError("UMAP failed"), "UMAP failed"), (KeyError("x"), "could not be drawn")]
)
def test_a_map_that_fails_does_not_stay_at_work(
    kept: Page, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("core.results.planes.kept_plane", failing)
    page = kept
    planes.places.cache_clear()
    open_map(page)
    page.locator("#map-projection").get_by_text("UMAP").click()
    status = page.locator("#map-status")
    expect(status.get_by_role("alert")).to_contain_text(words)
    expect(status.locator(".ss-loading")).to_have_count(0)
    page.locator("#map-projection").get_by_text("PCA").click()
    expect(status).to_contain_text("Click to play")
    planes.places.cache_clear()


def test_what_the_legend_hides_stays_hidden_when_the_map_is_drawn_again(kept: Page) -> None:
    page = kept
    open_map(page)
    hidden = """() => document.querySelector('#map-points .js-plotly-plot')?.data
      ?.filter((trace) => trace.visible === 'legendonly').map((trace) => trace.legendgroup)"""
    page.locator("#map-points .legendtoggle").last.click()
    page.wait_for_function(f"({hidden})()?.length === 1")
    ask_for_clusters(page, 3)
    page.wait_for_function(f"({hidden})()?.join() === 'spoof'")


def test_colours_and_clusters_follow_their_controls(kept: Page) -> None:
    page = kept
    open_map(page)
    ask_for_clusters(page, 4)
    page.locator("#map-colour input").click()
    page.get_by_role("option", name="cluster").click()
    expect(page.locator("#map-points .legend")).to_contain_text("cluster 4")
    ask_for_clusters(page, 2)
    expect(page.locator("#map-points .legend")).not_to_contain_text("cluster 4")
