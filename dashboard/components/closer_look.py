"""A closer look at one detector: slices by a column, the worst slices, two detectors, and prosody; one at a time."""

from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from core.errors import ResultsError
from core.results.pairs import paired
from core.results.prosodic import prosody_columns, prosody_trend
from core.results.queries import PANEL, cut, names
from core.results.selection import Selection
from core.results.slicing import FEWEST, first_sliced, rates_by, sliceable, worst
from dashboard.components.clickable import clickable_html
from dashboard.components.markup import Markup, empty, problem
from dashboard.components.menus import menu
from dashboard.components.panes import heading
from dashboard.components.reference import chosen_or_first
from dashboard.components.relay import relayed
from dashboard.components.slice_tables import pair_table, slice_table, trend_text, worst_table
from dashboard.context import QUIET
from dashboard.plots.frame import llr_of
from dashboard.plots.prosody import along

if TYPE_CHECKING:
    from core.results.store import Run
    from dashboard.context import Context

__all__ = ["KINDS", "closer", "closer_look"]

BY_COLUMN, WORST, TWO = "slices by a column", "the worst slices", "two detectors or runs"
PROSODY = "low prosodic variation"
KINDS = (BY_COLUMN, WORST, TWO, PROSODY)
_HERE = ("this run", "")
_UNLABELLED = (
    "No clip shown has a label, and errors can only be counted with labels: give them in a manifest (path, label), or "
    "as folders real/ and fake/, and score again. Which detectors agree without labels, Disagreements shows."
)


class _Look(NamedTuple):
    """The controls, and what they fill."""

    kind: gr.Radio
    column: gr.Dropdown
    small: gr.Checkbox
    against: gr.Dropdown
    other: gr.Dropdown
    along: gr.Dropdown
    text: gr.HTML
    plot: gr.Plot

    @property
    def chosen(self) -> list[Any]:
        return [self.kind, self.column, self.small, self.against, self.other, self.along]

    @property
    def outputs(self) -> list[Any]:
        return [*self.chosen[1:], self.text, self.plot]


def closer_look(context: "Context", controls: list[Any], after: list[Any]) -> None:
    """Lay out the pane and wire it: it follows the view's controls, and a pressed row selects its clips.

    Parameters
    ----------
    context : Context
    controls : list of components
        Detector, slice and threshold of the view.
    after : list of events
        Of those controls.
    """
    look = _lay_out()
    given = [*controls, *look.chosen]

    def draw(
        dark: bool, choice: str, chosen: str, who: str | None, part: str, limit: float, *wanted: Any
    ) -> tuple[Any, ...]:
        run = context.selected(choice, chosen)
        if run is None or not len(run):
            return tuple(gr.skip() for _ in look.outputs)
        entries = [one for one in context.resources.library.entries() if one.key and one.key != run.whole.key]
        others = [_HERE, *((f"{one.name} · {one.rows:,} clips", one.key) for one in entries)]
        # Only the run that is compared with is read.
        beside = context.run(wanted[4]) if wanted[4] in [one.key for one in entries] else None
        return closer(run, beside or run, others, dark, chosen_or_first(who, names(run)), part, limit, *wanted)

    everything = [context.dark, context.run_choice, context.selection, *given]
    context.on_show(draw, inputs=given, outputs=look.outputs)
    pressed = [look.kind.input, look.column.input, look.small.input, look.against.input, look.other.input]
    relayed([*after, *pressed, look.along.input])(draw, everything, look.outputs, **QUIET)
    context.select(look.text.select, _to_selection, [context.selection])


def _to_selection(event: gr.EventData, run: "Run", selection: str) -> Selection | None:
    if not event.value:
        return None
    found = Selection.parse(selection)
    for condition in Selection.parse(str(event.value)).conditions:
        found = found & condition
    return found


def _lay_out() -> _Look:
    with gr.Column(elem_classes="ss-pane"):
        heading("A closer look")
        with gr.Row(elem_classes="ss-bar-of-controls"):
            kind = gr.Radio(list(KINDS), value=BY_COLUMN, label="Look at", elem_id="scores-closer", scale=6)
            column = gr.Dropdown([], label="Column", elem_id="scores-column", scale=3, min_width=160)
            small = gr.Checkbox(False, label=f"parts of fewer than {FEWEST} clips too", elem_id="scores-small", scale=2)
            against = gr.Dropdown([], label="Against", elem_id="scores-against", scale=3, visible=False)
            other = gr.Dropdown([_HERE], value="", label="Of the run", elem_id="scores-other", scale=3, visible=False)
            prosody = gr.Dropdown([], label="Along", elem_id="scores-along", scale=3, visible=False)
        text = clickable_html("scores-closer-text", empty("Slices appear here."))
        plot = gr.Plot(show_label=False, container=False, elem_id="scores-closer-plot", visible=False)
    return _Look(kind, column, small, against, other, prosody, text, plot)


def closer(
    run: "Run", beside: "Run", others: list[tuple[str, str]], dark: bool, who: str, part: str, limit: float, kind: str,
    column: str | None, small: bool, against: str | None, other: str | None, prosody: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """Return what the pane shows, as in ``_Look.outputs``.

    Parameters
    ----------
    run : Run
        Its selected clips.
    beside : Run
        The run that is compared with; may be the same.
    others : list of (str, str)
        Names and keys of all the runs that could be chosen, this one first.
    dark : bool
    who, part, limit : str, str, float
        Detector, slice and threshold (P(spoof)) of the view.
    kind : str
        One of ``KINDS``.
    column, small, against, other, prosody
        What is chosen for each of them.
    """
    asked = column, against, other, prosody
    llr, columns, along_columns = float(llr_of(limit)), list(sliceable(run)), prosody_columns(run)
    column = column if column in columns else first_sliced(run)
    prosody = prosody if prosody in along_columns else (along_columns[0] if along_columns else None)
    other = other if other in dict(others).values() else ""
    rivals = [name for name in names(beside) if beside is not run or name != who]
    against = against if against in rivals else (rivals[0] if rivals else None)
    text, figure = Markup(""), gr.Plot(visible=False)
    if not cut(run, who, part).labelled:
        text = empty(_UNLABELLED)
    elif kind == BY_COLUMN:
        fewest = 1 if small else FEWEST
        text = empty("The run has no column to cut by.") if column is None else slice_table(
            rates_by(cut(run, who, part), column, llr, fewest=fewest), fewest=fewest
        )  # fmt: skip
    elif kind == WORST:
        text = worst_table(worst(run, who, part, llr))
    elif kind == TWO:
        text = _two(run, who, beside, against, llr)
    elif prosody is None:
        text = empty("The run has no column of prosody: python -m core evaluate measures the clips.")
    else:
        found = prosody_trend(run, who, part, prosody)
        text, figure = trend_text(found, prosody), gr.Plot(along(found, prosody, dark=dark), visible=True)
    return (
        menu(columns, column, asked[0], visible=kind == BY_COLUMN), gr.Checkbox(visible=kind == BY_COLUMN),
        menu(rivals, against, asked[1], visible=kind == TWO),
        menu(others, other, asked[2], visible=kind == TWO and len(others) > 1),
        menu(along_columns, prosody, asked[3], visible=kind == PROSODY), text, figure,
    )  # fmt: skip


def _two(run: "Run", who: str, beside: "Run", against: str | None, llr: float) -> Markup:
    if against is None:
        return empty("The run has one detector: choose another run of the same clips, or score them with another one.")
    try:
        found = paired(run, who, beside, against, llr, llr)
    except ResultsError as error:
        return problem(str(error))
    first, second = ("the panel" if name == PANEL else name for name in (who, against))
    if beside is not run:
        first, second = f"{first}, {run.whole.folder.name}", f"{second}, {beside.folder.name}"
    return pair_table(found, first, second)
