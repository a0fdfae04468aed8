"""The detectors' own verdicts as rows that can be pressed: the panel's members, and those heard without a say."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from dashboard.components.bars import BarRow, bar_rows
from dashboard.components.markup import card, empty, esc, note

if TYPE_CHECKING:
    from core.detectors.score import ClipScore
    from core.usecases import Analysis

__all__ = ["panel_card"]

#: With more detectors than these the rows are set closer.
_ROOMY = 17
_WAITING = "Each detector’s own verdict appears here, the most suspicious first."


def panel_card(
    analysis: "Analysis | None", *, members: Collection[str] = (), awaited: Sequence[str] = (),
    selected: str | None = None, basis: str = "",
) -> str:  # fmt: skip
    """Return the detectors' verdicts, the highest P(spoof) first; the chosen detector is marked.

    Parameters
    ----------
    analysis : Analysis or None
    members : collection of str
        The detectors that the panel's score is made of.
    awaited : sequence of str
        Detectors that have not been heard yet.
    selected : str, optional
        The detector that is explained.
    basis : str
        What the panel was set on; without any, its score is the detectors' mean.
    """
    if analysis is None:
        return card("The panel", f'<div class="ss-hold">{empty(_WAITING)}</div>', name="ss-panel")
    heard = analysis.detectors
    panel = _rows((heard[name] for name in heard if name in members), selected)
    others = _rows((heard[name] for name in heard if name not in members), selected)
    others += "".join(_awaited(name) for name in awaited)
    body = panel + (f'<h3 class="ss-sub">Also heard, without a say</h3>{others}' if others else "")
    worth = f" The panel is combined as set on {basis}." if basis else " The panel’s score is its detectors’ mean."
    several = len(members) > 1
    return card(
        f"The panel of {len(members)}" if several else "The detector",
        f'<div class="ss-hold">{body}</div>{note("Press a detector to see what it heard." + worth * several)}',
        aside='<span class="ss-soft">P(spoof)</span>',
        name="ss-panel ss-close" if len(heard) + len(awaited) > _ROOMY else "ss-panel",
    )  # fmt: skip


def _rows(results: "Iterable[ClipScore]", selected: str | None) -> str:
    ordered = sorted(results, key=lambda result: -result.p_spoof)
    rows = [BarRow(r.name, r.p_spoof, r.verdict, _remark(r)) for r in ordered]
    return bar_rows(rows, selected=selected, brief=True) if rows else ""


def _awaited(name: str) -> str:
    return f'<div class="ss-row ss-soft"><span class="ss-dn">{esc(name)}</span><span>to be heard…</span></div>'


def _remark(result: "ClipScore") -> str:
    kind = "log-likelihood ratio" if result.calibrated else "raw output, not calibrated"
    return f"{result.name}: {result.verdict}; {kind} {result.score:+.2f} (higher = more bona fide)"
