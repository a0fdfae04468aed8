"""What a verdict is worth, in one sentence: how often the panel errs, and how often it is not sure."""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from core.analysis.format import rate
from core.analysis.verdict import Decision
from dashboard.components.markup import Markup, esc, term

if TYPE_CHECKING:
    from core.results.elsewhere import Elsewhere, ErrorRate

__all__ = ["Figures", "measured_elsewhere", "promise"]

#: A row of ``core.analysis.held_out``.
Figures = Mapping[str, Any]

_SHARES = ("called_spoofed", "called_bonafide", "not_sure_bonafide", "not_sure_spoof")
_HELD_OUT = (
    "on {pages} {held_out} {called_spoofed} of real speech was called spoofed and {called_bonafide} of spoofs bona "
    "fide, {not_sure_bonafide} of real speech and {not_sure_spoof} of spoofs {not_sure}"
)


def promise(decision: Decision, held_out: Figures | None) -> Markup:
    """Return both error rates and the share that is *not sure*, with the data that they hold for.

    Parameters
    ----------
    decision : Decision
        What the thresholds were set for.
    held_out : mapping or None
        What was measured on pages that were held out; it comes first where it is known.
    """
    if held_out is not None and all(held_out.get(share) is not None for share in _SHARES):
        shares = {
            name: rate(held_out[name], (held_out.get(f"{name}_low"), held_out.get(f"{name}_high")), digits=0)
            for name in _SHARES
        }
        held = term("held-out pages")
        return Markup(_HELD_OUT).format(
            pages=held_out["n_pages"], held_out=held, not_sure=term("not sure"), **shares
        )  # fmt: skip
    if decision.false_alarm_rate is None or decision.miss_rate is None:
        return esc(decision.basis or "no error rate is known")
    unsure = decision.not_sure_rate
    doubt = "" if unsure is None else f", and {rate(unsure, digits=0)} of clips not sure"
    html = Markup("set so that {} of real speech is called spoofed and {} of spoofs bona fide{} ({})")
    both = (rate(share, digits=0) for share in (decision.false_alarm_rate, decision.miss_rate))
    return html.format(*both, doubt, decision.basis)


def measured_elsewhere(elsewhere: "Elsewhere", decision: Decision) -> Markup:
    """Return both error rates on published recordings of the reference run, beside those that were set."""
    real, fake = elsewhere.false_alarms, elsewhere.misses
    compared = [
        _compared(real, decision.false_alarm_rate, "false alarms"), _compared(fake, decision.miss_rate, "misses"),
    ]  # fmt: skip
    # Only what the intervals bear out.
    words = "" if None in compared else " " + (" and ".join(filter(None, compared)) or "no clear difference")
    return Markup("<b>{}{}:</b> {} of real speech was called spoofed, {} of spoofs bona fide").format(
        term("published", "elsewhere"), words, _counted(real), _counted(fake)
    )


def _compared(away: "ErrorRate", home: float | None, errors: str) -> str | None:
    """Return whether there are more or fewer errors elsewhere; "" where the interval holds both, None if unknown."""
    if home is None or not isfinite(away.low):
        return None
    return f"more {errors}" if away.low > home else f"fewer {errors}" if away.high < home else ""


def _counted(share: "ErrorRate") -> str:
    return f"{rate(share.share, (share.low, share.high), digits=0)} ({share.errors} of {share.n})"
