from pathlib import Path

import numpy as np
import pytest

from core.predictions.runs import predictions_of_run
from core.predictions.vote_table import ORDERS, SHOWN, listed
from core.results.store import Run
from dashboard.components.brought import brought
from dashboard.components.imported import answer, by_attack, vote_page
from dashboard.imports.tab import changed
from dashboard.imports.visit import MOST_FILES, Imports, Visit
from dashboard.plots.panel import PAIRS, SETS, dendrogram, overlaps, pairs, sweep

N = 600
LABELS = np.arange(N) % 3 == 0
ATTACKS = np.where(LABELS, "-", np.where(np.arange(N) % 2, "A01", "A02"))
RNG = np.random.default_rng(5)
GOOD = np.where(LABELS, 2.0, -2.0) + RNG.normal(scale=1.2, size=N)
OTHER = np.where(LABELS, 2.0, -2.0) + RNG.normal(scale=1.2, size=N)


def rows(scores: np.ndarray) -> bytes:
    return "".join(f"clip {at:04d}\t{score:.5f}\n" for at, score in enumerate(scores)).encode()


KEY = "".join(
    f"spk{at % 40} clip {at:04d} - {attack} {'bonafide' if real else 'spoof'}\n".replace("clip ", "clip_")
    for at, (attack, real) in enumerate(zip(ATTACKS, LABELS, strict=True))
).encode()


@pytest.fixture
def drop(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Return a function that drops files, by their names, on what a visitor has."""

    def dropped(imports: Imports | None = None, **files: bytes) -> Imports:
        uploads = []
        for name, content in files.items():
            path = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
            path.write_bytes(content.replace(b"clip ", b"clip_"))
            uploads.append((path, f"{name}.txt"))
        return (imports or Imports()).drop(uploads)

    return dropped


def shown(imports: Imports) -> str:
    return str(brought(imports, (), max_mb=256))


def test_polarity_is_settled_by_the_key_and_shown_beside_each_file(drop) -> None:  # type: ignore[no-untyped-def]
    imports = drop(good=rows(GOOD), turned=rows(-OTHER), key=KEY)
    page = shown(imports)
    assert "higher = bona fide (by labels)" in page and "higher = spoof (by labels)" in page
    assert "the protocol key" in page and "compared by rank" in page
    assert imports.found is not None and imports.found.votes
    lead = str(answer(imports.found))
    split, same = len(imports.found.figures.split), imports.found.columns.unanimous.sum()
    assert f"<b>{split:,} of {N:,}</b>" in lead and f"on {same:,} all give the same answer" in lead
    assert "A01" in str(by_attack(imports.found))


def test_several_open_polarities_and_parts_of_one_list_are_explained_once(drop) -> None:  # type: ignore[no-untyped-def]
    both = shown(drop(good=rows(GOOD), other=rows(OTHER)))
    assert both.count("one answer") == 1 and "put them into one file" not in both
    half = rows(GOOD).splitlines(keepends=True)
    parts = shown(drop(real=b"".join(half[: N // 2]), fake=b"".join(half[N // 2 :]), key=KEY))
    assert "one answer" not in parts and parts.count("real and fake score none of the same clips") == 1


def test_where_nothing_settles_it_a_person_is_asked_and_the_answer_counts(drop) -> None:  # type: ignore[no-untyped-def]
    imports = drop(good=rows(GOOD))
    assert "What does a higher score" in shown(imports) and not imports.found.votes
    answered = changed("state", "good", "spoof", lambda stored: None)(imports)
    assert "higher = spoof (as you stated)" in shown(answered)
    assert answered.found.panel.members[0].scores[0] == pytest.approx(-GOOD[0], abs=1e-4)
    # Its own polarity once known, another file follows by agreement; taken back, both are open.
    both = drop(answered, other=rows(-OTHER))
    assert "(by agreement)" in shown(both)
    assert shown(changed("state", "good", "", lambda stored: None)(both)).count("What does a higher score") == 2


def test_one_bad_file_does_not_lose_the_others_and_is_named_without_its_place(drop, tmp_path) -> None:  # type: ignore[no-untyped-def]
    imports = drop(good=rows(GOOD), broken=b"\x80\x04cos\nsystem\n(S'true'\ntR.", key=KEY)
    page = shown(imports)
    assert "broken.txt: not used" in page and str(tmp_path) not in page and "spoofscope-" not in page
    assert [member.name for member in imports.found.panel.voters] == ["good"]
    assert [file.name for file in imports.remove("broken").files] == ["good", "key"]


def test_a_detector_at_chance_votes_only_when_put_back(drop) -> None:  # type: ignore[no-untyped-def]
    imports = drop(good=rows(GOOD), dice=rows(RNG.normal(size=N)), other=rows(OTHER), key=KEY)
    assert [member.name for member in imports.found.panel.voters] == ["good", "other"]
    # Labels cannot settle the polarity of dice, so a person has to be asked first.
    stated = changed("state", "dice", "bonafide", lambda stored: None)(imports)
    assert "dice does not vote" in shown(stated) and "let it vote all the same" in shown(stated)
    back = changed("put-back", "dice", True, lambda stored: None)(stated)
    assert [member.name for member in back.found.panel.voters] == ["good", "dice", "other"]
    assert len(changed("put-back", "dice", False, lambda stored: None)(back).found.panel.voters) == 2


def test_coverage_under_99_per_cent_is_a_warning(drop) -> None:  # type: ignore[no-untyped-def]
    page = shown(drop(good=rows(GOOD), part=rows(OTHER[:500]), key=KEY))
    assert "It scores 83.33 % of the 600 clips" in page and "100 missing: clip_0500" in page


def test_a_corrected_column_is_read_again(drop) -> None:  # type: ignore[no-untyped-def]
    lines = "".join(f"clip_{at:04d},{score:.4f},{at}\n" for at, score in enumerate(GOOD))
    imports = drop(table=b"utt,one,two\n" + lines.encode(), key=KEY)
    assert imports.files[0].columns.score == "two"
    assert '<option value="two" selected>two: 0</option>' in shown(imports)
    given = {"role": "scores", "id": "utt", "score": "one", "label": "", "attack": "", "group": "", "bonafide": ""}
    again = changed("columns", "table", given, lambda stored: None)(imports)
    assert again.files[0].columns.score == "one" and again.found.panel.members[0].eer < 0.2
    wrong = changed("columns", "table", {**given, "score": "utt"}, lambda stored: None)(again)
    assert "no cell of utt is a number" in shown(wrong)


def test_labels_of_0_and_1_count_once_a_person_names_bona_fide(drop) -> None:  # type: ignore[no-untyped-def]
    lines = "".join(f"clip_{at:04d},{score:.4f},{int(LABELS[at])}\n" for at, score in enumerate(GOOD))
    imports = drop(table=b"utt,score,label\n" + lines.encode())
    assert "choose below which of its values is bona fide" in shown(imports)
    given = {"role": "scores", "id": "utt", "score": "score", "label": "label", "bonafide": "1"}
    assert "(by labels)" in shown(changed("columns", "table", given, lambda stored: None)(imports))


def test_detectors_of_a_run_vote_beside_files_of_its_clips(run: Run, drop) -> None:  # type: ignore[no-untyped-def]
    paths = run.column("path").astype(str)
    scores = np.where(run.real, 1.0, -1.0) + np.linspace(-0.5, 0.5, len(run))
    lines = "".join(f"{Path(path).stem} {score:.5f}\n" for path, score in zip(paths, -scores, strict=True))
    imports = drop(aasist=lines.encode()).beside("key", "my run", predictions_of_run(run, ["aasist", "cnn2d-lfcc"]))
    assert imports.names == ["aasist", "aasist (my run)", "cnn2d-lfcc"]
    assert imports.found.panel.members[0].polarity.higher == "spoof"
    assert len(imports.beside("key", "my run", []).names) == 1
    assert "of my run" not in shown(imports) and "a run&#39;s scores" in shown(imports)


def test_a_visit_begins_empty_for_each_session_and_its_files_go_with_it(drop) -> None:  # type: ignore[no-untyped-def]
    from copy import deepcopy

    visit = Visit()
    visit.change(lambda imports: drop(imports, good=rows(GOOD)))
    assert deepcopy(visit).imports.files == []
    folder = Path(visit.imports.dropped[0].folder.name)
    assert (folder / "predictions").is_file()
    visit.change(lambda imports: imports.remove("good"))
    assert not folder.exists()


def test_too_many_files_are_refused_by_name(drop) -> None:  # type: ignore[no-untyped-def]
    imports = drop(**{f"f{at}": b"a 1\nb 2\n" for at in range(MOST_FILES + 1)})
    assert len(imports.files) == MOST_FILES and f"f{MOST_FILES}.txt was not taken" in shown(imports)


def test_what_the_browser_did_not_upload_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a 1\nb 2\n")
    assert changed("drop", "", [(str(secret), "secret.txt")], lambda stored: None)(Imports()).files == []
    assert secret.exists()


def test_clips_are_listed_by_every_filter_in_every_order(drop) -> None:  # type: ignore[no-untyped-def]
    found = drop(good=rows(GOOD), other=rows(OTHER), key=KEY).found
    panel, columns = found.panel, found.columns
    split = np.flatnonzero((panel.votes == 1).any(axis=1) & (panel.votes == 0).any(axis=1))
    for order in ORDERS:
        assert sorted(listed(panel, columns, order=order)) == split.tolist()
    confident = listed(panel, columns, show="all clips", order="most confidence first")
    assert (np.diff(columns.confidence[confident]) <= 0).all()
    near = listed(panel, columns, show="all clips", order="smallest margin first")
    assert (np.diff(np.abs(columns.margin[near])) >= 0).all() and len(near) == N
    wrong = listed(panel, columns, show=SHOWN[1])
    assert len(wrong) and (panel.votes[wrong] != panel.labels[wrong, None]).all()
    some = listed(panel, columns, show="all clips", label=0, attack="A01")
    assert set(some.tolist()) == set(np.flatnonzero(ATTACKS == "A01").tolist())
    page = str(vote_page(found, some, 2, about="x"))
    assert "101–200 of 200 clips" in page and page.count("<tr><td") == 100


@pytest.mark.parametrize("dark", [False, True])
def test_figures_show_each_pair_each_set_and_each_alpha(dark: bool, drop) -> None:  # type: ignore[no-untyped-def]
    from core.predictions.combined import combine

    third = rows(GOOD + RNG.normal(scale=0.1, size=N))
    found = drop(good=rows(GOOD), other=rows(OTHER), copy=third, key=KEY).found
    figures = found.figures
    for what in PAIRS:
        assert len(pairs(figures, what, dark=dark).layout.annotations) == 3
    combined = combine(found.panel, anomaly=["other"], resamples=20)
    tree, alphas = dendrogram(figures, dark=dark), sweep(combined.sweep, dark=dark)
    assert set(tree.layout.yaxis.ticktext) == {"good", "other", "copy"}
    # Longer ones are cut on a phone.
    assert max(len(text) for text in (tree.layout.meta["narrow"]["layout"]["xaxis.title.text"],
                                      alphas.layout.xaxis2.title.text)) < 34  # fmt: skip
    for which, name in SETS.items():
        bars = overlaps(figures, which, dark=dark).data[0]
        assert list(bars.y) == [count for _, count in getattr(figures, name)][:14]
    line, disputed, rest = alphas.data
    assert len(line.x) == 11
    assert [a + b for a, b in zip(disputed.y, rest.y, strict=True)] == [point.flipped for point in combined.sweep]


def test_errors_without_labels_say_what_they_need(drop) -> None:  # type: ignore[no-untyped-def]
    imports = drop(good=rows(GOOD), other=rows(OTHER)).state("good", "bonafide")
    text = pairs(imports.found.figures, "correlation of errors", dark=False).layout.annotations[0].text
    assert "need clips of both classes" in text and "Attacks need labels" in str(by_attack(imports.found))
    assert "There are no labels of both classes" in str(answer(imports.found))
