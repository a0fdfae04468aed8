"""What the file states about itself: a card above the detectors, and apart from P(spoof)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, card, empty, joined, loading, problem

if TYPE_CHECKING:
    from core.provenance import Line, Provenance
    from core.provenance.lines import Topic

__all__ = ["provenance_card"]

_TITLE = "The file about itself"
_TITLES: "dict[Topic, str]" = {"credentials": "Content credentials", "watermark": "Watermarks", "history": "History"}
_WAITING = "Content credentials, watermarks and traces of the file’s history appear here."
_APART = "None of this is a part of P(spoof)."
# A shape beside each state, so that none stands by its colour alone.
_SHAPES = {
    "nothing": "–", "fact": "·", "notable": "!", "valid": "✓", "trusted": "✓✓", "invalid": "✗", "unread": "?",
}  # fmt: skip
# What is shown of a topic while it is closed: the first of these states that occurs in it.
_WEIGHT = ("invalid", "trusted", "valid", "notable", "nothing", "unread", "fact")
# One at a time is open, and scrolls under the keyboard too.
_TOPIC = Markup(
    '<details class="ss-topic" name="ss-topic"><summary><b>{}</b>{}</summary>'
    '<div class="ss-lines" tabindex="0">{}</div></details>'
)


def provenance_card(found: "Provenance | None" = None, *, busy: bool = False, wrong: str = "") -> Markup:
    """Return the card: a line for each topic, which opens to all that was found and what it means.

    Parameters
    ----------
    found : Provenance, optional
        None while there is nothing to show.
    busy : bool
        Whether the file is being read.
    wrong : str
        Why it could not be.
    """
    if wrong:
        return card(_TITLE, problem(wrong), name="ss-provenance")
    if found is None:
        inside = loading("The file is being read…") if busy else empty(_WAITING)
        return card(_TITLE, inside, name="ss-provenance")
    topics = joined(_topic(title, lines) for topic, title in _TITLES.items() if (lines := found.of(topic)))
    return card(_TITLE, topics + Markup('<p class="ss-note">{}</p>').format(_APART), name="ss-provenance")


def _topic(title: str, lines: "Sequence[Line]") -> Markup:
    first = min(lines, key=lambda line: _WEIGHT.index(line.state))
    notable = sum(line.state == "notable" for line in lines if line is not first)
    more = f" ({notable} more to note)" if notable else ""
    return _TOPIC.format(title, _line(first, more=more, brief=True), joined(map(_line, lines)))


def _line(line: "Line", *, more: str = "", brief: bool = False) -> Markup:
    mark = Markup('<i aria-hidden="true">{}</i>').format(_SHAPES[line.state])
    meaning = Markup("<small>{}</small>").format(line.meaning) if line.meaning and not brief else Markup("")
    html = '<span class="ss-line ss-is-{}">{}<span>{}{}{}</span></span>'
    return Markup(html).format(line.state, mark, line.text, more, meaning)
