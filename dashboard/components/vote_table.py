"""Every clip's votes as a table of rows that can be clicked, the most disputed first."""

from collections.abc import Sequence

import pandas as pd

from dashboard.components.markup import CLASSES, SHAPES, class_of, class_word, empty, esc, note, number

__all__ = ["vote_rows"]

#: With more voters than these a vote has room for its shape and two digits.
_ROOMY = 6


def vote_rows(
    clips: pd.DataFrame, p_spoof: pd.DataFrame, votes: pd.DataFrame, *, chosen: str = "", most: int = 120
) -> str:
    """Return clips as rows: the truth, each voter's P(spoof) and answer, how far apart they are.

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
    most : int
        Rows shown; how many more there are is said below.
    """
    if clips.empty:
        return empty("No clip answers to this filter.")
    voters: Sequence[str] = list(p_spoof.columns)
    narrow = len(voters) > _ROOMY
    first = "".join(f"<th>{name}</th>" for name in ("", "in truth", "attack or speech"))
    head = first + "".join(_voter(name, narrow) for name in voters) + "<th>spread</th>"
    body = "".join(
        _row(clip, p_spoof.loc[clip["path"]], votes.loc[clip["path"]], chosen, narrow=narrow)
        for _, clip in clips.head(most).iterrows()
    )
    more = len(clips) - most
    rest = f"{most} of {len(clips)} clips; filter to see others." if more > 0 else f"{len(clips)} clips."
    cell = "P(spoof) in hundredths" if narrow else "P(spoof)"
    said = f" Each cell: {cell} and the answer, ● spoof, ■ bona fide, ◐ not sure. Spread: largest less smallest."
    kind = "ss-table ss-votes ss-narrow" if narrow else "ss-table ss-votes"
    table = f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="ss-tall">{table}</div>{note(rest + said)}'


def _voter(name: str, narrow: bool) -> str:
    return f'<th class="ss-voter"><span>{esc(name)}</span></th>' if narrow else f"<th>{esc(name)}</th>"


def _row(clip: pd.Series, p_spoof: pd.Series, votes: pd.Series, chosen: str, *, narrow: bool) -> str:
    path, real = esc(clip["path"]), clip["label"] == "bonafide"
    what = f"{clip['kind']} · {clip['source']}" if real else f"{clip['system']} · {clip['source']}"
    cells = "".join(_vote(name, float(p_spoof[name]), str(votes[name]), narrow) for name in p_spoof.index)
    mark = ' class="ss-sel"' if clip["path"] == chosen else ""
    play = f'<button type="button" class="ss-play" data-value="{path}" aria-label="Play {esc(what)}">▶</button>'
    return (
        f'<tr data-value="{path}"{mark}><td>{play}</td><td>{class_word(clip["label"])}</td>'
        f'<td class="ss-clip" title="{path}">{esc(what)}</td>{cells}<td>{number(float(votes["spread"]))}</td></tr>'
    )


def _vote(name: object, p_spoof: float, verdict: str, narrow: bool) -> str:
    key = class_of(verdict)
    # Two digits after the point that all of them share: 0.07 is 07.
    said = f"{min(99, round(100 * p_spoof)):02d}" if narrow else number(p_spoof)
    tip = f' title="{esc(f"{name}: P(spoof) {p_spoof:.2f}, {CLASSES[key]}")}"' if narrow else ""
    return f'<td{tip}><span class="ss-{key}"><i aria-hidden="true">{SHAPES[key]}</i> {said}</span></td>'
