"""Reconstruction: what detectors that know bona fide speech alone measure, and what the autoencoder cannot rebuild."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from core.errors import ResultsError, SpoofscopeError
from core.results.cards import read_curves
from core.results.one_class import one_class
from core.results.rebuilt import BANDS, errors_of, telling
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.markup import Markup, problem, term
from dashboard.components.menus import menu
from dashboard.components.one_class import one_class_card
from dashboard.components.panes import figure_terms, heading, remark, tips
from dashboard.components.reconstruction import history_words, lead_text, medians_table, with_repeated
from dashboard.components.reference import NO_AUDIO, clip_title, waiting
from dashboard.context import QUIET, Context, requested
from dashboard.plots.frame import mark_of, message
from dashboard.plots.models import learning_curves
from dashboard.plots.reconstruction import error_by_class, error_over_time, panels

if TYPE_CHECKING:
    from core.usecases import Reconstruction

TITLE = "Reconstruction"
ORDER = 30
NEEDS = frozenset({"run"})

# In pixels, of a picture that has nothing to show.
_EMPTY_HEIGHT, _NOTHING_HEIGHT = 200, 20
_PICTURES = Markup(
    "Time runs to the right. The vertical axis counts {}, not hertz: each is a shape of the whole spectrum, so an "
    "error here has a time and a band, but no frequency. {} below, their slope ({}) and the slope's slope ({}) above. "
    "{} and {}: in standard deviations of bona fide training speech."
).format(
    term("cepstral coefficient", "cepstral coefficients"), term("static", "Static coefficients"), term("delta"),
    term("delta-delta"), term("σ"), term("σ²"),
)  # fmt: skip


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view"):
        lead = gr.HTML(waiting("Reading the reconstruction errors."), elem_id="reconstruction-lead", padding=False)
        alone = gr.HTML(waiting("Reading the detectors."), elem_id="reconstruction-alone", padding=False)
        with gr.Column() as rebuilt:
            with gr.Row(elem_classes="ss-panes"):
                with gr.Column(scale=5, elem_classes="ss-pane"):
                    heading("Error by class and band")
                    by_class = gr.Plot(show_label=False, container=False, elem_id="reconstruction-classes")
                    figure_terms("reconstruction error", "static", "delta", "delta-delta")
                    medians = gr.HTML(padding=False, elem_id="reconstruction-table")
                with gr.Column(scale=3, elem_classes="ss-pane", min_width=300):
                    heading("The clip")
                    chosen = gr.Dropdown(
                        [], label="Clip of the run, from the largest error to the smallest", filterable=True,
                        elem_id="reconstruction-chosen",
                    )  # fmt: skip
                    dock = clip_dock(context, "reconstruction", invitation="Choose a clip: what is rebuilt of it?")
            with gr.Column(elem_classes="ss-pane"):
                heading("What it was given, what it made of it, what it could not")
                picture = gr.Plot(show_label=False, container=False, elem_id="reconstruction-picture")
                remark(_PICTURES)
                by_time = gr.Plot(show_label=False, container=False, elem_id="reconstruction-time")
            with gr.Column(elem_classes="ss-pane"):
                heading("Error and discrimination over the training")
                history = gr.Plot(show_label=False, container=False, elem_id="reconstruction-history")
                kept = gr.HTML(padding=False, elem_id="reconstruction-history-note")
    tips({"reconstruction-chosen": "reconstruction error"})
    show, pick = drawing(context)
    drawn = [lead, by_class, medians, chosen, picture, by_time, rebuilt]
    context.on_show(show, inputs=[chosen, context.analyse_request], outputs=drawn)
    context.on_show(
        lambda dark, choice, selection: of_training(context, choice, selection, dark), outputs=[alone, history, kept]
    )
    chosen.change(
        lambda choice, path: (
            show_clip(context, path, choice, play=False) if path else tuple(gr.skip() for _ in dock.outputs)
        ),
        [context.run_choice, chosen], dock.outputs, **QUIET,
    )  # fmt: skip
    at_work = {**QUIET, "show_progress": "full", "show_progress_on": [picture]}
    asked = [context.dark, context.run_choice, context.selection, chosen]
    chosen.input(pick, asked, [by_class, picture, by_time], **at_work)


def drawing(context: Context) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the handlers that draw the whole tab, and what changes with the clip."""
    # What is refused is raised, and so not kept: its reason may pass.
    rebuilt = lru_cache(maxsize=8)(lambda path, choice: rebuild_clip(context, path, choice))

    def show(dark: bool, choice: str, selection: str, chosen: str | None, asked: str | None) -> tuple[Any, ...]:
        run = context.selected(choice, selection)
        assert run is not None
        errors = errors_of(run)
        choices = _choices(errors)
        known = {value for _, value in choices}
        # Where its recording is at hand, the clip that shows best what the lead states is shown unasked.
        unasked = telling(errors)
        if unasked is not None and context.resources.locate(unasked, choice) is None:
            unasked = None
        path = next((p for p in (chosen, requested(asked)) if p in known), unasked)
        return (
            lead_text(errors), error_by_class(errors, mark=_mark(errors, path), dark=dark), medians_table(errors),
            menu(choices, path, chosen), *_pictures(rebuilt, path, choice, dark),
            # Hidden by a class: a column that is made visible makes its hidden parts visible too.
            gr.Column(elem_classes="ss-absent" if errors.empty else ""),
        )  # fmt: skip

    def pick(dark: bool, choice: str, selection: str, path: str | None) -> tuple[Any, ...]:
        run = context.selected(choice, selection)
        if run is None or not path:
            return gr.skip(), gr.skip(), gr.skip()
        errors = errors_of(run)
        return error_by_class(errors, mark=_mark(errors, path), dark=dark), *_pictures(rebuilt, path, choice, dark)

    return show, pick


def _choices(errors: pd.DataFrame) -> list[tuple[str, str]]:
    ordered = errors.sort_values("total", ascending=False)
    return [
        (f"{mark_of(row['label']).glyph} {clip_title(row)} · {row['total']:.2f} σ²", str(row["path"]))
        for _, row in ordered.iterrows()
    ]


def _mark(errors: pd.DataFrame, path: str | None) -> dict[str, float] | None:
    rows = errors[errors["path"] == path]
    return None if rows.empty else {band: float(rows.iloc[0][band]) for band in ("total", *BANDS)}


def rebuild_clip(context: Context, path: str, choice: str = "") -> "Reconstruction":
    """Return what the autoencoder makes of a clip of the run.

    Raises
    ------
    SpoofscopeError
        When it cannot be shown; one sentence that says why.
    """
    from core.audio.decode import decode
    from core.usecases import reconstruct_clip

    run, file = context.run(choice), context.resources.locate(path, choice)
    if run is None or file is None:
        raise ResultsError(NO_AUDIO)
    name = str(errors_of(run)["detector"].iloc[0])
    # The autoencoder may ship without being in the panel.
    return reconstruct_clip(decode(file), context.resources.detector(name))


def _pictures(
    rebuilt: Callable[[str, str], "Reconstruction"], path: str | None, choice: str, dark: bool
) -> tuple[Any, Any]:
    """Return input, output and error as pictures, and the error over time; words where there is nothing to show."""
    try:
        made = rebuilt(path, choice) if path else None
        words = "Choose a clip above."
    except SpoofscopeError as error:
        made, words = None, str(error)
    if made is None:
        return message(words, dark=dark, height=_EMPTY_HEIGHT), message("", dark=dark, height=_NOTHING_HEIGHT)
    parts = {"input": made.input, "output": made.output, "error": made.error}
    return panels(made.times_s, parts, dark=dark), error_over_time(made.times_s, made.error, dark=dark)


def of_training(context: Context, choice: str = "", selection: str = "", dark: bool = False) -> tuple[Any, Any, Markup]:
    """Return the detectors side by side, and error against discrimination over the training of the autoencoder."""
    run = context.selected(choice, selection)
    assert run is not None
    rebuilding = [each.name for each in one_class(run) if each.ratios]
    try:
        curves = read_curves(rebuilding[0]) if rebuilding else pd.DataFrame()
        again = rebuilding and "dev_mse" not in curves
        repeated = read_curves(rebuilding[0], repeated=True) if again else pd.DataFrame()
    except SpoofscopeError as error:
        return one_class_card(run), learning_curves(pd.DataFrame(), dark=dark), problem(str(error))
    shown = with_repeated(curves, repeated)
    return one_class_card(run), learning_curves(shown, dark=dark), history_words(rebuilding, curves, repeated)
