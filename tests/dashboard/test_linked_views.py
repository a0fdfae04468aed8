"""Every view draws whatever run is chosen and whatever is selected: or says in words what it lacks."""

import inspect
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


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Another's scores of 40 clips: no embeddings, no windows, no columns but the needed ones."""
    folder = tmp_path_factory.mktemp("imported")
    clips = pd.DataFrame({"path": [f"u{n}.wav" for n in range(40)], "label": ["bonafide", "spoof"] * 20})
    clips.to_csv(folder / "manifest.csv", index=False)
    (folder / "theirs.txt").write_text("".join(f"u{n} {(-1) ** n + n % 7 / 5}\n" for n in range(40)))
    return import_run([read_predictions(folder / "theirs.txt")], folder / "manifest.csv", folder / "run")


def handlers(page: gr.Blocks) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield what draws a view when its tab is opened: its tab, the function and the values of its controls."""
    tabs = {block._id: block.id for block in page.blocks.values() if isinstance(block, gr.Tab)}
    for function in page.fns.values():
        opened = [tabs[target] for target, event in function.targets if event == "select" and target in tabs]
        if opened and function.fn is not None and opened[0] != "analyse":
            yield opened[0], function.fn, [_held(part) for part in function.inputs[3:]]


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
    for tab, handler, values in handlers(page):
        answer = handler(False, choice, selection, *values)
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


def test_a_run_of_anyones_scores_fills_the_views_that_it_can_and_is_named_when_it_is_gone(imported: Run) -> None:
    resources = Resources(runs=[imported.folder])
    page = build(resources)
    shown = drawn(page, imported.key, "")
    assert "40 clips" in shown["scores"]
    assert "of 40" in shown["disagreements"]
    assert "keeps no embeddings" in shown["map"]
    assert "no reconstruction errors" in shown["reconstruction"]
    shutil.rmtree(imported.folder)
    shown = drawn(page, imported.key, "")
    for tab in ("scores", "map", "reconstruction", "disagreements"):
        assert "on this machine" in shown[tab], tab
