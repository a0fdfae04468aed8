"""Where a visitor is in the queue of disputed clips, and what is kept of their answers."""

from dataclasses import dataclass, field

from core.errors import ReviewError
from core.review.judgement import Judgement, judged_now
from core.review.store import Kept, latest, reviews_of
from dashboard.review.look import Looked
from dashboard.review.source import Source

__all__ = ["Place", "answered", "is_hidden", "judge", "own_of"]

_NO_NAME = "Write your name first: judgements are kept by reviewer."


@dataclass
class Place:
    """Where one visitor is; changed in place, so that work that ends late can tell that they have gone on.

    Attributes
    ----------
    clip : str
        The one that is shown.
    begun : bool
        Whether the visitor judges.
    turn : int
        The number that the page is given in place of the clip's name, which may give its label away.
    turns : dict of int to str
        The clips of the last numbers.
    reviewer : str
        Whose answers are shown.
    looked : Looked, optional
        What detectors see in the clip, once that was asked for.
    """

    clip: str = ""
    begun: bool = False
    turn: int = 0
    turns: dict[int, str] = field(default_factory=dict)
    reviewer: str = ""
    looked: Looked | None = None

    def show(self, clip: str, reviewer: str) -> bool:
        """Go to a clip; return whether what is being written belongs to another one, or to another reviewer."""
        begins = self.turns.get(self.turn) != clip or self.reviewer not in ("", reviewer)
        self.clip, self.reviewer = clip, reviewer
        if self.turns.get(self.turn) != clip:
            self.turn += 1
            self.turns[self.turn] = clip
            self.turns.pop(self.turn - 64, None)
        return begins


def judge(source: Source, clip: str, answer: str, *, reviewer: str, note: str, blind: bool) -> str:
    """Keep what a reviewer answered, or noted; return why that could not be done, or ""."""
    if not reviewer.strip():
        return _NO_NAME
    reviews = reviews_of(source.clips)
    try:
        hidden = is_hidden(own_of(reviews.read(), reviewer).get(clip), blind=blind)
        reviews.add(judged_now(
            source.clips, clip, answer, reviewer=reviewer, note=note, blind=hidden, votes=source.camps(clip)
        ))  # fmt: skip
    except ReviewError as error:
        return str(error)
    return ""


def is_hidden(mine: Judgement | None, *, blind: bool) -> bool:
    """Return whether votes, label and name of a clip are hidden from a reviewer."""
    return blind and (mine is None or not mine.answer)


def own_of(kept: Kept, reviewer: str) -> dict[str, Judgement]:
    """Return what a reviewer answered or noted at last, by clip."""
    found = latest(kept.judgements)
    return {clip: judgement for (name, clip), judgement in found.items() if name == reviewer.strip()}


def answered(own: dict[str, Judgement]) -> set[str]:
    """Return the clips that have an answer."""
    return {clip for clip, judgement in own.items() if judgement.answer}
