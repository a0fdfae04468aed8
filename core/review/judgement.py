"""What one person judged one clip to be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.errors import ReviewError

__all__ = ["ANSWERS", "Answer", "Judgement", "judged_now", "read_judgement"]

Answer = Literal["bonafide", "spoof", "unsure", ""]
"""The answers; the empty one is a note alone."""
ANSWERS: tuple[Answer, ...] = tuple(answer for answer in get_args(Answer) if answer)


class Judgement(BaseModel):
    """What one person judged one clip to be, and what was known to them then.

    Attributes
    ----------
    clips : str
        What the clip is one of: the key of a run's clips, or of the ids of imported predictions.
    clip : str
        The clip's path in the run, or its id.
    answer : Answer
    note : str
    reviewer : str
    when : datetime
        With its time zone.
    blind : bool
        Whether votes, label and evidence were hidden.
    votes : mapping of str to str
        The votes that were seen, by detector; none where the judgement was blind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=4000)
    clips: str = Field(min_length=1)
    clip: str = Field(min_length=1)
    answer: Answer
    note: str = ""
    reviewer: str = Field(min_length=1, max_length=80)
    when: AwareDatetime
    blind: bool
    votes: Mapping[str, str] = {}

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells two judgements apart."""
        return (self.clips, self.clip, self.reviewer, self.when.isoformat(), self.answer, self.note)


def judged_now(
    clips: str, clip: str, answer: str, *, reviewer: str, note: str = "", blind: bool,
    votes: Mapping[str, str] | None = None,
) -> Judgement:  # fmt: skip
    """Return a judgement that is made at this moment.

    Raises
    ------
    ReviewError
        When it has no reviewer, an answer that there is not, or a text that is too long.
    """
    return read_judgement({
        "clips": clips, "clip": clip, "answer": answer, "note": note.strip(), "reviewer": reviewer.strip(),
        "when": datetime.now(UTC), "blind": blind, "votes": {} if blind else dict(votes or {}),
    })  # fmt: skip


def read_judgement(values: object) -> Judgement:
    """Return the judgement of plain values.

    Raises
    ------
    ReviewError
        When they are none; the message names what is wrong.
    """
    try:
        return Judgement.model_validate(values)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "it"
        raise ReviewError(f"This is no judgement: {place}: {wrong['msg']}. Correct it, or leave it out.") from error
