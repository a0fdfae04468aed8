"""Pseudo-labels that voters propose: what they are, and what speaks against them."""

from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, joined, note

if TYPE_CHECKING:
    from core.predictions.pseudo import Proposal

__all__ = ["proposal_text"]

_CARD = " A file's card is given on the command line: python -m core panel --pseudo-labels --card NAME=CHECKPOINT."
_CHECKED = "Training checks again that no voter trains itself, and keeps the record on the card."


def proposal_text(proposal: "Proposal") -> Markup:
    """Return how many clips would be labelled, and the reasons for which they should not be."""
    real, n = int(proposal.bonafide.sum()), len(proposal.ids)
    counts = f"{n:,} clips: {real:,} bona fide, {n - real:,} spoof"
    if not proposal.reasons:
        html = '<p class="ss-lead">{}.</p><button type="button" class="ss-btn" data-value="write">Save them</button>{}'
        return Markup(html).format(counts, note(_CHECKED))
    reasons = joined(Markup("<li>{}</li>").format(reason) for reason in proposal.reasons)
    html = (
        '<p class="ss-lead"><b>Refused.</b> These labels would only repeat what the voters have in common:</p>'
        '<ul class="ss-list">{}</ul><p class="ss-note">{}. {}</p>'
        '<button type="button" class="ss-btn" data-value="despite">Save them all the same; the record keeps the reasons'
        "</button>"
    )
    card = _CARD if any("card" in reason for reason in proposal.reasons) else ""
    return Markup(html).format(reasons, counts, _CHECKED + card)
