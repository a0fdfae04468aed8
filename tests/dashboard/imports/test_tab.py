import io
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import gradio as gr
import numpy as np
import pyarrow.csv
import pytest

from dashboard.components.imported import combinations
from dashboard.context import Context
from dashboard.imports.pane import Parts
from dashboard.imports.tab import ImportsTab
from dashboard.imports.visit import Visit

N = 240
REAL = np.arange(N) % 3 == 0
RNG = np.random.default_rng(8)
# Pairs, sets, clips shown, their order, label and attack.
ASKED = ("same vote", "wrong by", "split", "most disputed first", "any", "any")


@pytest.fixture
def tab(context: Context) -> ImportsTab:
    """The pane's handlers, whose parts are known by their names."""
    parts = {name: gr.HTML() if name in ("files", "saved", "proposal") else name for name in Parts.__dataclass_fields__}
    return ImportsTab(context, SimpleNamespace(**parts))  # type: ignore[arg-type]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """A visitor who has dropped two detectors and the key."""
    uploads = []
    for name in ("one", "two"):
        scores = np.where(REAL, 1.0, -1.0) + RNG.normal(size=N)
        text = "".join(f"u{at} {score:.4f}\n" for at, score in enumerate(scores))
        uploads.append((tmp_path / name, f"{name}.txt", text))
    key = "".join(f"s{at % 30} u{at} - {'-' if REAL[at] else f'A{at % 2}'} {'bonafide' if REAL[at] else 'spoof'}\n"
                  for at in range(N))  # fmt: skip
    uploads.append((tmp_path / "key", "key.txt", key))
    for path, _, text in uploads:
        path.write_text(text)
    made = Visit()
    made.change(lambda imports: imports.drop([(path, title) for path, title, _ in uploads]))
    return made


def given_out(link: str) -> bytes:
    return Path(unquote(link.split('href="gradio_api/file=')[1].split('"')[0])).read_bytes()


def event(**given: object) -> gr.EventData:
    return SimpleNamespace(**given)  # type: ignore[return-value]


def test_nothing_is_shown_before_something_is_dropped_and_all_of_it_after(tab: ImportsTab, visit: Visit) -> None:
    before = tab.draw(False, "", "", Visit(), *ASKED)
    assert before["results"].elem_classes == ["ss-absent"] and before["lead"] == ""
    after = tab.draw(False, "", "", visit, *ASKED)
    assert "2 detectors amount to" in after["lead"]
    assert {value for _, value in after["attack"].choices} == {"any", "A0", "A1"}
    assert set(after) >= {"rows", "matrix", "tree", "overlaps", "attacks", "combined", "sweep"}


def test_a_run_s_detectors_vote_beside_the_files_when_they_are_ticked(tab: ImportsTab, visit: Visit) -> None:
    key = tab.context.run().key  # type: ignore[union-attr]
    library = tab.context.resources.library
    library.open = lambda _: tab.context.run()  # type: ignore[method-assign, assignment, return-value]
    drawn = tab.pressed(visit, False, "", *ASKED, event(what="run", name=key, value=["aasist"]))
    assert "aasist" in str(drawn[tab.parts.files]) and "aasist" in visit.imports.names
    wrong = tab.pressed(visit, False, "", *ASKED, event(what="dance", name="", value=None))
    assert "load the page anew" in str(wrong[tab.parts.files])


def test_what_a_visitor_has_chosen_stands_when_the_page_turns_dark(tab: ImportsTab, visit: Visit) -> None:
    filters = ("all clips", "smallest margin first", "● spoof", "A1")
    drawn = tab.draw(True, "", "", visit, *ASKED[:2], *filters, ["two"], ["one"])
    assert "all clips; smallest margin first; label ● spoof; attack A1" in drawn["rows"]
    assert (drawn["label"].value, drawn["attack"].value) == ("● spoof", "A1")
    assert (drawn["voters"].value, drawn["anomaly"].value) == (["one"], ["two"])
    # What is not drawn stands as it is.
    assert not {"show", "order"} & set(drawn)


def test_another_panel_is_listed_by_what_the_menus_name_where_it_has_that(tab: ImportsTab, visit: Visit) -> None:
    filters = ("all clips", "smallest margin first", "● spoof", "A1")
    for name in ("one", "two"):
        visit.change(lambda imports, name=name: imports.state(name, "bonafide"))
    drawn = tab.pressed(visit, False, "", *ASKED[:2], *filters, event(what="remove", name="key"))
    assert "all clips; smallest margin first; label any; attack any" in drawn["rows"]
    assert (drawn["label"].value, drawn["attack"].value, drawn["voters"].value) == ("any", "any", ["one", "two"])


def test_voters_are_combined_and_an_answer_to_another_panel_is_dropped(tab: ImportsTab, visit: Visit) -> None:
    *_, last = tab.combine(visit, False, ["two"])
    assert "calibrated sum" in last["combined"] and "at alpha" in last["combined"] and last["sweep"].visible
    found = visit.imports.found
    assert found is not None and found.combined is not None
    together = replace(found.combined, times_as_often=np.array([[1.0, 3.6], [3.6, 1.0]]))
    words = combinations(together, 1.97)
    assert "do not err independently" in words and "the 2.0 independent voters above are by all scores" in words
    steps = tab.combine(visit, False, [])
    next(steps)
    visit.change(lambda imports: imports.remove("two"))
    assert list(steps) == []
    *_, alone = tab.combine(visit, False, [])
    assert "at least two voters" in alone["combined"]


def test_pseudo_labels_are_refused_with_reasons_and_written_all_the_same_when_asked(
    tab: ImportsTab, visit: Visit
) -> None:
    asking, refused = tab.propose(visit, ["one", "two"], 1.0)
    assert "independent …" in asking
    assert "<b>Refused.</b>" in refused and "give their cards" in refused
    assert "No pseudo-labels are written" in tab.write_proposal(visit, event(value="write"))
    written = tab.write_proposal(visit, event(value="despite"))
    with zipfile.ZipFile(io.BytesIO(given_out(written))) as archive:
        assert archive.namelist() == ["pseudo-labels.csv", "pseudo-labels.csv.pseudo.json"]
        rows = archive.read("pseudo-labels.csv").decode().splitlines()
    assert len(rows) - 1 == len(visit.proposal.ids) > 50 and "pseudo-labels" in rows[1]
    assert "choose at least two" in list(tab.propose(visit, [], 1.0))[-1]


def test_what_is_saved_is_what_the_command_writes(tab: ImportsTab, visit: Visit) -> None:
    found = visit.imports.found
    assert found is not None
    disputed = pyarrow.csv.read_csv(io.BytesIO(given_out(tab.export(visit, event(value="disputed csv")))))
    assert disputed["clip"].to_pylist() == found.panel.clips.names(found.figures.split)
    assert set(disputed["state"].to_pylist()) == {"split"}
    votes = pyarrow.csv.read_csv(io.BytesIO(given_out(tab.export(visit, event(value="votes csv")))))
    assert votes.num_rows == N
    assert b"Panel of 2 voters" in given_out(tab.export(visit, event(value="report html")))
