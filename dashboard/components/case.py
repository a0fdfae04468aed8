"""Keeping a recording: its case as a file, the recordings that were open before, and forgetting them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.analysis.verdict import PARTLY
from dashboard.components.markup import Markup, class_word, joined, number

if TYPE_CHECKING:
    from dashboard.visits import Recording

__all__ = ["KEPT", "case_link", "case_tools", "past_list"]

KEPT = "Keep it"
_TOOLS = Markup(
    '<p class="ss-note">The case is one zip: a report that opens anywhere and prints, the digests of recording and '
    "models, and all figures as files; not the recording itself. <code>python -m core verify</code> checks it, and "
    "with the recording computes it again.</p>"
    '<div class="ss-acts"><button type="button" class="ss-act ss-go" data-keep="keep">Download the case</button>'
    '<button type="button" class="ss-act" data-keep="forget" title="Remove it here and on the server: its file, its '
    'sounds and its results">Forget this recording</button></div>'
)
_LINK = Markup(
    '<p class="ss-kept" role="status">Made: <a class="ss-file" data-save href="gradio_api/file={url}" '
    'download="{name}">{name}</a> <span class="ss-soft">{size:.1f} MB, SHA-256 <code>{digest}</code>. Keep the digest '
    "elsewhere: it shows later that this is the case.</span></p>"
)
_PAST = Markup(
    '<h3 class="ss-sub">Open before, until this page is closed</h3><ul class="ss-past" aria-label="Open before">{}</ul>'
)
_ROW = Markup(
    '<li><button type="button" class="ss-act" data-keep="reopen" data-number="{0}" aria-label="Open {1} again">{1}'
    '</button> {2}<button type="button" class="ss-act" data-keep="forget" data-number="{0}" aria-label="Forget {1}" '
    'title="Forget it">×</button></li>'
)


def case_tools() -> Markup:
    """Return what a case is asked for with; ``static/case.js`` does the rest."""
    return _TOOLS


def case_link(path: str, name: str, *, size_bytes: int, digest: str) -> Markup:
    """Return the link to a case that was made; the browser saves it unasked."""
    return _LINK.format(url=quote(path), name=name, size=size_bytes / 1e6, digest=digest)


def past_list(past: "Sequence[Recording]") -> Markup:
    """Return the recordings that were open before, the last one first, each to be opened again or forgotten."""
    return _PAST.format(joined(map(_row, past))) if past else Markup("")


def _row(recording: "Recording") -> Markup:
    outcome = recording.outcome
    what = Markup('<span class="ss-soft">not scored</span>')
    if outcome is not None:
        verdict, p_spoof = outcome
        whose = " of the whole" if verdict == PARTLY else ""
        value = "" if p_spoof is None else f" P(spoof){whose} {number(p_spoof)}"
        what = Markup("<span>{}{}</span>").format(class_word(verdict or "unsure", word=verdict or "no verdict"), value)
    return _ROW.format(recording.number, recording.title, what)
