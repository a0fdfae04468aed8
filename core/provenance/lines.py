"""The lines of a provenance: each a statement about a file, and what it means for the verdict."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

__all__ = ["STATES", "TOPICS", "Line", "Provenance", "State", "Topic", "plain"]

Topic = Literal["credentials", "watermark", "history"]
State = Literal["nothing", "fact", "notable", "valid", "trusted", "invalid", "unread"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Line:
    """One statement about a file.

    Attributes
    ----------
    topic : str
        ``credentials``, ``watermark`` or ``history``.
    text : str
        What was found, in plain words; it may repeat what a stranger wrote into the file, so escape it.
    meaning : str
        What that means for the verdict, in one or two sentences; empty where it means nothing.
    state : str
        ``nothing`` was found; a ``fact``; ``notable`` for whoever reads the verdict; a signature that is ``valid`` but
        of an unknown signer, ``trusted`` or ``invalid``; ``unread`` where it could not be looked for.
    """

    topic: Topic
    text: str
    meaning: str
    state: State


@dataclass(frozen=True)
class Provenance:
    """What a file states about itself.

    Attributes
    ----------
    path : str
        As the person gave it.
    lines : tuple of Line
        By topic, in the order of ``TOPICS``.
    """

    path: str
    lines: tuple[Line, ...]

    def of(self, topic: Topic) -> tuple[Line, ...]:
        """Return the lines of one topic."""
        return tuple(line for line in self.lines if line.topic == topic)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"path": self.path, "lines": [asdict(line) for line in self.lines]}


def plain(text: object, most: int = 80) -> str:
    """Return what a stranger wrote into a file as one short line without control characters."""
    signs = "".join(sign if sign.isprintable() else " " for sign in str(text))
    line = " ".join(signs.split())
    return line if len(line) <= most else line[: most - 1] + "…"
