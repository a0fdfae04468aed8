"""Every clip's votes as a table of rows that can be clicked, the most disputed first."""

from collections.abc import Hashable, Mapping
from typing import Any

from core.results.ballots import VoteRows
from dashboard.components.markup import (
    CLASSES,
    SHAPES,
    Markup,
    class_of,
    empty,
    joined,
    label_word,
    note,
    number,
    term,
)
from dashboard.components.pager import pager
from dashboard.components.reference import clip_words

__all__ = ["vote_rows"]

#: With more voters than these a vote has room for its shape and two digits.
_ROOMY = 6


def vote_rows(rows: VoteRows, *, total: int, chosen: str = "", page: int = 1, about: str = "") -> Markup:
    """Return a page of clips as rows: the label, each voter's P(spoof) and answer, how far apart they are.

    Parameters
    ----------
    rows : VoteRows
        The clips of the page, in the order of the rows.
    total : int
        How many clips all pages have.
    chosen : str
        Path of the row that is marked.
    page : int
        The number of the page.
    about : str
        The filter that the rows answer to, in words.
    """
    if not total:
        return empty(f"No clip answers to this filter: {about}." if about else "No clip answers to this filter.")
    narrow = len(rows.names) > _ROOMY
    heads = [Markup("<th>{}</th>").format(name) for name in ("", term("label"), "attack or speech")]
    heads += [_voter(name, narrow) for name in rows.names] + [Markup("<th>{}</th>").format(term("spread"))]
    body = joined(
        _row(rows, place, clip, chosen, narrow=narrow) for place, clip in enumerate(rows.clips.to_dict("records"))
    )
    cell = "P(spoof) in hundredths" if narrow else "P(spoof)"
    how = f"{about}. Each cell: {cell} and the answer, ● spoof, ■ bona fide, ◐ not sure.".removeprefix(". ")
    html = '<div class="ss-tall"><table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    kind = "ss-table ss-votes ss-narrow" if narrow else "ss-table ss-votes"
    return Markup(html).format(kind, joined(heads), body) + pager(total, page, what="clips") + note(how)


def _voter(name: str, narrow: bool) -> Markup:
    html = '<th class="ss-voter"><span>{}</span></th>' if narrow else "<th>{}</th>"
    return Markup(html).format(name)


def _row(rows: VoteRows, place: int, clip: Mapping[Hashable, Any], chosen: str, *, narrow: bool) -> Markup:
    label = clip.get("label", "")
    what = clip_words(clip)
    html = (
        '<tr data-value="{path}"{mark}><td><button type="button" class="ss-play" data-value="{path}" '
        'aria-label="Play {what}">▶</button></td><td>{label}</td><td class="ss-clip" title="{path}">{what}</td>{cells}'
        "<td>{spread}</td></tr>"
    )
    return Markup(html).format(
        path=clip["path"], what=what, label=label_word(label), spread=number(float(rows.spread[place])),
        mark=Markup(' class="ss-sel"') if clip["path"] == chosen else "",
        cells=joined(
            _vote(name, float(p), str(word), narrow)
            for name, p, word in zip(rows.names, rows.p_spoof[place], rows.verdicts[place], strict=True)
        ),
    )  # fmt: skip


def _vote(name: str, p_spoof: float, verdict: str, narrow: bool) -> Markup:
    key = class_of(verdict)
    # Two digits after the point that all of them share: 0.07 is 07.
    text = f"{min(99, round(100 * p_spoof)):02d}" if narrow else number(p_spoof)
    tip = Markup(' title="{}"').format(f"{name}: P(spoof) {p_spoof:.2f}, {CLASSES[key]}") if narrow else ""
    html = '<td{}><span class="ss-{}"><i aria-hidden="true">{}</i> {}</span></td>'
    return Markup(html).format(tip, key, SHAPES[key], text)
