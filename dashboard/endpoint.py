"""The page's one endpoint for programs: a file goes in, the object of ``python -m core score --json`` comes out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AudioError, SpoofscopeError

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


def answer(resources: "Resources", path: str) -> dict[str, Any]:
    """Return what ``python -m core score --json`` gives for one file.

    ``path`` is None, since the person's own is not known here, and ``name`` is added: Gradio's client takes an
    object with a ``path`` of text for a file and tries to fetch it.
    """
    import gradio as gr

    from core.usecases import analyse_file, refusal

    name = Path(path).name
    try:
        result = analyse_file(path, resources.panel, name=name).to_json()
    except AudioError as error:
        result = refusal(name, error)
    except SpoofscopeError as error:
        raise gr.Error(str(error), print_exception=False) from error
    return {**result, "path": None, "name": name}
