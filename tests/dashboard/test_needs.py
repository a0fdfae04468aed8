from types import ModuleType, SimpleNamespace

import gradio as gr
import pytest

from dashboard import views as package
from dashboard.app import build
from dashboard.context import Context, Resources
from dashboard.needs import guarded
from dashboard.views import views


def always(choice: str, selection: str) -> bool:
    return True


def never(choice: str, selection: str) -> bool:
    return False


def test_a_handler_is_called_only_where_its_view_has_what_it_needs() -> None:
    given = (True, "key", "text", 1)
    assert guarded(lambda *given: given, always, 4)(*given) == given
    assert guarded(lambda *given: 1 / 0, never, 2)(True, "", "") == (gr.skip(), gr.skip())
    assert guarded(lambda *given: 1 / 0, never, 1)(True, "", "") == gr.skip()


def test_a_handler_in_steps_stays_one() -> None:
    def steps(dark: bool, choice: str, selection: str):  # type: ignore[no-untyped-def]
        yield 1
        yield 2

    assert list(guarded(steps, always, 1)(False, "", "")) == [1, 2]
    assert list(guarded(steps, never, 1)(False, "", "")) == [gr.skip()]


def test_views_that_stand_on_the_run_say_so() -> None:
    needing = {view.TITLE for view in views() if "run" in view.NEEDS}
    assert {"Scores", "Map", "Reconstruction", "Disagreements"} <= needing
    assert "Analyse" not in needing


def test_a_need_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ModuleType("dashboard.views.wrong")
    wrong.TITLE, wrong.ORDER, wrong.build, wrong.NEEDS = "x", 1, print, {"luck"}  # type: ignore[attr-defined]
    monkeypatch.setattr(package.pkgutil, "iter_modules", lambda path: [SimpleNamespace(name="wrong")])
    monkeypatch.setattr(package.importlib, "import_module", lambda name: wrong)
    with pytest.raises(ImportError, match="needs luck"):
        views()


def test_without_a_run_a_view_that_passes_it_on_unasked_is_replaced_by_the_reason(
    no_run: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shortest view there is: it never asks whether there is a run."""
    naive = ModuleType("dashboard.views.naive")

    def build_naive(context: Context) -> None:
        text = gr.HTML(elem_id="naive-text")
        context.on_show(lambda *given: f"{len(context.run())} clips", outputs=[text])  # type: ignore[union-attr]

    naive.TITLE, naive.ORDER, naive.NEEDS, naive.build = "Naive", 1, frozenset({"run"}), build_naive  # type: ignore[attr-defined]
    monkeypatch.setattr("dashboard.app.views", lambda: [naive])
    page = build(no_run)
    handlers = [block.fn for block in page.fns.values() if block.fn is not None and block.name != "load"]
    greyed = [str(block.js) for block in page.fns.values() if "naive-text" in str(block.js)]
    assert [("asked" in js, "answered" in js) for js in greyed] == [(True, False), (False, True)]
    answers = [handler(False, "", "") for handler in handlers if handler.__module__ == "dashboard.needs"]
    frames = [part for answer in answers if isinstance(answer, tuple) for part in answer]
    assert any("There is no run" in str(getattr(frame, "value", "")) for frame in frames)
    assert gr.skip() in answers
