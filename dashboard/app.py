"""The page and its server: one tab per view, light and dark, behind a guard of its own."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from dashboard import theme
from dashboard.context import Context, Resources
from dashboard.views import tab_id, views

__all__ = ["build", "launch"]

_HEADER = (
    '<header class="ss-top"><span class="ss-logo">Spoofscope</span><span class="ss-sp"></span>'
    '<button type="button" class="ss-scheme" data-scheme aria-label="Turn the page light or dark" '
    'title="Light or dark">◐</button></header>'
)


def build(resources: Resources | None = None) -> gr.Blocks:
    """Lay out the page.

    Parameters
    ----------
    resources : Resources, optional
        Panel and reference run; what ships when not given.
    """
    resources = resources or Resources()
    with gr.Blocks(title="Spoofscope", analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as page:
        gr.HTML(_HEADER, padding=False)
        dark = gr.Checkbox(visible="hidden", elem_id="ss-dark", container=False)
        request = gr.Textbox(visible="hidden", elem_id="ss-analyse-request", container=False)
        with gr.Tabs(elem_id="ss-tabs", selected="analyse") as tabs:
            for view in views():
                with gr.Tab(view.TITLE, id=tab_id(view)) as tab:
                    view.build(Context(resources, dark, request, tabs, tab))
        page.load(None, None, dark, js="() => document.body.classList.contains('dark')")
    return page


def launch(
    host: str = "127.0.0.1", port: int = 7860, *, prevent_thread_lock: bool = False,
    names: Sequence[str | Path] | None = None,
) -> tuple[str, Callable[[], None]]:  # fmt: skip
    """Serve the page; return its address and what closes it.

    Parameters
    ----------
    host : str
    port : int
    prevent_thread_lock : bool
        Return at once and serve in the background; otherwise return when the server is stopped.
    names : sequence of str or Path, optional
        Checkpoints of the panel.
    """
    page = build(Resources(names))
    page.queue(max_size=64)
    _, url, _ = page.launch(
        server_name=host, server_port=port, prevent_thread_lock=prevent_thread_lock, quiet=True, ssr_mode=False,
        css=theme.css(), head=theme.script(), theme=theme.gradio_theme(), max_file_size="64mb", share=False,
    )  # fmt: skip
    return url, page.close
