"""What the lab found as ``checkpoints/maps.json`` keeps it: the counts of the page's sentence, and default methods."""

from collections.abc import Iterable, Mapping, Sequence

from core.detectors.card import Card
from core.errors import ExplanationError
from core.explain.earned import DECIDING, Earned, Finding, Maps
from core.lab.figures import ALL, Figures

__all__ = ["earned_by", "with_findings", "with_untested"]

Findings = dict[str, dict[str, Finding]]
_UNTESTED = "the lab has not tested its maps."


def with_findings(maps: Maps, rows: Sequence[Figures], cards: Mapping[str, Card], *, corpus: str, split: str) -> Maps:
    """Return what was kept joined by what was found.

    A method's findings replace its former ones. Those of the same weights' other methods stay, and so do other
    detectors; what was measured on another corpus or split does not.

    Parameters
    ----------
    maps : Maps
    rows : sequence of Figures
    cards : mapping of str to Card
        Of the detectors that were measured.
    corpus, split : str
        Digest of the corpus, and its split.

    Raises
    ------
    ExplanationError
        When a detector was not tried with the evidence that decides.
    """
    same = (maps.corpus, maps.split) == (corpus, split)
    detectors = dict(maps.detectors) if same else {}
    for name, card in cards.items():
        before = detectors.get(name)
        kept = before.methods if before is not None and before.sha256 == card.sha256 else {}
        detectors[name] = earned_by(card, kept | _findings(rows, name))
    return Maps(corpus=corpus, split=split, detectors=dict(sorted(detectors.items())))


def with_untested(maps: Maps, cards: Iterable[Card]) -> Maps:
    """Return the same, and that a detector whose weights were never measured has no default, with the reason."""
    detectors = dict(maps.detectors)
    for card in cards:
        if card.name not in detectors or detectors[card.name].sha256 != card.sha256:
            detectors[card.name] = Earned(sha256=card.sha256, default=None, reason=_UNTESTED, methods={})
    return maps.model_copy(update={"detectors": dict(sorted(detectors.items()))})


def earned_by(card: Card, methods: Findings) -> Earned:
    """Return a detector's record; its default is, of the methods that beat chance, the one that does so most surely.

    That is the one with the highest lower end of its factor's interval, so that a method that was tried on few clips
    must be clearly better.
    """
    tried = {name: found[DECIDING] for name, found in methods.items() if DECIDING in found}
    if not tried:
        raise ExplanationError(
            f"{card.name} was not tried with the planted {DECIDING}, which decides on the default method: run the lab "
            f"with --kind {DECIDING}, or without --kind."
        )
    earners = {name: found for name, found in tried.items() if found.beats_chance}
    best = max(earners or tried, key=lambda name: tried[name].low)
    reason = "" if earners else _reason(best, tried[best])
    return Earned(sha256=card.sha256, default=best if earners else None, reason=reason, methods=methods)


def _reason(method: str, found: Finding) -> str:
    held = (
        f"its best kind of map ({method}) put {found.factor:.2f} times the area's share of the evidence "
        f"[{found.low:.2f}, {found.high:.2f}] on a planted second"
    )
    if found.low <= 1 or found.unplanted_factor is None:
        return f"{held}, which is no better than chance."
    return f"{held}, but {found.unplanted_factor:.2f} times before anything was planted there."


def _findings(rows: Sequence[Figures], detector: str) -> Findings:
    found: Findings = {}
    for row in rows:
        if row.detector == detector and row.systems in ("", ALL):
            found.setdefault(row.method, {})[row.kind] = _finding(row)
    return found


def _finding(row: Figures) -> Finding:
    """Return a row as it is kept, to three digits; an interval that is not known holds everything."""
    factor = row.factor
    return Finding(
        clips=row.clips, hits=row.hits, unplanted_hits=row.unplanted_hits, mass=_short(row.mass.mean or 0.0),
        factor=_short(factor.mean or 0.0), low=_short(factor.low or 0.0),
        high=_short(factor.high or factor.mean or 0.0),
        unplanted_factor=None if row.unplanted_factor.mean is None else _short(row.unplanted_factor.mean),
        gain_low=None if row.gain.low is None else _short(row.gain.low), cpu_s=_short(row.cpu_s),
    )  # fmt: skip


def _short(value: float) -> float:
    return float(f"{value:.3g}")
