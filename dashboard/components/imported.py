"""What a panel of anyone's detectors amounts to, in words and tables: the answer, disputed attacks, every vote."""

from typing import TYPE_CHECKING

from core.analysis.format import rate
from core.predictions.report import best_words, combination_rows, independence_words
from dashboard.components.markup import (
    CLASSES,
    SHAPES,
    Markup,
    card,
    class_word,
    empty,
    joined,
    note,
    number,
    table,
    tall,
    term,
)
from dashboard.components.pager import page_of, pager

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.predictions.combined import Combining
    from core.predictions.figures import PanelFigures
    from dashboard.imports.visit import Found

__all__ = ["answer", "by_attack", "combinations", "export_links", "vote_page"]

_NO_VOTES = (
    "Nothing is voted on: no detector may vote, or no clip is scored by all that may. Each detector's line above has "
    "the reason."
)
_KEYS = {1: "bonafide", 0: "spoof", -1: "unsure"}
_EXPORTS = (
    ("votes csv", "Vote table, CSV"), ("votes parquet", "Vote table, Parquet"), ("disputed csv", "Disputed clips, CSV"),
    ("report html", "Whole report, HTML"),
)  # fmt: skip
_NARROW = 6


def answer(found: "Found") -> Markup:
    """Return what the panel amounts to: one sentence, a bar, what agreement is worth, and what it is of."""
    panel, figures = found.panel, found.figures
    if not found.votes:
        return card("", empty(_NO_VOTES))
    n, one = figures.n, len(figures.names)
    if one < 2:
        return card("", Markup('<p class="ss-lead">One detector votes: <b>{}</b>. Drop another to compare it with.</p>')
                    .format(figures.names[0]))  # fmt: skip
    html = (
        '<p class="ss-lead">{voters} detectors amount to <b>{effective:.1f} {independent}</b>. They contradict each '
        "other on <b>{split:,} of {n:,}</b> clips ({share}); on {same:,} all give the same answer{wrong}.</p>"
        '<div class="ss-split">{bar}</div><div class="ss-key">{key}</div>{doubt}'
    )
    parts = _shares(found)
    wrong = int(found.columns.wrong.sum()) if figures.error_correlation is not None else None
    return card("", Markup(html).format(
        voters=one, effective=figures.effective, independent=term("independent voters"), split=len(figures.split), n=n,
        share=rate(len(figures.split) / n), same=len(figures.unanimous_bonafide) + len(figures.unanimous_spoof),
        wrong=f", and on {wrong:,} of those all are wrong together" if wrong is not None else "",
        bar=joined(Markup('<i style="flex:{0};background:{1}" title="{2}: {0}"></i>').format(*part)
                   for part in parts if part[0]),
        key=joined(Markup('<span><span style="color:{}" aria-hidden="true">▬</span> {} <b>{:,}</b></span>').format(
            colour, words, count) for count, colour, words in parts),
        doubt=_generous(figures) + note(_doubt(figures)) + note(_basis(found, len(panel.clips))),
    ))  # fmt: skip


def _shares(found: "Found") -> list[tuple[int, str, str]]:
    figures = found.figures
    real, fake, split = len(figures.unanimous_bonafide), len(figures.unanimous_spoof), len(figures.split)
    parts = [(real, "var(--ss-bonafide)", "all bona fide"), (fake, "var(--ss-spoof)", "all spoof"),
             (split, "var(--ss-ink)", "split")]  # fmt: skip
    rest = figures.n - real - fake - split
    return [*parts, (rest, "var(--ss-unsure)", "not contradicted, but one is not sure")] if rest else parts


def _doubt(figures: "PanelFigures") -> str:
    """Return what the agreement is worth: the two voters that are most alike."""
    what = "scores" if figures.error_correlation is None else "errors"
    alike = figures.most_alike
    pair = "" if alike is None else f"Most alike: {alike[0]} and {alike[1]} (correlation of {what} {alike[2]:.2f}). "
    why = (
        "Copies of one detector count once, in this number and in the verdict."
        if figures.of_errors else
        "There are no labels of both classes, so that detectors that are right together count as alike: with labels "
        "the number would be higher."
    )  # fmt: skip
    return pair + why


def _basis(found: "Found", clips: int) -> str:
    panel, n = found.panel, found.figures.n
    left = f"{clips - n:,} more clips lack a score of some voter and are left out. " if clips > n else ""
    conflicts = len(panel.clips.conflicts)
    unlike = f" {conflicts:,} clips with contradicting labels count as unlabelled." if conflicts else ""
    return f"{left}Labels: {panel.clips.basis}. Scores of different scales are compared by rank.{unlike}"


def _generous(figures: "PanelFigures") -> Markup:
    """Return who calls most clips bona fide, and who fewest, as a sentence."""
    share = figures.bonafide_share
    if not figures.most_generous:
        return note(f"Each voter calls {rate(share.max())} of the clips bona fide.")
    html = "Most generous: <b>{}</b> calls {} of the clips bona fide. Most severe: <b>{}</b>, {}."
    return note(Markup(html).format(
        figures.most_generous, rate(share.max()), figures.most_severe, rate(share.min())
    ))  # fmt: skip


def by_attack(found: "Found") -> Markup:
    """Return on which attacks the votes part, and who errs there."""
    figures = found.figures
    if not figures.by_attack:
        return empty("Attacks need labels: drop a protocol or a key with them, too.")
    share = [(rate(row.split / row.n), *(rate(error) for error in row.error_rates)) for row in figures.by_attack]
    rows = [(row.attack, f"{row.n:,}", f"{row.split:,}", *shares)
            for row, shares in zip(figures.by_attack, share, strict=True)]  # fmt: skip
    heads = ("attack", "clips", "split", "share split", *figures.names)
    return table(heads, rows, numeric=range(1, len(heads)))


def vote_page(found: "Found", places: "NDArray[np.intp]", page: int, *, about: str) -> Markup:
    """Return a page of the vote table: a row a clip, a column a voter.

    Parameters
    ----------
    found : Found
    places : ndarray of int [shape=(m,)]
        The clips that answer to the filter, in their order, among those that all voters score.
    page : int
    about : str
        The filter in words.
    """
    if not len(places):
        return empty(f"No clip answers to this filter: {about}.")
    page, first, last = page_of(len(places), page)
    panel, here = found.panel, places[first:last]
    names, narrow = found.figures.names, len(found.figures.names) > _NARROW
    heads = ["clip", term("label"), *(["attack"] if panel.clips.attacks is not None else [])]
    head = joined(Markup("<th>{}</th>").format(name) for name in heads)
    voter = '<th class="ss-voter"><span>{}</span></th>' if narrow else "<th>{}</th>"
    head += joined(Markup(voter).format(name) for name in names)
    head += Markup("<th>verdict</th><th>confidence</th><th>margin</th>")
    ids = panel.clips.names(panel.shared[here])
    body = joined(_row(found, clip, place, narrow) for clip, place in zip(ids, here.tolist(), strict=True))
    html = '<table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    kind = "ss-table ss-votes ss-narrow" if narrow else "ss-table ss-votes"
    words = (
        f"{about}. Each cell: the vote and the score as it stands in the file, ● spoof, ■ bona fide, ◐ not sure. "
        "Confidence: share of the weight behind the verdict. Margin: how far the mean score lies from the thresholds, "
        "in standard deviations, positive = bona fide."
    )
    return tall(Markup(html).format(kind, head, body)) + pager(len(places), page, what="clips") + note(words)


def _row(found: "Found", clip: str, place: int, narrow: bool) -> Markup:
    panel, columns = found.panel, found.columns
    at = panel.shared[place]
    label = int(panel.labels[place])
    attack = [] if panel.clips.attacks is None else [panel.clips.attacks[at]]
    cells = [class_word(_KEYS[label]) if label >= 0 else "–", *attack]
    cells += [
        _vote(int(vote), float(score) * (member.polarity.sign or 1), member.name, narrow)
        for vote, score, member in zip(panel.votes[place], panel.scores[place], panel.voters, strict=True)
    ]
    verdict = int(found.figures.verdict[place])
    cells += [class_word(_KEYS[verdict], word="tied" if verdict < 0 else None),
              rate(columns.confidence[place], digits=0), number(float(columns.margin[place]))]  # fmt: skip
    rest = joined(Markup("<td>{}</td>").format(cell) for cell in cells)
    return Markup('<tr><td class="ss-clip" title="{0}">{0}</td>{1}</tr>').format(clip, rest)


def _vote(vote: int, score: float, name: str, narrow: bool) -> Markup:
    key = _KEYS[vote]
    text = "" if narrow else f" {score:.3g}"
    html = (
        '<span class="ss-{}" title="{}: {:.6g}"><i aria-hidden="true">{}</i><span class="ss-unseen">{}</span>{}</span>'
    )
    return Markup(html).format(key, name, score, SHAPES[key], CLASSES[key], text)


def combinations(combined: "Combining", effective: float) -> Markup:
    """Return each way of combining beside the best single detector, below whether the voters err independently.

    Parameters
    ----------
    combined : Combining
    effective : float
        How many independent voters ``answer`` calls them.
    """
    head, *rows = combination_rows(combined)
    words = independence_words(combined)
    lead = Markup('<p class="ss-lead">{}</p>').format(words) if words else Markup("")
    if combined.independent is False:
        # Few errors may meet often while the scores of all clips have little in common.
        lead += note(f"That is of their errors alone; the {effective:.1f} independent voters above are by all scores.")
    more = joined(note(text) for text in (best_words(combined), _gain(combined)) if text)
    more += note(_flipped(combined)) if combined.sweep else Markup("")
    notes = joined(Markup("<li><b>{}</b>: {}</li>").format(row.name, row.note) for row in combined.rows if row.note)
    fold = '<details class="ss-more"><summary>What each way does</summary><ul class="ss-list">{}</ul></details>'
    return lead + table(head, rows, numeric=range(1, len(head))) + more + (Markup(fold).format(notes) if notes else "")


def _flipped(combined: "Combining") -> str:
    """Return which clips the hybrid flips at its best, and whether they are among the disputed ones."""
    at = min(combined.sweep, key=lambda point: (point.eer if point.eer == point.eer else abs(point.alpha - 0.5)))
    rest = at.flipped - at.flipped_disputed
    subset = "all of them disputed ones" if not rest else f"{at.flipped_disputed:,} of them disputed ones"
    best = f", where its equal error rate is lowest ({rate(at.eer, digits=2)})" if at.eer == at.eer else ""
    return (
        f"The hybrid alpha x supervised + (1 - alpha) x anomaly: at alpha {at.alpha:.1f}{best}, it flips "
        f"{at.flipped:,} clips of the supervised detectors, {subset}."
    )


def _gain(combined: "Combining") -> str:
    """Return which ways err less than the best single detector, as far as the intervals bear it out."""
    rates = [(row.name, row.differences[0]) for row in combined.rows if row.differences and not row.of_votes]
    if not rates:
        return ""
    better = [name for name, difference in rates if difference.borne_out and difference.difference < 0]
    if better:
        return f"Lower than {combined.best}'s equal error rate, as the interval bears out: {', '.join(better)}."
    return f"No way has an equal error rate that the interval shows to be lower than that of {combined.best}."


def export_links() -> Markup:
    """Return the menu of what can be saved."""
    buttons = joined(
        Markup('<button type="button" class="ss-btn" data-value="{}">{}</button> ').format(value, words)
        for value, words in _EXPORTS
    )
    return Markup('<div class="ss-exports"><span>Save: </span>{}</div>').format(buttons)
