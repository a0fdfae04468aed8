"""What a file states about itself: content credentials, watermarks, its history. Never a part of P(spoof)."""

from pathlib import Path

from core.provenance.lines import Line, Provenance

__all__ = ["Line", "Provenance", "provenance"]


def provenance(path: Path) -> Provenance:
    """Return what a file states about itself.

    Parameters
    ----------
    path : Path
        A recording that can be decoded. What cannot be read of it is a line that says so; nothing is raised.
    """
    from core.errors import AudioError
    from core.provenance.decoded import decoded_lines

    try:
        return Provenance(str(path), decoded_lines(path))
    except AudioError as error:
        return Provenance(str(path), (Line("history", str(error), "Nothing can be read of its history.", "unread"),))
