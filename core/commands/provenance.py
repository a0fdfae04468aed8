"""``provenance``: what a file states about itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import JsonFlag, json_text, printable

if TYPE_CHECKING:
    from core.provenance import Provenance

__all__ = ["provenance"]

_TITLES = {"credentials": "Content credentials", "watermark": "Watermarks", "history": "History"}


@command("provenance")
def provenance(
    file: Annotated[Path, typer.Argument(help="One recording.")],
    anchors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM certificates of signers to trust, besides the C2PA Trust List."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print what a file states about itself.

    That is content credentials, watermarks and its history. None of it is a part of P(spoof).
    """
    from core.provenance import provenance as read
    from core.provenance.anchors import trust_anchors

    # A wrong file of anchors is an error here, and not a line among others.
    trust_anchors(anchors)
    found = read(file, anchors=anchors)
    typer.echo(json_text(found.as_dict()) if as_json else _text(found))


def _text(found: "Provenance") -> str:
    parts = []
    for topic, title in _TITLES.items():
        lines = [line for line in found.lines if line.topic == topic]
        parts += [title] * bool(lines)
        parts += [f"  {printable(line.text)}\n      {printable(line.meaning)}".rstrip() for line in lines]
    return "\n".join(parts)
