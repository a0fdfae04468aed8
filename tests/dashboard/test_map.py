import numpy as np
import pandas as pd
import pytest

from core.errors import ProjectionError
from core.results import planes
from core.results.queries import best, members
from core.results.store import Run
from dashboard.components.clip_dock import show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.reference import NO_AUDIO, clip_facts
from dashboard.context import Context
from dashboard.plots.map import COLOURINGS, MOST, groups_of, scatter
from dashboard.views.map import drawing, drawn, undrawn


def _points(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, 2))


def _clips(run: Run) -> pd.DataFrame:
    n = len(run.clips)
    return run.clips.assign(p_spoof=np.linspace(0, 1, n), cluster=np.arange(n) % 3 + 1)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("column", COLOURINGS.values())
def test_every_clip_is_a_point_that_knows_its_path(run: Run, column: str, dark: bool) -> None:
    figure = scatter(_points(len(run.clips)), _clips(run), colour=column, axes=("x", "y"), dark=dark)
    paths = [path for trace in figure.data for path in trace.customdata]
    assert sorted(paths) == sorted(run.paths)
    assert {trace.type for trace in figure.data} == {"scattergl"}


def test_the_shape_tells_the_class_whatever_the_colour(run: Run) -> None:
    truth = dict(zip(run.clips["path"], run.clips["label"], strict=True))
    figure = scatter(_points(len(run.clips)), _clips(run), colour="cluster", axes=("x", "y"), dark=False)
    for trace in figure.data:
        symbol = {"bonafide": "square", "spoof": "circle"}
        assert {symbol[truth[path]] for path in trace.customdata} == {trace.marker.symbol}


def test_the_chosen_clip_is_ringed(run: Run) -> None:
    points, chosen = _points(len(run.clips)), run.clips["path"].iloc[5]
    figure = scatter(points, _clips(run), colour="label", axes=("x", "y"), chosen=chosen, dark=False)
    assert (figure.data[-1].x[0], figure.data[-1].y[0]) == tuple(points[5])


def many_groups(run: Run, n: int) -> pd.DataFrame:
    clips = _clips(run)[run.clips["label"] == "spoof"].reset_index(drop=True)
    return clips.assign(system=[f"system-{i % n:02d}" for i in range(len(clips))])


@pytest.mark.parametrize("n", [1, 7, 8, 9, 10, 30])
def test_any_number_of_groups_is_drawn_and_counted(run: Run, n: int) -> None:
    clips = many_groups(run, n)
    figure = scatter(_points(len(clips)), clips, colour="system", axes=("x", "y"), dark=False)
    assert len({trace.marker.color for trace in figure.data}) == min(n, MOST + 1)
    assert sum(len(trace.customdata) for trace in figure.data) == len(clips)
    assert any(trace.name.startswith(f"{n - MOST} others") for trace in figure.data) == (n > MOST + 1)


def test_nine_clusters_can_be_coloured(run: Run) -> None:
    figure, _, choice = drawn(run, "aasist", "PCA", "cluster", 9, path=None, dark=False)
    assert {trace.legendgroup for trace in figure.data} == {f"cluster {number}" for number in range(1, 10)}
    assert len(choice.choices) == 9
    assert choice.visible


def test_any_group_can_be_chosen_to_be_in_colour(run: Run) -> None:
    clips = many_groups(run, 30)
    rare = sorted(set(clips["system"]))[-2:]
    figure = scatter(_points(len(clips)), clips, colour="system", axes=("x", "y"), dark=False, wanted=rare)
    colours = {trace.legendgroup: trace.marker.color for trace in figure.data}
    assert set(colours) == {*rare, "28 others"}
    assert len(set(colours.values())) == 3


def test_what_was_switched_off_stays_off(run: Run) -> None:
    figure, *_ = drawn(run, "aasist", "PCA", "label", 3, path=None, dark=False, hidden=["spoof"])
    assert {trace.legendgroup: trace.visible for trace in figure.data} == {"bonafide": None, "spoof": "legendonly"}


def test_the_map_opens_on_the_best_detector(context: Context) -> None:
    assert context.run() is not None
    *_, (lead, _, _, _, names, _) = drawing(context)(False, "", "", None, "PCA", "label", [], 3, [], "")
    assert names.value == best(context.run())
    assert f"<b>{best(context.run())}</b>" in lead


def test_principal_components_keep_their_spreads_and_other_embeddings_are_evened(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def laid_out(values: np.ndarray, *, standardise: bool, **_: object) -> np.ndarray:
        asked.append(standardise)
        return values[:, :2]

    monkeypatch.setattr("core.results.planes.kept_plane", laid_out)
    run = context.run()
    assert run is not None
    planes.places.cache_clear()
    for reduced in (None, {"dims": 12}):
        about = run.manifest["detectors"]["aasist"]
        about = {**about, "embedding": {**about["embedding"], "reduced": reduced}}
        monkeypatch.setitem(run.manifest, "detectors", {**run.manifest["detectors"], "aasist": about})
        planes.places(run, "aasist", "UMAP")
        planes.places.cache_clear()
    assert asked == [True, False]


def test_a_map_that_fails_says_so_in_place_of_the_word_that_it_is_at_work(
    context: Context, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> np.ndarray:
        raise ProjectionError("UMAP could not lay out 200 clips: out of memory")

    monkeypatch.setattr("core.results.planes.kept_plane", failing)
    first, last = drawing(context)(False, "", "", "aasist", "UMAP", "label", [], 3, [], "")
    assert "ss-loading" in first[1]
    _, status, figure, *_ = last
    assert "out of memory" in status
    assert "PCA" in status
    assert "ss-loading" not in status
    assert figure.layout.height == drawn(run, "aasist", "PCA", "label", 3, path=None, dark=False)[0].layout.height
    assert "could not be drawn" in undrawn("", "PCA", dark=False)[0]


def test_clusters_are_counted_from_one_and_measured_against_the_classes(run: Run) -> None:
    found = planes.clusters(run, "aasist", 2)
    assert set(found.labels) == {1, 2}
    assert found.purity > 0.8, "the synthetic classes lie apart"


def test_groups_are_named_in_words(run: Run) -> None:
    clips = _clips(run)
    assert set(groups_of(clips, "cluster")) == {"cluster 1", "cluster 2", "cluster 3"}
    assert "bona fide" in set(groups_of(clips, "system"))


def test_the_words_compare_purity_with_a_single_cluster(run: Run) -> None:
    half = run.clips.groupby("label").head(20)
    words = clusters_text(half, [1] * len(half), purity=0.5, silhouette=0.1)
    assert "with a single cluster it would be 50 %" in words
    assert "one cloud" in words


def test_a_clicked_clip_shows_its_label_and_every_score(run: Run) -> None:
    row = run.clips[run.clips["label"] == "spoof"].iloc[0]
    facts = clip_facts(run, row["path"])
    # Each bar over the band in which that detector is not sure: P(spoof) 0.35 to 0.65, where no thresholds were set.
    assert facts.count('<s style="left:35.0%;width:30.0%">') == facts.count('class="ss-dn"')
    assert f"<b>{row['system']}</b>" in facts
    for name in ["panel", *run.detectors]:
        assert name in facts


def test_those_outside_the_panel_are_folded_away(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = members(run)
    monkeypatch.setattr("dashboard.components.reference.members", lambda _run: [first])
    facts = clip_facts(run, run.clips["path"].iloc[0])
    at = facts.index(f"<summary>{len(others)} not in the panel</summary>")
    assert facts.index(f">{first}<") < at
    assert all(facts.index(f">{name}<") > at for name in others)


def test_without_the_corpus_the_dock_says_what_to_set(context: Context) -> None:
    path = context.run().clips["path"].iloc[0]  # type: ignore[union-attr]
    shown, facts, audio, button = show_clip(context, path)
    assert shown == path
    assert NO_AUDIO in facts
    assert "SPOOFSCOPE_CORPUS" in facts
    assert (audio.visible, button.interactive) == (False, False)


def test_a_clip_of_another_run_is_refused(context: Context) -> None:
    assert "not in the run" in show_clip(context, "../../etc/passwd")[1]
