"""The tab Map: what is drawn, what is selected, what is in words, and what stands there where something lacks."""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis.clusters import Agreement
from core.analysis.regions import Window
from core.errors import ProjectionError
from core.results import embedded, maps
from core.results.colouring import CLUSTER, P_SPOOF, Groups, Scale, called_wrongly, coloured_by, colourings, grouped
from core.results.grouping import HDBSCAN, KMEANS, ClusterRow, Clusters, clusters, matched
from core.results.picked import picked
from core.results.queries import members
from core.results.selection import Is, Selection
from core.results.store import Run
from dashboard.components.clip_dock import show_clip
from dashboard.components.clusters import clusters_text
from dashboard.components.honesty import honesty_text
from dashboard.components.pager import pager
from dashboard.components.picked import picked_text
from dashboard.components.reference import NO_AUDIO, clip_facts, clip_title, clip_words, label_line
from dashboard.context import Context
from dashboard.map_picked import MapPicked
from dashboard.map_tab import MapTab
from dashboard.mapping import BY_SILHOUETTE, Asked, View, cloud_of, laid_out, placing, region
from dashboard.plots import map as plots
from dashboard.plots.map import CHOSEN, MOST, WRONG, Cloud, map_figure
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

BEST = "aasist"
ASKED = Asked(BEST, "pca", "label", (), KMEANS, BY_SILHOUETTE)
POINTS = {"scattergl"}
WAIT_S = 30


@pytest.fixture(autouse=True)
def no_umap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No map that takes long is begun by itself, and none is in memory or on the disk."""
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path))
    monkeypatch.setattr("dashboard.map_tab.warm", lambda *_: None)
    maps.maps.clear()
    yield
    maps.maps.clear()


def drawn(context: Context, **changed: Any) -> tuple[Any, ...]:
    """Return what the tab shows at last: lead, status, figure, detectors, columns, ..., timer, ticket."""
    chosen: dict[str, Any] = {
        "dark": False, "choice": "", "selection": "", "ticket": "", "who": None, "how": "pca", "tint": "label",
        "wanted": [], "grouping": KMEANS, "k": BY_SILHOUETTE, "view": View(), "path": "", **changed,
    }  # fmt: skip
    *_, last = MapTab(context).draw(**chosen)
    return last


def figure_of(run: Run, asked: Asked = ASKED, *, dark: bool = False, path: str = "", **more: Any) -> Any:
    cloud = cloud_of(run, laid_out(run, asked.detector, asked.method), asked, path=path)
    return map_figure(cloud, dark=dark, height=600, wanted=asked.wanted, **more)


def traces(figure: Any, *, but: tuple[str, ...] = (WRONG, "marked")) -> list[Any]:
    return [trace for trace in figure.data if trace.legendgroup not in but]


# The figure.


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("column", ["label", P_SPOOF, CLUSTER, "system", "speaker", "seconds"])
def test_every_clip_is_a_point_that_knows_its_position(run: Run, column: str, dark: bool) -> None:
    figure = figure_of(run, replace(ASKED, colour=column), dark=dark)
    found = np.concatenate([trace.customdata for trace in traces(figure)])
    assert sorted(found) == list(range(len(run)))
    assert {trace.type for trace in figure.data} == POINTS


def test_the_shape_shows_the_class_whatever_the_colour(run: Run) -> None:
    for trace in traces(figure_of(run, replace(ASKED, colour="speaker"))):
        symbols = {"square" if run.real[at] else "circle" for at in trace.customdata}
        assert symbols == {trace.marker.symbol}


def test_clips_that_the_detector_calls_wrongly_are_ringed(run: Run) -> None:
    (rings,) = [trace for trace in figure_of(run).data if trace.legendgroup == WRONG]
    verdicts = run.scores.query("detector == @BEST")["verdict"].to_numpy()
    wrong = np.where(run.real, verdicts == "probably spoofed", verdicts == "probably bona fide")
    assert sorted(rings.customdata) == np.flatnonzero(wrong).tolist()
    assert 0 < wrong.sum() < len(run)


def test_the_chosen_clip_is_ringed(run: Run) -> None:
    path = str(run.column("path").iloc[5])
    (ring,) = [trace for trace in figure_of(run, path=path).data if trace.name == CHOSEN]
    assert [ring.x[0], ring.y[0]] == maps.instant(run, BEST).plane[5].tolist()


def test_selected_clips_stand_out_while_the_others_fade(context: Context, run: Run) -> None:
    spoofs = context.selected("", (Selection() & Is("label", ("spoof",))).text)
    assert spoofs is not None
    for trace in traces(figure_of(spoofs)):
        assert len(trace.selectedpoints) == (0 if trace.marker.symbol == "square" else len(trace.customdata))
        assert trace.unselected.marker.opacity < 0.1 < trace.marker.opacity
    assert all(trace.selectedpoints is None for trace in figure_of(run).data)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 10, 30])
def test_any_number_of_groups_is_drawn_and_counted(run: Run, n: int) -> None:
    names = grouped(pd.Series([f"group-{at % n:02d}" for at in range(len(run))]))
    figure = map_figure(cloud_with(run, names, "group"), dark=False, height=600)
    assert len({trace.marker.color for trace in traces(figure)}) == min(n, MOST + 1)
    assert sum(len(trace.customdata) for trace in traces(figure)) == len(run)
    assert any(trace.name.startswith(f"{n - MOST} others") for trace in figure.data) == (n > MOST + 1)


def cloud_with(run: Run, colours: Groups | Scale, column: str) -> Cloud:
    return replace(cloud_of(run, laid_out(run, BEST, "pca"), ASKED), colours=colours, column=column)


def test_any_group_can_be_chosen_to_be_in_colour_and_what_was_switched_off_stays_off(run: Run) -> None:
    names = grouped(pd.Series([f"group-{at % 30:02d}" for at in range(len(run))]))
    rare = ["group-28", "group-29"]
    figure = map_figure(
        cloud_with(run, names, "group"), dark=False, height=600, wanted=rare, hidden=["group-28"]
    )  # fmt: skip
    colours = {trace.legendgroup: trace.marker.color for trace in traces(figure)}
    assert set(colours) == {*rare, "28 others"}
    assert len(set(colours.values())) == 3
    assert {trace.legendgroup: trace.visible for trace in traces(figure)}["group-28"] == "legendonly"


def test_many_clips_are_counted_in_cells_and_become_points_in_a_window(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "MOST_POINTS", 60)
    whole = figure_of(run)
    layers = [trace for trace in whole.data if trace.type == "heatmap"]
    assert sum(int(trace.customdata.sum()) for trace in layers if trace.visible is True) == len(run)
    plane = maps.instant(run, BEST).plane
    left, right = np.sort(plane[:, 0])[[20, 60]].tolist()
    window = Window(left, right, float(plane[:, 1].min()), float(plane[:, 1].max()))
    near = figure_of(run, window=window)
    assert {trace.type for trace in near.data} == POINTS
    assert sorted(np.concatenate([trace.customdata for trace in traces(near)])) == np.flatnonzero(
        window.holds(plane)).tolist()  # fmt: skip
    assert list(near.layout.xaxis.range) == [left, right]


def test_a_density_of_numbers_shows_their_mean_in_each_cell(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "MOST_POINTS", 60)
    figure = figure_of(run, replace(ASKED, colour="seconds"))
    (layer,) = [trace for trace in figure.data if trace.legendgroup == "mean"]
    weighted = np.nansum(layer.z * layer.customdata) / layer.customdata.sum()
    assert weighted == pytest.approx(run.column("seconds").mean(), rel=1e-4)


# What it is coloured by.


def test_any_column_is_a_colouring_words_as_groups_and_numbers_as_a_scale(run: Run) -> None:
    known = colourings(run)
    assert known[:3] == ["label", P_SPOOF, CLUSTER]
    assert set(known) == {*run.columns, P_SPOOF, CLUSTER} - {"path"}
    assert isinstance(coloured_by(run, BEST, "seconds"), Scale)
    groups = coloured_by(run, BEST, "system")
    assert isinstance(groups, Groups)
    expected = run.clips["system"].value_counts()
    assert dict(zip(groups.names, groups.counts, strict=True)) == expected.to_dict()
    assert [groups.names[code] for code in groups.codes] == run.clips["system"].tolist()


def test_a_clip_without_a_value_is_in_a_group_of_its_own() -> None:
    groups = grouped(pd.Series(["a", None, "a", None, None, "b"]))
    assert groups.names == ("(no value)", "a", "b")
    assert groups.codes.tolist() == [1, 0, 1, 0, 0, 2]


# A lasso.


def test_a_lasso_picks_the_clips_inside_but_for_groups_that_are_switched_off(run: Run) -> None:
    laid = laid_out(run, BEST, "pca")
    plane = laid.layout.plane
    middle = float(np.median(plane[:, 0]))
    low, high = float(plane[:, 1].min()) - 1, float(plane[:, 1].max()) + 1
    corners = {"x": [middle, middle + 99, middle + 99, middle], "y": [low, low, high, high]}
    found = region(run, laid, ASKED, View(), corners)
    assert found is not None
    right = plane[:, 0] > middle
    assert found.positions.tolist() == np.flatnonzero(right).tolist()
    box = region(run, laid, ASKED, View(), {"x": [middle, middle + 99], "y": [low, high]})
    assert box is not None
    assert set(box.positions) >= set(found.positions)
    fewer = region(run, laid, ASKED, View(hidden=("spoof",)), corners)
    assert fewer is not None
    assert fewer.positions.tolist() == np.flatnonzero(right & run.real).tolist()


@pytest.mark.parametrize("corners", [{}, {"x": [1], "y": [1]}, {"x": [900, 901], "y": [0, 1]}, {"x": None, "y": [1]}])
def test_a_lasso_around_nothing_selects_nothing(run: Run, corners: Mapping[str, Any]) -> None:
    assert region(run, laid_out(run, BEST, "pca"), ASKED, View(), corners) is None


def test_figures_of_what_is_picked_are_counted(run: Run) -> None:
    at = np.arange(30)
    found = picked(run, BEST, at)
    clips = run.clips.iloc[:30]
    assert (found.n, found.of, found.labelled) == (30, 200, 30)
    assert found.spoofed == pytest.approx((clips["label"] == "spoof").mean())
    assert found.mean_p_spoof == pytest.approx(run.wide("p_spoof")[BEST].iloc[:30].mean())
    assert found.wrong == called_wrongly(run, BEST)[:30].sum()
    first = found.frequent["system"][0]
    counts = clips["system"].value_counts()
    assert (first.n, first.share) == (counts.iloc[0], counts.iloc[0] / 30)
    assert first.overall == pytest.approx((run.clips["system"] == first.value).mean())
    words = picked_text(found, BEST)
    assert "30 of 200 clips" in words


# What the tab shows.


def test_the_map_opens_on_the_best_member_of_the_panel_and_follows_the_selection(context: Context, run: Run) -> None:
    lead, status, figure, names, *_ = drawn(context)
    assert names.value == members(run)[0]
    assert f"<b>{names.value}</b>" in lead
    assert f"rings the {called_wrongly(run, names.value).sum()}" in status
    assert len(figure.data) > 2
    spoofs = (Selection() & Is("label", ("spoof",))).text
    n = int((run.clips["label"] == "spoof").sum())
    lead, *_ = drawn(context, selection=spoofs)
    assert f"{n} of {len(run)} clips of the run selected" in lead


def test_a_map_that_takes_long_shows_pca_meanwhile_and_is_there_at_last(
    context: Context, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(own: Any, *_: Any) -> Any:
        gate.wait(WAIT_S)
        return np.arange(2 * len(own.values), dtype=np.float32).reshape(-1, 2)

    monkeypatch.setattr(maps, "_whole", slow)
    monkeypatch.setattr("dashboard.mapping._AT_HAND_S", 0.01)
    _, status, figure, *_, timer, _ = drawn(context, how="umap")
    assert "UMAP is being laid out" in status
    assert figure.layout.xaxis.title.text.startswith("PC 1")
    assert timer.active
    gate.set()
    maps.begin(run, BEST, "umap").result(WAIT_S)
    _, status, figure, *_, timer, _ = drawn(context, how="umap")
    assert figure.layout.xaxis.title.text == "UMAP 1"
    assert "ss-loading" not in status
    assert not timer.active


def test_a_map_that_fails_is_reported_and_pca_stands_in(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise ProjectionError("UMAP could not lay out 200 clips: out of memory")

    monkeypatch.setattr(maps, "_whole", failing)
    monkeypatch.setattr("dashboard.mapping._AT_HAND_S", WAIT_S)
    _, status, figure, *_ = drawn(context, how="umap")
    assert "out of memory" in status
    assert "PCA is shown instead" in status
    assert figure.layout.xaxis.title.text.startswith("PC 1")


def test_a_recording_is_placed_without_moving_the_others(
    context: Context, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedding = np.asarray(run.embeddings(BEST)[7])
    analysis = SimpleNamespace(detectors={BEST: SimpleNamespace(embedding=embedding)})
    recording = SimpleNamespace(name="mine.wav", analysis=analysis, is_example=False)
    monkeypatch.setattr(context.resources.visits, "current", lambda ticket: recording if ticket == "me.1" else None)
    card = SimpleNamespace(sha256=run.manifest["detectors"][BEST]["weights_sha256"])
    monkeypatch.setattr(type(context), "panel", SimpleNamespace(card=lambda name: card))
    before = drawn(context, who=BEST)[2]
    _, status, figure, *_ = drawn(context, who=BEST, ticket="me.1")
    (star,) = [trace for trace in figure.data if trace.name == "mine.wav"]
    np.testing.assert_allclose([star.x[0], star.y[0]], maps.instant(run, BEST).plane[7], atol=1e-4)
    assert "★ is mine.wav" in status
    for old, new in zip(traces(before), traces(figure), strict=True):
        np.testing.assert_array_equal(old.x, new.x)
    card.sha256 = "another"
    assert "another aasist" in drawn(context, who=BEST, ticket="me.1")[1]
    assert "cae-lfcc has not scored it" in drawn(context, who="cae-lfcc", ticket="me.1")[1]


def test_a_run_without_embeddings_has_words_in_place_of_a_map(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.mapping.has_embeddings", lambda *_: False)
    lead, _, figure, *_ = drawn(context)
    assert "keeps no embeddings of its 200 clips" in lead
    assert figure.layout.annotations[0].text == "No map."


@pytest.mark.parametrize(
    "clips",
    [synthetic_clips(3), synthetic_clips(40).query("label == 'spoof'").reset_index(drop=True),
     synthetic_clips(40).assign(label="unknown", system="-")],
    ids=["three clips", "one class", "no labels"],
)  # fmt: skip
def test_odd_runs_are_drawn_all_the_same(
    clips: pd.DataFrame, resources: Any, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = synthetic_run(tmp_path / "odd", clips)
    monkeypatch.setattr(resources, "run_of", lambda choice="": odd)
    for tint in ("label", CLUSTER, P_SPOOF):
        _, status, figure, names, *_, mark, _, _ = drawn(context, tint=tint)
        assert sum(len(trace.customdata) for trace in traces(figure)) == len(clips)
        assert "alert" not in status
    tab, at = MapTab(context), np.arange(len(odd))
    *_, words = tab.groups("", mark, KMEANS, BY_SILHOUETTE, "label")
    assert "cluster" in words
    *_, words = tab.groups("", mark, HDBSCAN, "7", "label")
    assert "none" in words
    assert "nearest clips" in tab.honesty("", mark)[0]
    assert "clip" in tab.near("", mark, str(clips["path"].iloc[0]))
    assert "nan" not in picked_text(picked(odd, names.value, at), names.value)


def test_more_clusters_than_clips_are_refused_in_words(context: Context, run: Run) -> None:
    asked = Asked(BEST, "pca", CLUSTER, (), KMEANS, "999")
    with pytest.raises(ProjectionError, match="choose 1 to 200"):
        asked.clusters(run)
    assert "choose 1 to 200" in drawn(context, tint=CLUSTER, k="999")[1]


def test_clusters_follow_their_settings_and_are_compared_with_a_column(run: Run) -> None:
    found = clusters(run, BEST, KMEANS, 2)
    match = matched(run, BEST, found, "label")
    assert match is not None
    assert match.purity > 0.8, "the synthetic classes lie apart"
    assert matched(run, BEST, found, "seconds") is None
    words = clusters_text(found, match, "label")
    assert "2 clusters" in words
    assert f"with a single cluster it would be {match.commonest:.2f}" in words
    assert "holds numbers" in clusters_text(found, None, "seconds")
    one_value = matched(run, BEST, found, "dataset")
    assert one_value is not None and one_value.commonest == 1
    assert "one value of it for all clips" in clusters_text(found, one_value, "dataset")
    assert "there is one cluster" in clusters_text(clusters(run, BEST, KMEANS, 1), match, "label")
    assert sum(row.n for row in found.rows) == len(run)
    assert "the clearest of 2 to 12" in clusters_text(clusters(run, BEST, KMEANS), match, "label")


def test_by_hdbscan_it_is_said_what_each_figure_counts_of_the_clips_in_no_cluster() -> None:
    codes = np.repeat(np.arange(3, dtype=np.int32), [5, 4, 6])
    rows = tuple(ClusterRow(name, n, 0.5, ()) for name, n in (("cluster 1", 5), ("cluster 2", 4), ("no cluster", 6)))
    found = Clusters(HDBSCAN, Groups(codes, tuple(row.name for row in rows), (5, 4, 6)), 0.4, {}, rows)
    words = clusters_text(found, Agreement(purity=0.8, commonest=0.6, nmi=0.3, ari=0.2, n=15), "label")
    assert "6 clips lie in none" in words and "0.40</b> of the others: groups that touch" in words
    assert "those in none counting as one more" in words


def test_a_number_of_clusters_is_offered_by_k_means_alone(context: Context) -> None:
    offered = {how: MapTab(context).numbered(how).visible for how in (KMEANS, HDBSCAN)}
    assert offered == {KMEANS: True, HDBSCAN: False}


def test_the_words_on_trust_carry_the_numbers(run: Run) -> None:
    found = maps.trust(run, BEST, "pca").result(WAIT_S)
    words = honesty_text(found, "PCA")
    assert found.honesty is not None
    assert f"{found.honesty.kept:.0%}".replace("%", " %") in words
    assert f"{found.honesty.trustworthiness:.2f}" in words
    assert "each from half of the clips" in words
    nothing = honesty_text(replace(found, honesty=None), "PCA")
    assert "Too few clips" in nothing


def test_selected_clips_are_listed_and_play_one_after_another(context: Context, run: Run) -> None:
    tab, mark = MapPicked(context), drawn(context)[7]
    chosen = np.flatnonzero(run.fake)[:3]
    paths = run.column("path").astype(str).tolist()
    from core.results.selection import Picked

    selection = (Selection() & Picked.of(run, chosen)).text
    figures, rows, button, page = tab.first_page("", selection, mark, "")
    assert "3 of 200 clips" in figures
    assert rows.count("data-value=") == 6
    assert (button.visible, page) == (True, 1)
    played = [tab.play_all("", selection, mark, "", 1)]
    while played[-1][-1]:
        played.append(tab.play_next("", selection, mark, played[-1][0], 1, True))
    assert [step[0] for step in played[:-1]] == [paths[at] for at in chosen]
    assert tab.play_next("", selection, mark, paths[chosen[0]], 1, False)[-1] is False
    assert "Draw around points" in tab.first_page("", "", mark, "")[0]


def test_of_very_many_pages_the_ends_and_those_around_are_listed() -> None:
    def listed(rows: int, page: int) -> list[int]:
        return [int(number) for number in re.findall(r'data-page="(\d+)"', pager(rows, page, what="clips"))]

    assert listed(50_000, 250) == [1, 247, 248, 249, 250, 251, 252, 253, 500]
    assert listed(50_000, 1) == [1, 2, 3, 4, 500]
    assert listed(1_000, 4) == list(range(1, 11))
    assert listed(100, 1) == []
    assert "24,901–25,000 of 50,000 clips" in pager(50_000, 250, what="clips")


# One clip.


def test_a_point_shows_its_clip_and_its_neighbours(context: Context, run: Run) -> None:
    tab, mark = MapTab(context), drawn(context, who=BEST)[7]
    path, _facts, *_ = tab.clicked("", SimpleNamespace(ids=[5]))  # type: ignore[arg-type]
    assert path == run.column("path").iloc[5]
    words = tab.near("", mark, path)
    assert words.count("<li") == 20
    plane = maps.instant(run, BEST).plane
    assert tab.where("", mark, path) == " ".join(str(value) for value in plane[5].tolist())
    assert "Click a point" in tab.near("", mark, "nowhere.wav")
    assert tab.clicked("", SimpleNamespace(ids=[99_999]))[-1] is False  # type: ignore[arg-type]


def test_a_clicked_clip_shows_its_label_and_every_score(run: Run) -> None:
    row = run.clips[run.clips["label"] == "spoof"].iloc[0]
    facts = clip_facts(run, row["path"])
    # Each bar over the band in which that detector is not sure: P(spoof) 0.35 to 0.65, where no thresholds were set.
    assert facts.count('<s style="left:35.0%;width:30.0%">') == facts.count('class="ss-dn"')
    assert f"<b>{row['system']}</b>" in facts
    for name in ["panel", *run.detectors]:
        assert name in facts


def test_a_clip_of_unknown_recording_goes_by_its_file_and_what_is_unknown_is_left_out() -> None:
    row = {"path": "flac/LA_1.flac", "label": "spoof", "system": "A12", "source": "-", "kind": "tts"}
    assert clip_words(row) == clip_title(row) == "A12 · LA_1.flac"
    assert clip_title(row | {"source": "libri-1"}) == "A12 · libri-1"
    assert clip_title(row | {"label": "bonafide"}) == "bona fide · LA_1.flac"
    assert clip_words(row | {"system": "-"}) == "LA_1.flac"
    assert "made by" not in label_line(pd.Series(row | {"system": "-"}))


def test_those_outside_the_panel_are_folded_away(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = members(run)
    monkeypatch.setattr("dashboard.components.reference.members", lambda _run: [first])
    facts = clip_facts(run, run.clips["path"].iloc[0])
    at = facts.index(f"<summary>{len(others)} not in the panel</summary>")
    assert facts.index(f">{first}<") < at
    assert all(facts.index(f">{name}<") > at for name in others)


def test_without_the_corpus_the_dock_says_what_to_set(context: Context, run: Run) -> None:
    path = run.clips["path"].iloc[0]
    shown, facts, audio, button = show_clip(context, path)
    assert shown == path
    assert NO_AUDIO in facts
    assert "SPOOFSCOPE_CORPUS" in facts
    assert (audio.visible, button.interactive) == (False, False)


def test_a_clip_of_another_run_is_refused(context: Context) -> None:
    assert "not in the run" in show_clip(context, "../../etc/passwd")[1]


def test_only_detectors_with_embeddings_place_clips(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert placing(run) == members(run)
    monkeypatch.setattr("dashboard.mapping.has_embeddings", lambda _, name: name != BEST)
    assert BEST not in placing(run)
    assert embedded.has_embeddings(run, BEST)
