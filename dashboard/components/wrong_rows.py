"""The clips that a threshold calls wrongly, the surest mistakes first, as rows that can be clicked."""

from typing import TYPE_CHECKING

import pandas as pd

from dashboard.components.markup import Markup, class_word, empty, frame_head, joined, label_word, note, term
from dashboard.components.pager import page_of, pager
from dashboard.components.reference import clip_words

if TYPE_CHECKING:
    from core.results.groups import Mistakes

__all__ = ["wrong_rows"]

_WRONG = "Called wrongly at this threshold", "clips called wrongly", "The furthest beyond the threshold first."
_UNKNOWN = "The clips, the likeliest spoofs first", "clips", "They have no label: which are called wrongly is unknown."


def wrong_rows(wrong: "Mistakes", *, page: int = 1, about: str = "") -> Markup:
    """Return clips as rows whose ``data-value`` is the clip's path, below a heading.

    Parameters
    ----------
    wrong : Mistakes
        As ``core.results.groups.listed`` gives it.
    page : int
        The page of rows that is shown.
    about : str
        Which clips and which threshold they answer to.
    """
    title, what, order = _WRONG if wrong.labelled else _UNKNOWN
    if not len(wrong):
        return frame_head(title) + empty(f"No clip is called wrongly: {about.rstrip('.')}." if about else "None is.")
    page, first, last = page_of(len(wrong), page)
    heads = ("", term("label"), "called", "attack or speech", term("part"), term("P(spoof)"))
    head = joined(Markup("<th>{}</th>").format(name) for name in heads)
    body = joined(_row(clip) for _, clip in wrong.rows(first, last).iterrows())
    html = (
        '<div class="ss-tall"><table class="ss-table ss-votes"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    )
    rows = Markup(html).format(head, body) + pager(len(wrong), page, what=what)
    return frame_head(title) + rows + note(f"{order} {about}".strip())


def _row(clip: pd.Series) -> Markup:
    html = (
        '<tr data-value="{path}"><td><button type="button" class="ss-play" data-value="{path}" '
        'aria-label="Play {what}">▶</button></td><td>{label}</td><td>{called}</td>'
        '<td class="ss-clip" title="{path}">{what}</td><td>{part}</td><td>{p:.3f}</td></tr>'
    )
    return Markup(html).format(
        path=clip["path"], what=clip_words(clip), label=label_word(clip["label"]), called=class_word(clip["called"]),
        part=clip.get("part", ""), p=float(clip["p_spoof"]),
    )  # fmt: skip
