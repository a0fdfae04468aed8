"""The line above a view of a run: which run it is, the choice of another, and which of its clips are selected."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import ResultsError
from core.results.selection import Is, Search, Selection
from dashboard.address import LONGEST
from dashboard.components.markup import Markup, joined, problem
from dashboard.exporting import DOWNLOAD, handed_over

if TYPE_CHECKING:
    from core.results.library import Entry
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["export_menu", "lay_out_bar", "run_bar", "run_line", "select_menu", "selection_line"]

# Values of a column that the menu of slices offers at most.
_MOST_VALUES = 40
_HOOK = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-value]');
  if (button && element.contains(button)) trigger('select', {what: button.dataset.value});
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  trigger('select', {what: event.target.dataset.form, ...Object.fromEntries(new FormData(event.target))});
});
element.addEventListener('change', (event) => {
  if (event.target.matches('select[data-at-once]') && event.target.value) event.target.form.requestSubmit();
});
element.addEventListener('toggle', (event) => {
  if (event.target.matches('.ss-choose[open]:not([data-filled])')) trigger('select', {what: 'menu'});
}, true);
"""


def lay_out_bar(context: "Context") -> None:
    """Lay out the line of a tab and wire its presses."""
    from dashboard.context import QUIET

    bar = gr.HTML(
        js_on_load=_HOOK, elem_id=f"{context.tab.id}-run", elem_classes="ss-run", padding=False, apply_default_css=False
    )  # fmt: skip

    def draw(dark: bool, choice: str, selection: str, *, menu: bool = False, more: str = "") -> Markup:
        run, entries = context.run(choice), context.resources.library.entries()
        return run_bar(entries, run, selection, menu=menu, more=more)

    def pressed(choice: str, selection: str, event: gr.EventData) -> tuple[Any, Any, Any, Any]:
        """Answer a press: another run, a folder, a condition more or less, the menu of conditions."""
        what, _, value = str(event.what).partition(" ")
        try:
            if what == "menu":
                return gr.skip(), gr.skip(), draw(False, choice, selection, menu=True), gr.skip()
            if what == "score":
                return gr.skip(), gr.skip(), draw(False, choice, selection), gr.Tabs(selected="models")
            if what == "open":
                value = context.resources.open_folder(str(event.folder))
            if what in ("open", "run"):
                # What was selected in one run may not be there in another.
                return value, selection if value == choice else "", gr.skip(), gr.skip()
            if what == "export":
                run = context.selected(choice, selection)
                assert run is not None
                link = handed_over(bar, *_exported(run, value))
                return gr.skip(), gr.skip(), draw(False, choice, selection, more=link), gr.skip()
            return gr.skip(), _changed(what, value, selection, event), gr.skip(), gr.skip()
        except ResultsError as error:
            return gr.skip(), gr.skip(), draw(False, choice, selection, more=problem(str(error))), gr.skip()

    context.on_show(draw, outputs=[bar])
    bar.select(
        pressed, [context.run_choice, context.selection], [context.run_choice, context.selection, bar, context.tabs],
        **QUIET
    ).then(None, None, None, js=DOWNLOAD % f"{context.tab.id}-run", api_visibility="private")


def _exported(run: "Run", how: str) -> tuple[bytes, str]:
    """Return the selected clips as a file, and its name."""
    from core.results.exporting import FORMATS, clips_table, table_bytes

    if how not in FORMATS:
        raise ResultsError(f"There is no export as {how!r}: choose one of {', '.join(FORMATS)}.")
    return table_bytes(clips_table(run), how), f"{run.whole.key}-{len(run)}-clips.{how}"


def _changed(what: str, value: str, text: str, event: gr.EventData) -> str:
    """Return the selection after a press; what cannot be read is cleared away with the rest."""
    if what == "clear":
        return ""
    selection = Selection.parse(text)
    if what == "without" and value.isdecimal():
        return selection.without(int(value)).text
    if what == "search" and str(event.words).strip():
        return (selection & Search(str(event.column), str(event.words).strip())).text
    if what == "slice":
        column, _, wanted = str(event.slice).partition("\t")
        return (selection & Is(column, (wanted,))).text
    return text


def run_bar(
    entries: Sequence["Entry"], run: "Run | None", selection: str, *, menu: bool = False, more: str = ""
) -> Markup:
    """Return the line of a run, the menu of conditions, and where something is selected the line of the selection."""
    html = '<div class="ss-bar-line">{}{}</div>{}{}'
    menus = Markup("") if run is None else select_menu(run, filled=menu) + export_menu(selected_only=bool(selection))
    return Markup(html).format(
        run_line(entries, run), menus, Markup(more), selection_line(run, selection) if selection else ""
    )


def export_menu(*, selected_only: bool) -> Markup:
    """Return the menu that saves the clips with their columns and every detector's score."""
    which = "The selected clips" if selected_only else "All clips"
    buttons = joined(
        Markup('<button type="button" class="ss-btn" data-value="export {}">{}</button> ').format(ending, word)
        for ending, word in (("csv", "CSV"), ("parquet", "Parquet"))
    )
    html = (
        '<details class="ss-menu"><summary>Export</summary><div class="ss-drawer"><p class="ss-note">{}, each with its '
        "columns and every detector's score and P(spoof).</p>{}</div></details>"
    )
    return Markup(html).format(which, buttons)


def run_line(entries: Sequence["Entry"], run: "Run | None") -> Markup:
    """Return which run is shown, as a menu of the runs that there are, with a field to open another's folder."""
    here = next((entry for entry in entries if run is not None and entry.key == run.key), None)
    name = here.name if here is not None else "no run" if run is None else run.folder.name
    about = "" if run is None else f" · {len(run):,} clips · {_count(len(run.detectors), 'detector')}"
    items = joined(_item(entry, entry is here) for entry in entries)
    html = (
        '<details class="ss-menu ss-runs"><summary title="Choose another run, or open one"><b>{}</b><span>{}</span> '
        '<i aria-hidden="true">▾</i></summary><div class="ss-drawer"><ul>{}</ul><form data-form="open"><label>Open a '
        'run <input name="folder" placeholder="its folder on this machine" autocomplete="off" spellcheck="false">'
        '</label><button type="submit" class="ss-btn">Open</button></form><form><button type="button" class="ss-btn" '
        'data-value="score">Score a folder of your own …</button></form></div></details>'
    )
    return Markup(html).format(name, about, items)


def _item(entry: "Entry", here: bool) -> Markup:
    if entry.problem:
        return Markup('<li class="ss-note"><b>{}</b> {}</li>').format(entry.name, entry.problem)
    split = f", split {entry.split}" if entry.split else ""
    about = f"{entry.rows:,} rows{split} · {_count(len(entry.detectors), 'detector')} · {entry.made[:10]}"
    mark = Markup(' aria-current="true"') if here else Markup("")
    html = '<li><button type="button" data-value="run {}"{}><b>{}</b> <span>{}</span></button></li>'
    return Markup(html).format(entry.key, mark, entry.name, about)


def select_menu(run: "Run", *, filled: bool = False) -> Markup:
    """Return the menu that selects clips by a word or by a slice; its choices are read when it is opened first."""
    if not filled:
        inside = Markup('<p class="ss-note">Reading the columns …</p>')
        return Markup('<details class="ss-menu ss-choose"><summary>Select clips</summary>{}</details>').format(
            Markup('<div class="ss-drawer">{}</div>').format(inside)
        )
    texts, groups = _slices(run)
    names = joined(Markup('<option value="{0}">{0}</option>').format(name) for name in texts)
    html = (
        '<details class="ss-menu ss-choose" open data-filled><summary>Select clips</summary><div class="ss-drawer">'
        '<form data-form="search"><label>With the words <input name="words" autocomplete="off" autofocus></label>'
        '<label>in <select name="column"><option value="">any text</option>{}</select></label><button type="submit" '
        'class="ss-btn">Select</button></form><form data-form="slice"><label>Of a slice <select name="slice" '
        'data-at-once><option value="">choose …</option>{}</select></label></form></div></details>'
    )
    return Markup(html).format(names, groups)


def _slices(run: "Run") -> tuple[list[str], Markup]:
    """Return the columns of text, and each value of those that have few, with how many clips have it."""
    from core.results.conditions.columns import text_columns, value_counts

    texts = text_columns(run)
    groups = []
    for name in (*texts, *run.lent):
        counts = value_counts(run, name, most=_MOST_VALUES)
        options = joined(
            Markup('<option value="{0}\t{1}">{1} ({2:,})</option>').format(name, value, n)
            for value, n in counts.items()
        )
        if counts:
            groups.append(Markup('<optgroup label="{}">{}</optgroup>').format(name, options))
    return texts, joined(groups)


def selection_line(run: "Run | None", text: str) -> Markup:
    """Return *n of N selected*, what was asked for, and how to clear it."""
    from core.results.selected import selected

    if run is None:
        return Markup("")
    try:
        selection = Selection.parse(text)
        conditions = joined(_condition(number, one.words()) for number, one in enumerate(selection.conditions))
        what = Markup("<b>{:,} of {:,} selected</b>{}").format(len(selected(run, text)), len(run), conditions)
    except ResultsError as error:
        what = Markup("{}").format(str(error))
    if len(text) > LONGEST:
        what += Markup('<span class="ss-note">Too long for a link: export it instead.</span>')
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
