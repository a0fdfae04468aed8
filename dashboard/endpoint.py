"""The page's one endpoint for programs: a file goes in, the object of ``python -m core score --json`` comes out."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AudioError, SpoofscopeError
from core.watch import Progress, Watch, watched

if TYPE_CHECKING:
    from dashboard.resources import Resources

__all__ = ["answer", "wire_endpoint"]


def wire_endpoint(resources: "Resources") -> None:
    """Offer ``/analyse``; call inside the page."""
    import gradio as gr

    with gr.Row(visible=False):
        file, result = gr.File(type="filepath", label="recording"), gr.JSON(label="analysis")
        gr.Button().click(
            partial(answer, resources), file, result, api_name="analyse", concurrency_id="score", concurrency_limit=2
        )


def answer(resources: "Resources", path: str) -> Iterator[dict[str, Any]]:
    """Yield nothing new about once a second, and at last what ``python -m core score --json`` gives for one file.

    Gradio closes a handler that yields once its client has left: the work is stopped then, and its place is free.
    ``path`` is None, since the person's own is not known here, and ``name`` is added: Gradio's client takes an
    object with a ``path`` of text for a file and tries to fetch it.
    """
    import gradio as gr

    from core.usecases import analyse_file, refusal

    name, watch = Path(path).name, Watch()

    def work() -> dict[str, Any]:
        try:
            return analyse_file(path, resources.panel, name=name, cancel=watch.event).to_json()
        except AudioError as error:
            return refusal(name, error)

    try:
        with closing(watched(work, watch, every_s=1.0)) as steps:
            for step in steps:
                yield gr.skip() if isinstance(step, Progress) else {**step, "path": None, "name": name}
    except SpoofscopeError as error:
        raise gr.Error(str(error), print_exception=False) from error
