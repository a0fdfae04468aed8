"""The page on FastAPI, behind a guard: whose names it answers to, which pages may call it, what a browser may load."""

import threading
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["PLOTLY", "Guard", "allowed_hosts", "exposure", "mount", "read_account", "serve"]

#: Where ``static/exporting.js`` finds Plotly's own script.
PLOTLY = "/figures/plotly.min.js"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Gradio's own scripts are inline and its HTML component makes functions of text; nothing comes from outside.
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}


def allowed_hosts(host: str, extra: Iterable[str] = ()) -> frozenset[str]:
    """Return the names in a Host header that are answered: loopback, the address served on, and ``extra``."""
    names = {*_LOOPBACK, *(name.strip().lower() for name in extra if name.strip())}
    if host not in ("0.0.0.0", "::", ""):
        names.add(host.lower())
    return frozenset(names)


def read_account(text: str | None) -> tuple[str, str] | None:
    """Return name and password of ``user:password``; None where nothing is set.

    Raises
    ------
    ValueError
        When one of the two is missing: a page that only seems locked is worse than an open one.
    """
    if not text:
        return None
    user, _, password = text.partition(":")
    if not user or not password:
        raise ValueError("SPOOFSCOPE_AUTH must be user:password, with something on both sides of the colon.")
    return user, password


def exposure(host: str, account: tuple[str, str] | None) -> str:
    """Return a warning where other machines reach the page at this address; "" where none does."""
    try:
        inside = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        inside = False
    if inside:
        return ""
    if account is None:
        return (
            f"Warning: on {host} every machine that reaches this one may use the page and what is uploaded to it, "
            "unasked. Set SPOOFSCOPE_AUTH=user:password, or leave HOST at 127.0.0.1."
        )
    return f"Warning: on {host} passwords and recordings cross the network unencrypted; put HTTPS in front of the page."


class Guard:
    """Refuse requests that were meant for another host or sent by another site's page; add headers to the rest.

    A name that an attacker's DNS points at this machine, and a form on another site, both reach a server on
    loopback; neither gets past this.

    Parameters
    ----------
    app : ASGI application
    hosts : set of str
        Names that the Host header may carry, without port.
    """

    def __init__(self, app: "ASGIApp", *, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        wrong = self._wrong(headers, method=scope.get("method", "GET"))
        if wrong:
            await _refuse(scope, receive, send, wrong)
            return

        async def send_with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                present = {key.lower() for key, _ in message["headers"]}
                extra = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in present]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _wrong(self, headers: dict[str, str], *, method: str) -> str | None:
        host = headers.get("host", "")
        if "@" in host or _name(f"//{host}") not in self.hosts:
            return "This server does not answer to that name; set SPOOFSCOPE_HOSTS to the names it may carry."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "This server answers its own pages only."
        # A link from elsewhere may open the page; a form or a script from elsewhere may not use it.
        followed = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") == "cross-site" and not followed:
            return "This server answers its own pages only."
        return None


def _name(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


async def _refuse(scope: "Scope", receive: "Receive", send: "Send", why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    from starlette.responses import PlainTextResponse

    await PlainTextResponse(why, status_code=403)(scope, receive, send)


def mount(page: "gr.Blocks", *, hosts: frozenset[str], **options: Any) -> "FastAPI":
    """Return the application: the page at ``/``, behind the guard.

    Parameters
    ----------
    page : gr.Blocks
    hosts : set of str
        See ``allowed_hosts``.
    **options
        For ``gr.mount_gradio_app``: theme, css, head, auth.
    """
    import gradio as gr
    from fastapi import FastAPI

    from dashboard.components.analyse_frames import MAX_UPLOAD_MB
    from dashboard.identity import FAVICON, Identity

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route(PLOTLY, _plotly)
    app.add_middleware(Identity)
    app.add_middleware(Guard, hosts=hosts)
    return gr.mount_gradio_app(
        app, page, path="/", allowed_paths=[], show_error=False,
        max_file_size=f"{MAX_UPLOAD_MB}mb", favicon_path=str(FAVICON), ssr_mode=False, pwa=False,
        footer_links=[], run_history=False, mcp_server=False, enable_monitoring=False, **options,
    )  # fmt: skip


def _plotly() -> "Response":
    """Give out the script that a figure saved as HTML carries within it, so that it opens anywhere and offline."""
    from plotly.offline import get_plotlyjs
    from starlette.responses import Response

    return Response(get_plotlyjs(), media_type="text/javascript", headers={"cache-control": "max-age=86400"})


def serve(app: "FastAPI", host: str, port: int, *, block: bool) -> Callable[[], None]:
    """Serve an application until interrupted, or in the background; return what stops it.

    Raises
    ------
    OSError
        When the port is taken.
    """
    import socket
    import time

    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
    server = uvicorn.Server(config)
    if block:
        server.run(sockets=[listener])
        return listener.close
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="server")
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=10)
        # A busy server that goes on closes it itself, and finds it gone otherwise.
        if not thread.is_alive():
            listener.close()

    return stop
