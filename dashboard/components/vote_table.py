"""Every clip's votes as a table of rows that can be clicked, the most disputed first."""

from collections.abc import Sequence

import pandas as pd

from dashboard.components.markup import (
    CLASSES,
    SHAPES,
    Markup,
    class_of,
    class_word,
    empty,
    joined,
    note,
    number,
    term,
)
from dashboard.components.pager import page_of, pager

__all__ = ["vote_rows"]

#: With more voters than these a vote has room for its shape and two digits.
_ROOMY = 6


def vote_rows(
    clips: pd.DataFrame, p_spoof: pd.DataFrame, votes: pd.DataFrame, *, chosen: str = "", page: int = 1, about: str = ""
) -> Markup:
    """Return clips as rows: the label, each voter's P(spoof) and answer, how far apart they are.

    Parameters
    ----------
    clips : DataFrame
        path, label, system, kind, source; in the order of the rows.
    p_spoof : DataFrame
        Index: path; one column per voter.
    votes : DataFrame
        Index: path; each voter's verdict, and ``spread``: largest minus smallest P(spoof).
    chosen : str
        Path of the row that is marked.
    page : int
        The page of rows that is shown.
    about : str
        The filter that the rows answer to, in words.
    """
    if clips.empty:
        return empty(f"No clip answers to this filter: {about}." if about else "No clip answers to this filter.")
    voters: Sequence[str] = list(p_spoof.columns)
    narrow = len(voters) > _ROOMY
    page, first, last = page_of(len(clips), page)
    heads = [Markup("<th>{}</th>").format(name) for name in ("", term("label"), "attack or speech")]
    heads += [_voter(name, narrow) for name in voters] + [Markup("<th>{}</th>").format(term("spread"))]
    body = joined(
        _row(clip, p_spoof.loc[clip["path"]], votes.loc[clip["path"]], chosen, narrow=narrow)
        for _, clip in clips.iloc[first:last].iterrows()
    )
    cell = "P(spoof) in hundredths" if narrow else "P(spoof)"
    how = f"{about}. Each cell: {cell} and the answer, ● spoof, ■ bona fide, ◐ not sure.".removeprefix(". ")
    html = '<div class="ss-tall"><table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    kind = "ss-table ss-votes ss-narrow" if narrow else "ss-table ss-votes"
    return Markup(html).format(kind, joined(heads), body) + pager(len(clips), page, what="clips") + note(how)


def _voter(name: str, narrow: bool) -> Markup:
    html = '<th class="ss-voter"><span>{}</span></th>' if narrow else "<th>{}</th>"
    return Markup(html).format(name)


def _row(clip: pd.Series, p_spoof: pd.Series, votes: pd.Series, chosen: str, *, narrow: bool) -> Markup:
    what = f"{clip['kind'] if clip['label'] == 'bonafide' else clip['system']} · {clip['source']}"
    html = (
        '<tr data-value="{path}"{mark}><td><button type="button" class="ss-play" data-value="{path}" '
        'aria-label="Play {what}">▶</button></td><td>{label}</td><td class="ss-clip" title="{path}">{what}</td>{cells}'
        "<td>{spread}</td></tr>"
    )
    return Markup(html).format(
        path=clip["path"], what=what, label=class_word(clip["label"]), spread=number(float(votes["spread"])),
        mark=Markup(' class="ss-sel"') if clip["path"] == chosen else "",
        cells=joined(_vote(name, float(p_spoof[name]), str(votes[name]), narrow) for name in p_spoof.index),
    )  # fmt: skip


def _vote(name: object, p_spoof: float, verdict: str, narrow: bool) -> Markup:
    key = class_of(verdict)
    # Two digits after the point that all of them share: 0.07 is 07.
    text = f"{min(99, round(100 * p_spoof)):02d}" if narrow else number(p_spoof)
    tip = Markup(' title="{}"').format(f"{name}: P(spoof) {p_spoof:.2f}, {CLASSES[key]}") if narrow else ""
    html = '<td{}><span class="ss-{}"><i aria-hidden="true">{}</i> {}</span></td>'
    return Markup(html).format(tip, key, SHAPES[key], text)
