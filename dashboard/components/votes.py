"""How the votes fell, in words: unanimous and split votes, and what they are worth."""

from core.analysis.format import rate
from core.results.ballots import Tally
from dashboard.components.markup import Markup, card, joined, note, term

__all__ = ["tally_text"]


def tally_text(tally: Tally, *, about: str) -> Markup:
    """Return the tally as a frame: one sentence, a bar, and what agreement is worth."""
    known = tally.unanimous - tally.unanimous_unknown
    parts = (
        (known - tally.unanimous_wrong, "var(--ss-acc)", "unanimous and right"),
        (tally.unanimous_wrong, "var(--ss-ink)", "unanimous and wrong"),
        (tally.unanimous_unknown, "var(--ss-line)", "unanimous, no label"),
        (tally.hesitant, "var(--ss-unsure)", "not contradicted, but at least one is not sure"),
        (tally.split, "var(--ss-spoof)", "split: spoof against bona fide"),
    )
    piece = Markup('<i style="flex:{0};background:{1}" title="{2}: {0}"></i>')
    entry = Markup('<span><span style="color:{}" aria-hidden="true">▬</span> {} <b>{}</b> ({})</span>')
    html = (
        '<p class="ss-lead">On <b>{split} of {clips}</b> clips the {voters} detectors contradict each other. On '
        "{unanimous} all give the same answer{wrong}.</p>"
        '<div class="ss-split">{bar}</div><div class="ss-key">{key}</div>{worth}'
    )
    worth = Markup(
        "These detectors were trained on the same recordings and share blind spots: measured by how alike {4}, "
        "the {0} count as {1:.1f} {2}, and {0} of {0} votes is weaker evidence than it seems. {3}"
    ).format(tally.voters, tally.independent, term("independent voters"), about, "they err" if known else "they score")
    return card("", Markup(html).format(
        split=tally.split, clips=tally.clips, voters=tally.voters, unanimous=tally.unanimous,
        wrong=_wrong(tally, known), bar=joined(piece.format(*part) for part in parts if part[0]),
        key=joined(entry.format(colour, words, n, _share(n, tally.clips)) for n, colour, words in parts if n or known),
        worth=note(worth),
    ))  # fmt: skip


def _wrong(tally: Tally, known: int) -> str:
    if not known:
        return "; whether it is right is not known, since they have no label" if tally.unanimous else ""
    return f", and on {tally.unanimous_wrong} of those all are wrong together"


def _share(count: int, clips: int) -> str:
    return rate(count / clips if clips else None, digits=0)
