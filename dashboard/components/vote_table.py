"""Every clip's votes as a table of rows that can be clicked, the most disputed first."""

from collections.abc import Sequence

import pandas as pd

from dashboard.components.markup import SHAPES, class_of, class_word, empty, esc, note, number

__all__ = ["vote_rows"]


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
    head = "".join(f"<th>{esc(name)}</th>" for name in ("", "in truth", "attack or speech", *voters, "spread"))
    body = "".join(
        _row(clip, p_spoof.loc[clip["path"]], votes.loc[clip["path"]], chosen)
        for _, clip in clips.head(most).iterrows()
    )
    more = len(clips) - most
    rest = f"{most} of {len(clips)} clips; filter to see others." if more > 0 else f"{len(clips)} clips."
    said = " Each cell: P(spoof) and the answer, ● spoof, ■ bona fide, ◐ not sure. Spread: largest less smallest."
    table = f'<table class="ss-table ss-votes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="ss-tall">{table}</div>{note(rest + said)}'


def _row(clip: pd.Series, p_spoof: pd.Series, votes: pd.Series, chosen: str) -> str:
    path, real = esc(clip["path"]), clip["label"] == "bonafide"
    what = f"{clip['kind']} · {clip['source']}" if real else f"{clip['system']} · {clip['source']}"
    cells = "".join(_vote(float(p_spoof[name]), str(votes[name])) for name in p_spoof.index)
    mark = ' class="ss-sel"' if clip["path"] == chosen else ""
    play = f'<button type="button" class="ss-play" data-value="{path}" aria-label="Play {esc(what)}">▶</button>'
    return (
        f'<tr data-value="{path}"{mark}><td>{play}</td><td>{class_word(clip["label"])}</td>'
        f'<td class="ss-clip" title="{path}">{esc(what)}</td>{cells}<td>{number(float(votes["spread"]))}</td></tr>'
    )


def _vote(p_spoof: float, verdict: str) -> str:
    key = class_of(verdict)
    return f'<td><span class="ss-{key}"><i aria-hidden="true">{SHAPES[key]}</i> {number(p_spoof)}</span></td>'
