"""What a recording's own codec is known to do to the panel's errors, and the threshold that it takes."""

from dataclasses import dataclass, replace

from core.analysis.calibration import p_spoof
from core.analysis.format import rate
from core.analysis.verdict import Decision
from core.errors import ResultsError
from core.panel import Panel
from core.robustness.processing import PROCESSINGS
from core.robustness.table import ERRORS, PANEL, Benign, Kind, Limit, Row, read_benign
from core.timeline.track import Timeline

__all__ = ["Codec", "of_codec", "panel_for"]

_CALLED: dict[Kind, str] = {
    "false_alarms": "real speech is called spoofed", "misses": "spoofs are called bona fide",
}  # fmt: skip


@dataclass(frozen=True)
class Codec:
    """What was measured of recordings that had passed through a codec.

    Attributes
    ----------
    label : str
        What was measured: the codec at one bit rate, which need not be the recording's.
    errors : tuple of str
        A phrase for each kind of the panel's errors that it surely raises.
    marks : str
        The same of marks for a verdict on parts, where the usual limit does not hold for them; else empty.
    limit, mark_limit : Limit or None
        The thresholds that it takes, the panel's and that of marks; None where the usual one holds.
    """

    label: str
    errors: tuple[str, ...] = ()
    marks: str = ""
    limit: Limit | None = None
    mark_limit: Limit | None = None

    def decision(self, usual: Decision) -> Decision:
        """Return the panel's thresholds for such recordings: less is called spoofed, and more is *not sure*."""
        if self.limit is None or self.limit.spoof_below >= usual.spoof_below:
            return usual
        return usual.model_copy(update={"spoof_below": self.limit.spoof_below})

    def timeline(self, usual: Timeline) -> Timeline:
        """Return a timeline of such a recording: what is marked stays so, and less of it makes a verdict."""
        below = usual.rule.verdict_below
        if self.mark_limit is None or below is None or self.mark_limit.spoof_below >= below:
            return usual
        return replace(usual, rule=usual.rule.model_copy(update={"verdict_below": self.mark_limit.spoof_below}))

    def why_not_sure(self, score: float) -> str:
        """Return why a score is *not sure* that would be spoofed of another recording; empty where it is not so."""
        if self.limit is None or not self.limit.spoof_below <= score < self.limit.usual:
            return ""
        usual, own = (float(p_spoof(each)) for each in (self.limit.usual, self.limit.spoof_below))
        return (
            f"Over P(spoof) {usual:.2f} another recording would be probably spoofed. This one has passed through a "
            f"codec that makes real speech look so: for it the limit is {own:.2f}."
        )


def of_codec(codec: str) -> Codec | None:
    """Return what a file's codec is known to do; None where nothing is, or where it does nothing for sure.

    Parameters
    ----------
    codec : str
        As the decoder names it.

    Notes
    -----
    A damaged table is as good as none here: a verdict does not depend on it, and *Models* says what is wrong with it.
    """
    try:
        found = read_benign()
    except ResultsError:
        return None
    words = {name: PROCESSINGS.get(name).codec for name in PROCESSINGS.names()}
    known = {name for name, word in words.items() if word and word in codec.lower()}
    row = next((row for row in found.rows if row.processing in known), None) if found is not None else None
    if found is None or row is None:
        return None
    errors, mark_limit = _errors(found, row), row.marks.limit if row.marks is not None else None
    if not errors and mark_limit is None:
        return None
    return Codec(row.label, errors, _marks(found, row), limit=row.limit, mark_limit=mark_limit)


def panel_for(panel: Panel, codec: str) -> tuple[Panel, Codec | None]:
    """Return a panel with the thresholds for recordings of a codec, and what is known of the codec.

    What was measured holds for the panel that ships; any other is returned as it is.
    """
    # It is the one that marks segments.
    known = of_codec(codec) if panel.marks_segments else None
    return (panel if known is None else panel.deciding_by(known.decision(panel.decision))), known


def _errors(found: Benign, row: Row) -> tuple[str, ...]:
    before, after = found.rows[0].rates[PANEL], row.rates[PANEL]
    phrases = []
    for kind in ERRORS:
        if (getattr(after, f"more_{kind}").low or 0.0) <= 0:
            continue
        many, few = getattr(after, kind).value, getattr(before, kind).value
        phrase = f"as {row.label}, {rate(many, digits=0)} of {_CALLED[kind]}, else {rate(few, digits=0)}"
        if kind == "false_alarms" and row.limit is not None:
            phrase = _held(row, row.limit, "is over", many, few)
        phrases.append(phrase)
    return tuple(phrases)


def _marks(found: Benign, row: Row) -> str:
    before, after = found.rows[0].marks, row.marks
    if before is None or after is None or after.limit is None:
        return ""
    many, few = after.false_marks.value, before.false_marks.value
    return _held(row, after.limit, "has such a mark over", many, few)


def _held(row: Row, limit: Limit, does: str, many: float, few: float) -> str:
    """Return how much real speech passes the usual limit after a codec and else, and how much this one."""
    usual, own = (float(p_spoof(each)) for each in (limit.usual, limit.spoof_below))
    return (
        f"as {row.label}, {rate(many, digits=0)} of real speech {does} the usual limit of {usual:.2f}, else "
        f"{rate(few, digits=0)}; over this one, {own:.2f}, {rate(limit.false_alarms, digits=0)}"
    )
