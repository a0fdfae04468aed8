"""Every view draws whatever run is chosen and whatever is selected: or says in words what it lacks."""

import inspect
import re
import shutil
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pandas as pd
import pytest

from core.predictions.predictions import read_predictions
from core.predictions.to_run import import_run
from core.results.selection import Is, Picked, Selection
from core.results.store import Run
from dashboard.app import build
from dashboard.context import Resources
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run


@pytest.fixture(autouse=True)
def no_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map that is laid out after a test is one that another test may wait for."""
    monkeypatch.setattr("dashboard.map_tab.warm", lambda *_: None)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Another's scores of 40 clips: no embeddings, no windows, no columns but the needed ones."""
    folder = tmp_path_factory.mktemp("imported")
    clips = pd.DataFrame({"path": [f"u{n}.wav" for n in range(40)], "label": ["bonafide", "spoof"] * 20})
    clips.to_csv(folder / "manifest.csv", index=False)
    (folder / "theirs.txt").write_text("".join(f"u{n} {(-1) ** n + n % 7 / 5}\n" for n in range(40)))
    return import_run([read_predictions(folder / "theirs.txt")], folder / "manifest.csv", folder / "run")


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A folder of recordings of which nothing is known, as *Score a folder* makes a run of it."""
    clips = synthetic_clips(30).assign(label="-", system="-", kind="-", source="-", speaker="-", dataset="-", part="-")
    return synthetic_run(tmp_path_factory.mktemp("unlabelled") / "mine", clips)


def openings(page: gr.Blocks) -> Iterator[tuple[str, Any, list[Any], list[Any]]]:
    """Yield what draws a view when its tab is opened: its tab, the function, its controls and what it fills."""
    tabs = {block._id: block.id for block in page.blocks.values() if isinstance(block, gr.Tab)}
    # A handler listens to a textbox of its own that the browser changes (``components.relay``).
    relays: dict[tuple[int | None, str], str] = {}
    for function in page.fns.values():
        opened = [tabs[target] for target, event in function.targets if event == "select" and target in tabs]
        if opened and function.fn is None:
            relays |= {(part._id, "change"): opened[0] for part in function.outputs}
    for function in page.fns.values():
        followed = [relays[target] for target in function.targets if target in relays]
        if followed and function.fn is not None and followed[0] != "analyse":
            yield followed[0], function.fn, function.inputs[3:], function.outputs


def _held(part: Any) -> Any:
    return getattr(part, "value", None) or ("" if isinstance(part, gr.Textbox) else getattr(part, "value", None))


def _text(answer: Any) -> str:
    """Return what an answer shows: its own text, and that of the components in it."""
    if isinstance(answer, list | tuple):
        return " ".join(_text(part) for part in answer)
    return str(getattr(answer, "value", answer))


def drawn(page: gr.Blocks, choice: str, selection: str) -> dict[str, str]:
    """Return all that the views show, as text."""
    shown: dict[str, str] = {}
    for tab, handler, inputs, _ in openings(page):
        answer = handler(False, choice, selection, *(_held(part) for part in inputs))
        steps = list(answer) if inspect.isgenerator(answer) else [answer]
        shown[tab] = shown.get(tab, "") + _text(steps)
    return shown


def test_every_view_draws_a_selection_of_one_class_and_of_one_clip(resources: Resources, run: Run) -> None:
    page = build(resources)
    for selection in (Selection() & Is("label", ("spoof",)), Selection() & Picked.of(run, [17])):
        n = int(selection.mask(run).sum())
        shown = drawn(page, "", selection.text)
        assert set(shown) == {"scores", "map", "reconstruction", "disagreements", "models"}
        for tab in shown:
            assert f"{n} of {len(run)} selected" in shown[tab], tab


def test_where_nothing_is_selected_and_where_a_selection_does_not_fit_the_views_say_so(resources: Resources) -> None:
    page = build(resources)
    for selection, words in ((Is("label", ("neither",)), "Nothing is selected"), (Is("mood", ("x",)), "no column")):
        shown = drawn(page, "", (Selection() & selection).text)
        for tab in ("scores", "map", "reconstruction", "disagreements", "models"):
            assert words in shown[tab], tab


def test_a_run_without_labels_fills_every_view_and_none_states_what_is_not_known(unlabelled: Run) -> None:
    page = build(Resources(runs=[unlabelled.folder]))
    shown = drawn(page, unlabelled.key, "")
    assert "no clip has a label" in shown["scores"] and "the likeliest spoofs first" in shown["scores"]
    assert "whether it is right is not known" in shown["disagreements"]
    assert "unanimous and right" not in shown["disagreements"]
    assert "have no label" in shown["reconstruction"]
    assert "None has a label" in shown["models"] and "0 of 0" not in shown["models"]
    assert "Can the figures of this run be believed?" in shown["models"]
    for tab, text in shown.items():
        assert tab == "map" or not re.search(r"\bnan\b", text), tab


def test_a_run_of_anyones_scores_fills_the_views_that_it_can_and_is_named_when_it_is_gone(imported: Run) -> None:
    resources = Resources(runs=[imported.folder])
    page = build(resources)
    shown = drawn(page, imported.key, "")
    assert "40 clips" in shown["scores"]
    assert "of 40" in shown["disagreements"]
    assert "keeps no embeddings" in shown["map"]
    assert "no reconstruction errors" in shown["reconstruction"]
    assert "nothing was measured of these clips" in shown["models"]
    shutil.rmtree(imported.folder)
    shown = drawn(page, imported.key, "")
    for tab in ("scores", "map", "reconstruction", "disagreements"):
        assert "on this machine" in shown[tab], tab


def test_an_answer_never_sets_a_menu_back_to_what_was_chosen_when_it_was_asked(resources: Resources) -> None:
    """What is chosen while it is computed would be undone."""
    seen = set()
    for tab, handler, inputs, outputs in openings(build(resources)):
        chosen, set_to = {part._id: _held(part) for part in inputs}, {}
        for _ in range(2):
            sent = menus_filled(handler(False, "", "", *chosen.values()), inputs, outputs)
            set_to = {number: given["value"] for number, given in sent.items() if "value" in given}
            chosen |= set_to
            seen |= {(tab, number) for number in sent}
        assert not set_to, (tab, set_to)
    assert {tab for tab, _ in seen} == {"scores", "map", "reconstruction", "disagreements", "models"}


def menus_filled(answer: Any, inputs: list[Any], outputs: list[Any]) -> dict[int, dict[str, Any]]:
    """Return what an answer sets of menus that it was asked with, by their numbers."""
    steps = list(answer) if inspect.isgenerator(answer) else [answer]
    filled: dict[int, dict[str, Any]] = {}
    for step in steps:
        values = [step] if len(outputs) == 1 else step
        for part, update in (step if isinstance(step, dict) else dict(zip(outputs, values, strict=True))).items():
            if part in inputs and isinstance(update, gr.Dropdown | gr.Radio):
                filled.setdefault(part._id, {}).update(update.constructor_args)
    return filled
