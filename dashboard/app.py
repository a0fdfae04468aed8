"""The page and its server: one tab per view, light and dark, behind a guard of its own."""

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from core.settings import HOSTS
from dashboard import theme
from dashboard.address import wire_address
from dashboard.context import QUIET, Context, Resources
from dashboard.exporting import wire_tables
from dashboard.needs import lay_out
from dashboard.plots.frame import make_default
from dashboard.server import allowed_hosts, exposure, mount, serve
from dashboard.views import tab_id, views
from dashboard.warm import warm_up

__all__ = ["build", "launch"]

_HEADER = (
    '<header class="ss-top"><h1 class="ss-logo">Spoofscope</h1><span class="ss-sp"></span>'
    '<button type="button" class="ss-scheme" data-scheme aria-label="Turn the page light or dark" '
    'title="Light or dark">◐</button></header>'
    # Filled by static/page.js: a region that is there from the start is announced when its words change.
    '<p class="ss-unseen" id="ss-announce" role="status" aria-live="polite"></p>'
)

# Answers reach the page by one stream, which is closed when none is due and opened by the next event. One that joins
# just then may take it for open (so Gradio 6.31's client reads), and its answer would stay on the server until another
# event opens the next stream: while a person waits for something, the page asks for nothing now and then.
_LISTEN = """
const waits = () => [...document.querySelectorAll('.ss-loading, [data-awaits]')].some((one) => one.checkVisibility());
setInterval(() => { if (waits()) trigger('select'); }, 5000);
"""
_OPEN = """(...boxes) => {
  const open = document.querySelector('#ss-tabs > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId;
  return boxes.map((box, at) => TABS[at] === open ? `${Math.random()}` : box);
}"""


def build(resources: Resources | None = None) -> gr.Blocks:
    """Lay out the page.

    Parameters
    ----------
    resources : Resources, optional
        Panel and reference run; what ships when not given.
    """
    resources = resources or Resources()
    make_default()
    with gr.Blocks(title="Spoofscope", analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as page:
        header = gr.HTML(_HEADER, padding=False, js_on_load=_LISTEN)
        header.select(lambda: None, None, None, **{**QUIET, "trigger_mode": "multiple"})
        dark = gr.Checkbox(visible="hidden", elem_id="ss-dark", container=False)
        request, choice, selection = (_hidden(name) for name in ("analyse-request", "run", "selection"))
        redraw = {tab_id(view): _hidden(f"redraw-{tab_id(view)}") for view in views()}
        # First: Gradio has the listeners of one event wait for each other.
        _redraw_the_open(redraw, [dark.change, choice.change, selection.change])
        wire_address(page, choice, selection)
        wire_tables()
        with gr.Tabs(elem_id="ss-tabs", selected="analyse", overflow_behavior="wrap") as tabs:
            for view in views():
                with gr.Tab(view.TITLE, id=tab_id(view)) as tab:
                    shown = redraw[tab_id(view)]
                    lay_out(view, Context(resources, dark, request, tabs, tab, page, choice, selection, shown))
        page.load(None, None, dark, js="() => document.body.classList.contains('dark')")
    return page


def _hidden(name: str) -> gr.Textbox:
    return gr.Textbox(visible="hidden", elem_id=f"ss-{name}", container=False)


def _redraw_the_open(redraw: Mapping[str, gr.Textbox], events: Iterable[Any]) -> None:
    """Have the browser alone change the textbox of the open tab: closed ones are drawn when they are opened."""
    boxes, js = list(redraw.values()), _OPEN.replace("TABS", json.dumps(list(redraw)))
    for event in events:
        event(None, boxes, boxes, js=js, api_visibility="private", trigger_mode="multiple")


def launch(
    host: str = "127.0.0.1", port: int = 7860, *, prevent_thread_lock: bool = False,
    names: Sequence[str | Path] | None = None, on_ready: Callable[[str], None] | None = None,
    account: tuple[str, str] | None = None, runs: Sequence[Path] = (),
) -> tuple[str, Callable[[], None]]:  # fmt: skip
    """Serve the page; return its address and what closes it.

    Decoder and detectors are made ready in the background, so that the page answers at once.

    Parameters
    ----------
    host : str
    port : int
    prevent_thread_lock : bool
        Return at once and serve in the background; otherwise return when the server is stopped.
    names : sequence of str or Path, optional
        Checkpoints of the panel; the panel that ships when not given.
    on_ready : callable, optional
        Called with the address before a serving that blocks.
    account : (str, str), optional
        Name and password that everyone is asked for.
    runs : sequence of Path
        Folders of runs that visitors may choose from, besides those in the user's data folder.

    Raises
    ------
    OSError
        When the port is taken.
    """
    alone = account is None and not HOSTS.read() and not exposure(host, None)
    resources = Resources(names, runs=runs, local=alone)
    page = build(resources)
    page.queue(max_size=64, default_concurrency_limit=4)
    hosts = allowed_hosts(host, (HOSTS.read() or "").split(","))
    app = mount(page, hosts=hosts, css=theme.css(), head=theme.script(), theme=theme.gradio_theme(), auth=account)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}/"
    threading.Thread(target=warm_up, args=(resources,), daemon=True, name="warm-up").start()
    if on_ready is not None and not prevent_thread_lock:
        on_ready(url)
    resources.jobs.resume()
    stop = serve(app, host, port, block=not prevent_thread_lock)

    def close() -> None:
        resources.jobs.close()
        stop()

    return url, close
