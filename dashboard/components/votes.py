"""Who agrees with whom, in words: unanimous and split votes, and what they are worth."""

from dataclasses import dataclass

from dashboard.components.markup import card, note

__all__ = ["Tally", "tally_text"]


@dataclass(frozen=True)
class Tally:
    """How the votes of all detectors fell.

    Attributes
    ----------
    clips, voters : int
    unanimous : int
        Clips on which all detectors gave one and the same answer, spoof or bona fide.
    unanimous_wrong : int
        Those of them on which all were wrong.
    split : int
        Clips that some called spoof and others bona fide.
    hesitant : int
        The rest: nobody was contradicted, but somebody was not sure.
    independent : float
        How many independent voters they amount to (``core.analysis.voting.effective_voters``).
    """

    clips: int
    voters: int
    unanimous: int
    unanimous_wrong: int
    split: int
    hesitant: int
    independent: float


def tally_text(tally: Tally, *, about: str) -> str:
    """Return the tally as a frame: one sentence, a bar, and what agreement is worth."""

    def share(count: int) -> str:
        return f"{100 * count / tally.clips:.0f} %" if tally.clips else "–"

    parts = (
        (tally.unanimous - tally.unanimous_wrong, "var(--ss-acc)", "unanimous and right"),
        (tally.unanimous_wrong, "var(--ss-ink)", "unanimous and wrong"),
        (tally.hesitant, "var(--ss-unsure)", "not contradicted, but somebody is not sure"),
        (tally.split, "var(--ss-spoof)", "split: spoof against bona fide"),
    )
    bar = "".join(
        f'<i style="flex:{n};background:{colour}" title="{words}: {n}"></i>' for n, colour, words in parts if n
    )
    key = "".join(
        f'<span><span style="color:{colour}" aria-hidden="true">▬</span> {words} <b>{n}</b> ({share(n)})</span>'
        for n, colour, words in parts
    )
    lead = (
        f'<p class="ss-lead">On <b>{tally.split} of {tally.clips}</b> clips the {tally.voters} detectors contradict '
        f"each other; on {tally.unanimous} all say the same, and on {tally.unanimous_wrong} of those all are wrong "
        "together.</p>"
    )
    worth = (
        "These detectors were taught on the same recordings and share blind spots: measured by how alike they err, "
        f"the {tally.voters} count as {tally.independent:.1f} independent voters, and {tally.voters} of "
        f"{tally.voters} votes is weaker proof than it sounds. {about}"
    )
    return card("", f'{lead}<div class="ss-split">{bar}</div><div class="ss-key">{key}</div>{note(worth)}')
