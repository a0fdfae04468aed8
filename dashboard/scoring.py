"""*Score a folder* in a tab: lays out the form and the scorings, and answers their presses."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from core.errors import SpoofscopeError
from core.results.job import Asked
from core.results.one_class import ONE_CLASS
from dashboard.components.markup import Markup
from dashboard.components.scoring import HOOK, scoring_form, scorings

if TYPE_CHECKING:
    from core.usecases import Panel
    from dashboard.context import Context

__all__ = ["lay_out_scoring"]

_EVERY_S = 1.0


def lay_out_scoring(context: "Context") -> None:
    """Lay out form and list; while a scoring is under way the list is drawn again every second."""
    from dashboard.context import QUIET

    more: dict[str, Any] = {"js_on_load": HOOK, "padding": False, "apply_default_css": False}
    with gr.Column(elem_classes="ss-pane"):
        form = gr.HTML(elem_id="score-form", **more)
        listed = gr.HTML(elem_id="score-jobs", **more)
    timer = gr.Timer(_EVERY_S, active=False)
    resources = context.resources

    def drawn(wrong: str = "") -> tuple[Markup, Any]:
        jobs = resources.jobs
        return scorings(jobs.all(), wrong=wrong), gr.Timer(active=jobs.busy())

    def show(dark: bool, choice: str, selection: str, shown: str) -> tuple[Any, Any, Any]:
        # Drawn once: a form that is drawn again forgets what was typed.
        new = gr.skip() if shown else scoring_form(_groups(resources.panel))
        return new, *drawn()

    def begin(event: gr.EventData) -> tuple[Any, Any]:
        panel = resources.panel
        try:
            # Of the names that the browser sends only those of this page: a folder would be read.
            chosen = tuple(str(panel.folder(name)) for name in map(str, event.detectors) if name in panel.detectors)
            resources.jobs.start(Asked(str(event.place), chosen, str(event.split) or None))
        except SpoofscopeError as error:
            return drawn(str(error))
        return drawn()

    def pressed(event: gr.EventData) -> tuple[Any, Any, Any, Any, Any]:
        jobs, job_id = resources.jobs, str(event.job)
        nothing = (gr.skip(), gr.skip(), gr.skip())
        if event.what == "open":
            job = next((each for each in jobs.all() if each.id == job_id), None)
            return gr.skip(), gr.skip(), *(nothing if job is None else (job.key, "", gr.Tabs(selected="scores")))
        acts = {"cancel": jobs.cancel, "go-on": jobs.go_on, "forget": jobs.forget}
        if (act := acts.get(str(event.what))) is not None:
            act(job_id)
        return *drawn(), *nothing

    context.on_show(show, inputs=[form], outputs=[form, listed, timer])
    form.select(begin, None, [listed, timer], **QUIET)
    listed.select(pressed, None, [listed, timer, context.run_choice, context.selection, context.tabs], **QUIET)
    timer.tick(drawn, None, [listed, timer], **QUIET)


def _groups(panel: "Panel") -> dict[str, dict[str, str]]:
    """Return the detectors with what each is: the panel's first, then those that *Reconstruction* is about."""
    about = {name: panel.card(name).summary for name in (*panel.members, *panel.others)}
    alone = [name for name in panel.others if panel.card(name).architecture in ONE_CLASS]
    others = [name for name in panel.others if name not in alone]
    groups = {"The panel": panel.members, "Bona fide speech alone, for Reconstruction": alone, "Others": others}
    return {title: {name: about[name] for name in names} for title, names in groups.items()}
