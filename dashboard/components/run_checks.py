"""What to know before a run's figures are believed, in a line each: who is competent, shortcuts, leakage, training."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from core.analysis.format import rate
from core.results.competent import at_chance, competences
from core.results.run_shortcuts import run_shortcuts
from dashboard.components.markup import Markup, card, joined, term
from dashboard.components.reference import kept

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["run_checks"]

_GOOD, _BAD, _UNKNOWN = "✓", "!", "–"


class _Line(NamedTuple):
    sign: str
    title: str
    words: str


def run_checks(run: "Run", audit: Mapping[str, Any] | None) -> Markup:
    """Return the checks of a run's clips and corpus as a list: what is wrong first, then what is right or unknown.

    Parameters
    ----------
    run : Run
    audit : mapping or None
        Summary of the corpus' audit (``core.corpus.audit.AuditReport.summary``); None where there was none.
    """
    lines = [_competent(run), _shortcuts(run), _leakage(audit), _training(audit)]
    order = {_BAD: 0, _UNKNOWN: 1, _GOOD: 2}
    lines.sort(key=lambda line: order[line.sign])
    html = '<li data-sign="{0}"><b aria-hidden="true">{0}</b><span><b>{1}:</b> {2}</span></li>'
    body = joined(Markup(html).format(*line) for line in lines)
    title = Markup('<p class="ss-lead">{}</p><ul class="ss-checks">{}</ul>')
    return card("", title.format(_lead(run, lines), body))


def _lead(run: "Run", lines: list[_Line]) -> str:
    wrong = sum(line.sign == _BAD for line in lines)
    unknown = sum(line.sign == _UNKNOWN for line in lines)
    if wrong:
        found = f"{wrong} of {len(lines)} checks found something wrong"
    elif unknown:
        found = f"no check found anything wrong; {unknown} of {len(lines)} could not be made"
    else:
        found = "no check found anything wrong"
    return f"Can the figures of this run be believed? Of its corpus {found}. {kept(run)}."


def _competent(run: "Run") -> _Line:
    title = "Detectors"
    known = [name for name, one in competences(run).items() if one.is_known]
    if not known:
        return _Line(_UNKNOWN, title, "whether they separate the classes here takes labelled clips of both.")
    chance = at_chance(run.whole, run.detectors)
    if chance:
        return _Line(_BAD, title, f"{len(chance)} of {len(known)} at chance on these clips: {', '.join(chance)}.")
    one = "separates" if len(known) == 1 else "separate"
    return _Line(_GOOD, title, f"all {len(known)} {one} the classes of this run better than chance.")


def _shortcuts(run: "Run") -> _Line:
    title, found = "Shortcuts", run_shortcuts(run)
    if run.measured is None:
        return _Line(_UNKNOWN, title, "nothing was measured of these clips; python -m core evaluate does.")
    if not found:
        return _Line(_UNKNOWN, title, "what separates the classes without a detector takes labelled clips of both.")
    solved = [each for each in found if each.weight == "solved"]
    if solved:
        return _Line(_BAD, title, f"{solved[0].sentence}")
    noticed = [each for each in found if each.weight == "noticed"]
    if noticed:
        return _Line(_GOOD, title, f"none solves the corpus. {noticed[0].sentence}")
    return _Line(_GOOD, title, "no measured figure, such as length or silence, separates the classes by itself.")


def _leakage(audit: Mapping[str, Any] | None) -> _Line:
    title = term("leakage", "Leakage")
    if audit is None or not audit.get("compared", audit["rows"]):
        return _Line(_UNKNOWN, title, "the corpus was not audited; below, “The run and its corpus” has the button.")
    if audit["has_leak"]:
        return _Line(_BAD, title, "a clip of one split is known from another.")
    return _Line(_GOOD, title, "no clip and no recording is in two splits.")


def _training(audit: Mapping[str, Any] | None) -> _Line:
    title = "Seen in training"
    if not audit or not audit.get("searched"):
        why = "whether clips were in a detector's training set was not looked for; the audit below looks."
        return _Line(_UNKNOWN, title, why)
    n, of = audit["trained"], audit["searched"]
    share = f"{n:,} of {of:,} clips of the whole corpus, all its splits ({rate(n / of)})"
    words = f"{share}, were in a detector's training set."
    return _Line(_BAD if n else _GOOD, title, words)
