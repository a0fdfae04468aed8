"""What a file states about itself: content credentials, watermarks, its history. Never a part of P(spoof)."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.provenance.lines import Line, Provenance

if TYPE_CHECKING:
    from core.audio.clip import Clip

__all__ = ["Line", "Provenance", "provenance"]


def provenance(
    path: Path, *, clip: "Clip | None" = None, name: str | None = None, anchors: Path | None = None
) -> Provenance:
    """Return what a file states about itself.

    Parameters
    ----------
    path : Path
        A recording that can be decoded. What cannot be read of it is a line that says so; nothing is raised.
    clip : Clip, optional
        The recording, where it is decoded already.
    name : str, optional
        What the person calls the file, where ``path`` is a copy under another name.
    anchors : Path, optional
        Certificates of signers to trust, besides the public list; see ``core.provenance.anchors``.
    """
    from core.provenance.found import found_lines

    return Provenance(name if name is not None else str(path), found_lines(path, clip, anchors))
