"""The line above a view of a run: which run it is, the choice of another, and which of its clips are selected."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import ResultsError
from core.results.selection import Selection
from dashboard.components.clickable import clickable_html
from dashboard.components.markup import Markup, joined

if TYPE_CHECKING:
    from core.results.library import Entry
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["lay_out_bar", "run_bar", "run_line", "selection_line"]


def lay_out_bar(context: "Context") -> None:
    """Lay out the line of a tab and wire its presses."""
    from dashboard.context import QUIET

    bar = clickable_html(f"{context.tab.id}-run", elem_classes="ss-run")

    def draw(dark: bool, choice: str, selection: str) -> Markup:
        return run_bar(context.resources.library.entries(), context.run(choice), choice, selection)

    context.on_show(draw, outputs=[bar])
    bar.select(pressed, [context.run_choice, context.selection], [context.run_choice, context.selection], **QUIET)


def pressed(choice: str, selection: str, event: gr.EventData) -> tuple[Any, Any]:
    """Return the run and the selection after a press: another run, one condition less, or none at all."""
    what, _, value = str(event.value).partition(" ")
    if what == "run":
        # What was selected in one run may not be there in another.
        return value, "" if value != choice else selection
    if what == "clear":
        return gr.skip(), ""
    if what == "without" and value.isdecimal():
        return gr.skip(), Selection.parse(selection).without(int(value)).text
    return gr.skip(), gr.skip()


def run_bar(entries: Sequence["Entry"], run: "Run | None", choice: str, selection: str) -> Markup:
    """Return the line of a run and, where something is selected, the line of the selection."""
    return run_line(entries, run) + (selection_line(run, selection) if selection else Markup(""))


def run_line(entries: Sequence["Entry"], run: "Run | None") -> Markup:
    """Return which run is shown, as a menu of the runs that there are."""
    here = next((entry for entry in entries if run is not None and entry.key == run.key), None)
    name = here.name if here is not None else "no run" if run is None else run.folder.name
    about = "" if run is None else f" · {len(run):,} clips · {_count(len(run.detectors), 'detector')}"
    items = joined(_item(entry, entry is here) for entry in entries)
    html = (
        '<details class="ss-menu ss-runs"><summary aria-label="The run that is shown; press to choose another">'
        "<b>{}</b><span>{}</span> <i aria-hidden=\"true\">▾</i></summary><ul>{}</ul></details>"
    )  # fmt: skip
    return Markup(html).format(name, about, items)


def _item(entry: "Entry", here: bool) -> Markup:
    if entry.problem:
        return Markup('<li class="ss-note"><b>{}</b> {}</li>').format(entry.name, entry.problem)
    split = f", split {entry.split}" if entry.split else ""
    about = f"{entry.rows:,} rows{split} · {_count(len(entry.detectors), 'detector')} · {entry.made[:10]}"
    mark = Markup(' aria-current="true"') if here else Markup("")
    html = '<li><button type="button" data-value="run {}"{}><b>{}</b> <span>{}</span></button></li>'
    return Markup(html).format(entry.key, mark, entry.name, about)


def selection_line(run: "Run | None", text: str) -> Markup:
    """Return *n of N selected*, what was asked for, and how to clear it."""
    from core.results.selected import selected

    try:
        selection = Selection.parse(text)
        conditions = joined(_condition(number, one.words()) for number, one in enumerate(selection.conditions))
        if run is None:
            return Markup("")
        n, whole = len(selected(run, text)), len(run)
        what = Markup("<b>{:,} of {:,} selected</b>{}").format(n, whole, conditions)
    except ResultsError as error:
        what = Markup("{}").format(str(error))
    html = (
        '<div class="ss-selection" role="status">{} <button type="button" class="ss-btn" data-value="clear">Clear'
        "</button></div>"
    )
    return Markup(html).format(what)


def _condition(number: int, words: str) -> Markup:
    html = (
        '<span class="ss-condition">{0} <button type="button" data-value="without {1}" title="Leave this out" '
        'aria-label="Leave out: {0}">×</button></span>'
    )
    return Markup(html).format(words, number)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
