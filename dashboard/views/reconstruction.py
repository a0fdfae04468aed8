"""Reconstruction: what the autoencoder, which knows bona fide speech only, cannot rebuild."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from core.errors import SpoofscopeError
from dashboard.components.clip_dock import clip_dock, show_clip
from dashboard.components.markup import card, class_word, note, problem
from dashboard.components.panes import heading, remark
from dashboard.components.reference import NO_AUDIO, clip_title, no_run, waiting
from dashboard.context import QUIET, Context, requested
from dashboard.plots.frame import CLASSES, message
from dashboard.plots.reconstruction import BANDS, error_by_class, panels

if TYPE_CHECKING:
    from core.results.store import Run
    from core.usecases import Reconstruction

TITLE = "Reconstruction"
ORDER = 30

# In pixels, of a picture that has nothing to show.
_EMPTY_HEIGHT = 200
_PICTURES = (
    "Time runs to the right. The vertical axis counts cepstral coefficients, not hertz: each is a shape of the whole "
    "spectrum, so an error here has a time and a band, but no frequency. Static coefficients below, their slope "
    "(delta) and the slope's slope (delta-delta) above. σ: standard deviations of bona fide training speech."
)


def build(context: Context) -> None:
    """Lay out the tab."""
    with gr.Column(elem_classes="ss-view"):
        lead = gr.HTML(waiting("Reading the reconstruction errors."), elem_id="reconstruction-lead", padding=False)
        with gr.Row(elem_classes="ss-panes"):
            with gr.Column(scale=5, elem_classes="ss-pane"):
                heading("Error by class and band")
                by_class = gr.Plot(show_label=False, container=False, elem_id="reconstruction-classes")
                table = gr.HTML(padding=False, elem_id="reconstruction-table")
            with gr.Column(scale=3, elem_classes="ss-pane", min_width=300):
                heading("The clip")
                chosen = gr.Dropdown(
                    [], label="Clip of the reference run, from the worst rebuilt to the best", filterable=True,
                    elem_id="reconstruction-chosen",
                )  # fmt: skip
                dock = clip_dock(context, "reconstruction", invitation="Choose a clip to see what is rebuilt of it.")
        with gr.Column(elem_classes="ss-pane"):
            heading("What it was given, what it made of it, what it could not")
            picture = gr.Plot(show_label=False, container=False, elem_id="reconstruction-picture")
            remark(_PICTURES)
    hear = lru_cache(maxsize=8)(lambda path: rebuild_clip(context, path))

    def show(dark: bool, path: str | None, asked: str | None) -> tuple[Any, ...]:
        run = context.run
        if run is None:
            blank = message("No reference run.", dark=dark, height=_EMPTY_HEIGHT)
            return no_run(context), blank, "", gr.skip(), blank
        errors = errors_of(run)
        choices = _choices(errors)
        known = [value for _, value in choices]
        # Where the recordings are at hand, the worst rebuilt one is shown unasked.
        unasked = known[0] if known and context.resources.corpus_root else None
        path = next((p for p in (path, requested(asked)) if p in known), unasked)
        return (
            lead_text(context, errors), error_by_class(errors, mark=_mark(errors, path), dark=dark), medians(errors),
            gr.Dropdown(choices=choices, value=path), _picture(hear, path, dark),
        )  # fmt: skip

    def pick(dark: bool, path: str | None) -> tuple[Any, ...]:
        run = context.run
        if run is None or not path:
            return gr.skip(), gr.skip()
        errors = errors_of(run)
        return error_by_class(errors, mark=_mark(errors, path), dark=dark), _picture(hear, path, dark)

    context.on_show(show, inputs=[chosen, context.analyse_request], outputs=[lead, by_class, table, chosen, picture])
    chosen.change(
        lambda path: show_clip(context, path, play=False) if path else tuple(gr.skip() for _ in dock.outputs),
        chosen, dock.outputs, **QUIET,
    )  # fmt: skip
    at_work = {**QUIET, "show_progress": "full", "show_progress_on": [picture]}
    chosen.input(pick, [context.dark, chosen], [by_class, picture], **at_work)


def errors_of(run: "Run") -> pd.DataFrame:
    """Return the reconstruction errors of the run's first autoencoder, with each clip's facts; empty without one."""
    if run.errors is None or run.errors.empty:
        return pd.DataFrame(columns=["path", "label", "detector", "total", *BANDS])
    first = run.errors["detector"].iloc[0]
    return run.clips.merge(run.errors[run.errors["detector"] == first], on="path", validate="one_to_one")


def lead_text(context: Context, errors: pd.DataFrame) -> str:
    """Return in words which class is rebuilt better, and which the detector learnt to expect."""
    if errors.empty:
        return card("Reconstruction", problem(
            "The reference run holds no reconstruction errors: no autoencoder was in the panel that made it.",
            todo="Add cae-lfcc to the panel and make the reference run again.",
        ))  # fmt: skip
    medians_ = errors.groupby("label")["total"].median()
    real, fake = medians_.get("bonafide", float("nan")), medians_.get("spoof", float("nan"))
    better = "bona fide speech" if real < fake else "spoofed speech"
    name = str(errors["detector"].iloc[0])
    words = (
        f"In these {len(errors)} clips the autoencoder rebuilds <b>{better} better</b>: median squared error "
        f"{class_word('bonafide')} {real:.3f} σ², {class_word('spoof')} {fake:.3f} σ²."
    )
    about = "It was taught with bona fide speech alone; which class it finds harder was learnt on dev, not assumed. "
    return card("", f'<p class="ss-lead">{words}</p>{note(about + _polarity(context, name))}')


def _polarity(context: Context, name: str) -> str:
    from core.detectors.checkpoint import find_checkpoint, read_card

    try:
        polarity = read_card(find_checkpoint(name)).polarity
    except SpoofscopeError as error:
        return f"Its polarity is not known here: {error}"
    auc = "" if polarity.dev_auc is None else f" (AUC on dev {polarity.dev_auc:.2f})"
    return f"Polarity of {name}: {polarity.how}{auc}."


def medians(errors: pd.DataFrame) -> str:
    """Return the median error of each class in each band, and how well it alone tells them apart, as a table."""
    from core.analysis.metrics import roc_auc
    from dashboard.components.markup import table

    if errors.empty or errors["label"].nunique() < 2:
        return ""
    real = (errors["label"] == "bonafide").to_numpy()
    rows = []
    for band in ("total", *BANDS):
        values = errors[band].to_numpy(dtype=float)
        auc = roc_auc(values[real], values[~real])
        better = "spoof" if auc > 0.5 else "bona fide"
        rows.append((
            "everything" if band == "total" else band, f"{pd.Series(values[real]).median():.3f}",
            f"{pd.Series(values[~real]).median():.3f}", f"{max(auc, 1 - auc):.3f}", better,
        ))  # fmt: skip
    columns = ("band", "■ bona fide, median σ²", "● spoof, median σ²", "AUC by this error alone", "rebuilt better")
    return table(columns, rows, numeric=(1, 2, 3))


def _choices(errors: pd.DataFrame) -> list[tuple[str, str]]:
    ordered = errors.sort_values("total", ascending=False)
    return [
        (f"{CLASSES[row['label']].glyph} {clip_title(row)} · {row['total']:.2f} σ²", str(row["path"]))
        for _, row in ordered.iterrows()
    ]


def _mark(errors: pd.DataFrame, path: str | None) -> dict[str, float] | None:
    rows = errors[errors["path"] == path]
    return None if rows.empty else {band: float(rows.iloc[0][band]) for band in ("total", *BANDS)}


def rebuild_clip(context: Context, path: str) -> "Reconstruction | str":
    """Return what the autoencoder makes of a clip of the run, or one sentence that says why it cannot be shown."""
    from core.audio.decode import decode
    from core.usecases import reconstruct_clip

    run, file = context.run, context.resources.locate(path)
    if run is None or file is None:
        return NO_AUDIO
    name = str(errors_of(run)["detector"].iloc[0])
    try:
        # The autoencoder may ship without a say in the panel.
        return reconstruct_clip(decode(file), context.resources.detector(name))
    except SpoofscopeError as error:
        return str(error)


def _picture(hear: Any, path: str | None, dark: bool) -> Any:
    if not path:
        return message("Choose a clip above.", dark=dark, height=_EMPTY_HEIGHT)
    made = hear(path)
    if isinstance(made, str):
        return message(made, dark=dark, height=_EMPTY_HEIGHT)
    return panels(made.times_s, {"input": made.input, "output": made.output, "error": made.error}, dark=dark)
