"""The clips that a threshold calls wrongly, the surest mistakes first, as rows that can be clicked."""

import pandas as pd

from dashboard.components.markup import class_word, empty, esc, note

__all__ = ["wrong_rows"]


def wrong_rows(frame: pd.DataFrame, llr: float, *, most: int = 80) -> str:
    """Return the mistakes as rows whose ``data-value`` is the clip's path.

    Parameters
    ----------
    frame : DataFrame
        path, label, system, source, kind, part, score and p_spoof of each clip.
    llr : float
        Scores below it are called spoof.
    most : int
        Rows shown; how many more there are is said below.
    """
    called = frame["score"].lt(llr).map({True: "spoof", False: "bonafide"})
    wrong = frame.assign(called=called)[called != frame["label"]]
    if wrong.empty:
        return empty("No clip is called wrongly at this threshold.")
    order = (wrong["score"] - llr).abs().sort_values(ascending=False, kind="stable").index
    wrong = wrong.loc[order]
    head = "".join(f"<th>{name}</th>" for name in ("", "in truth", "called", "attack or speech", "part", "P(spoof)"))
    body = "".join(_row(clip) for _, clip in wrong.head(most).iterrows())
    rest = f"{min(most, len(wrong))} of {len(wrong)} clips called wrongly, the furthest beyond the threshold first."
    table = f'<table class="ss-table ss-votes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="ss-tall">{table}</div>{note(rest)}'


def _row(clip: pd.Series) -> str:
    path = esc(clip["path"])
    what = esc(f"{clip['kind'] if clip['label'] == 'bonafide' else clip['system']} · {clip['source']}")
    play = f'<button type="button" class="ss-play" data-value="{path}" aria-label="Play {what}">▶</button>'
    return (
        f'<tr data-value="{path}"><td>{play}</td><td>{class_word(clip["label"])}</td>'
        f'<td>{class_word(clip["called"])}</td><td class="ss-clip" '
        f'title="{path}">{what}</td><td>{esc(clip["part"])}</td><td>{clip["p_spoof"]:.3f}</td></tr>'
    )
