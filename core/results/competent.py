"""The competence gate: detectors at chance on a run's labelled clips do not count in votes and means by themselves."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from core.analysis.calibration import p_spoof
from core.analysis.competence import Competence, competence
from core.analysis.format import figure
from core.analysis.verdict import Decision
from core.results.clusters import owners
from core.results.queries import decision_of
from core.settings import GATE

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = ["admitted", "at_chance", "competences", "gate_sentence", "threshold_sentence"]


def competences(run: "Run") -> dict[str, Competence]:
    """Return of each detector how well it separates the labelled clips of the whole run."""
    return _competences(run.whole)


@lru_cache(maxsize=8)
def _competences(run: "Run") -> dict[str, Competence]:
    owner = owners(run)
    return {name: competence(run.llr(name), run.real, run.fake, owner) for name in run.detectors}


def at_chance(run: "Run", names: Sequence[str]) -> list[str]:
    """Return which of these detectors are at chance on the run's labelled clips; none where all of them are."""
    found = competences(run)
    barred = [name for name in names if name in found and found[name].is_at_chance]
    return [] if len(barred) == len(names) else barred


def admitted(run: "Run", names: Sequence[str]) -> list[str]:
    """Return which of these detectors count by themselves: those that are not at chance.

    All of them where the setting ``SPOOFSCOPE_GATE`` is ``off``, or where all are at chance.
    """
    if GATE.read() == "off":
        return list(names)
    barred = set(at_chance(run, names))
    return [name for name in names if name not in barred]


def gate_sentence(run: "Run", names: Sequence[str], *, counted: bool = False) -> str:
    """Return which of these detectors are at chance on the run, and whether they count; "" where none is.

    Parameters
    ----------
    run : Run
    names : sequence of str
    counted : bool
        Whether they were asked for all the same.
    """
    found = competences(run)
    chance = [name for name in names if name in found and found[name].is_at_chance]
    if not chance:
        return ""
    one = found[chance[0]]
    figures = ", ".join(
        f"{name} (AUC {figure(found[name].auc, (found[name].low, found[name].high))})" for name in chance
    )
    they = "They" if len(chance) > 1 else "It"
    text = f"At chance on the labelled clips of this run ({one.n_bonafide:,} bona fide, {one.n_spoof:,} spoofed): "
    if counted or GATE.read() == "off":
        return f"{text}{figures}. {they} {'were' if len(chance) > 1 else 'was'} asked for, and so counted."
    if len(chance) == len(names):
        return f"{text}{figures}. Nobody else is left to vote, so that all count."
    return f"{text}{figures}. {they} {'do' if len(chance) > 1 else 'does'} not count in votes and means."


def threshold_sentence(run: "Run", name: str, corpora: Sequence[str] = ()) -> str:
    """Return on what the thresholds of a detector, or of the panel, were set, where that was not this run's corpus.

    Parameters
    ----------
    run : Run
    name : str
        A detector of the run, or "panel".
    corpora : sequence of str
        Digests of the corpora that the thresholds were set on, as cards name them; the whole corpus' or the split's.

    Returns
    -------
    str
        "" where they were set on this corpus.
    """
    decision = decision_of(run, name)
    if decision == Decision():
        low, high = (p_spoof(score) for score in (decision.bonafide_above, decision.spoof_below))
        return f"The thresholds of {name} were set on no data: they lie at P(spoof) {low:.2f} and {high:.2f}."
    about = run.manifest["corpus"]
    mine = {about["digest"], (about.get("audit") or {}).get("digest")} - {None}
    if mine & set(corpora):
        return ""
    return (
        f"The thresholds of {name} were set on {decision.basis}. They were never measured on the corpus of this run "
        "by itself, where they may err at other rates: Scores has those at any threshold, and one set by EER or by "
        "cost."
    )
