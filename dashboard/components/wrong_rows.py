"""The clips that a threshold calls wrongly, the surest mistakes first, as rows that can be clicked."""

from typing import TYPE_CHECKING

import pandas as pd

from dashboard.components.markup import Markup, class_word, empty, joined, note, term
from dashboard.components.pager import page_of, pager

if TYPE_CHECKING:
    from core.results.groups import Mistakes

__all__ = ["wrong_rows"]


def wrong_rows(wrong: "Mistakes", *, page: int = 1, about: str = "") -> Markup:
    """Return mistakes as rows whose ``data-value`` is the clip's path.

    Parameters
    ----------
    wrong : Mistakes
    page : int
        The page of rows that is shown.
    about : str
        Which clips and which threshold they answer to.
    """
    if not len(wrong):
        return empty(f"No clip is called wrongly: {about.rstrip('.')}." if about else "No clip is called wrongly.")
    page, first, last = page_of(len(wrong), page)
    heads = ("", term("label"), "called", "attack or speech", term("part"), term("P(spoof)"))
    head = joined(Markup("<th>{}</th>").format(name) for name in heads)
    body = joined(_row(clip) for _, clip in wrong.rows(first, last).iterrows())
    html = (
        '<div class="ss-tall"><table class="ss-table ss-votes"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    )
    rest = f"The furthest beyond the threshold first. {about}".strip()
    return Markup(html).format(head, body) + pager(len(wrong), page, what="clips called wrongly") + note(rest)


def _row(clip: pd.Series) -> Markup:
    about = clip.get("kind" if clip["label"] == "bonafide" else "system"), clip.get("source")
    what = " · ".join(str(name) for name in about if name not in {None, "", "-"}) or clip["path"]
    html = (
        '<tr data-value="{path}"><td><button type="button" class="ss-play" data-value="{path}" '
        'aria-label="Play {what}">▶</button></td><td>{label}</td><td>{called}</td>'
        '<td class="ss-clip" title="{path}">{what}</td><td>{part}</td><td>{p:.3f}</td></tr>'
    )
    return Markup(html).format(
        path=clip["path"], what=what, label=class_word(clip["label"]), called=class_word(clip["called"]),
        part=clip.get("part", ""), p=float(clip["p_spoof"]),
    )  # fmt: skip
