"""What the page is called where it is not seen itself: in a browser's tab, and where its link is shared."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from dashboard.components.analyse_frames import ABOUT
from dashboard.components.markup import Markup

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["FAVICON", "NAME", "Identity"]

NAME = "Spoofscope"
FAVICON = Path(__file__).resolve().parent / "static" / "favicon.svg"
_STRANGE = re.compile(
    rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link[^>]*rel="icon"[^>]*>|<title>.*?</title>', re.S
)
_HEAD = Markup(
    '<title>{name}</title><link rel="icon" type="image/svg+xml" href="data:image/svg+xml,{icon}">'
    '<meta name="description" content="{about}"><meta property="og:type" content="website">'
    '<meta property="og:title" content="{name}"><meta property="og:description" content="{about}">'
    '<meta name="twitter:card" content="summary"><meta name="twitter:title" content="{name}">'
)


class Identity:
    """Give the page at ``/`` its own name, icon and summary in place of Gradio's.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        icon = quote(FAVICON.read_text(encoding="utf-8").strip())
        self._head = _HEAD.format(name=NAME, icon=icon, about=ABOUT).encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        # Compressed, the page could not be read here.
        plain = {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]}
        begun: list[Message] = []
        body = b""

        async def collect(message: "Message") -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                begun.append(message)
            if message["type"] != "http.response.body":
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = _STRANGE.sub(b"", body).replace(b"</head>", self._head + b"</head>", 1)
            kept = [pair for pair in begun[0]["headers"] if pair[0].lower() != b"content-length"]
            headers = [*kept, (b"content-length", str(len(page)).encode())]
            await send({**begun[0], "headers": headers})
            await send({"type": "http.response.body", "body": page})

        await self.app(plain, receive, collect)
