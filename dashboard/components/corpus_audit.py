"""What is wrong with a run's corpus: shortcuts, detectors at chance, thresholds from elsewhere, clips from training."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.analysis.format import figure, rate
from core.analysis.shortcuts import MOST_CLIPS, NOTICED, SOLVED, WORDS, Shortcut
from core.results.competent import at_chance, competences, gate_sentence, threshold_sentence
from core.results.groups import wilson
from core.results.queries import PANEL, members
from core.results.run_shortcuts import run_shortcuts
from core.settings import GATE
from dashboard.components.markup import Markup, card, joined, note, table, tall, term

if TYPE_CHECKING:
    from core.detectors.card import Card
    from core.results.store import Run

__all__ = ["alarm", "competence_card", "shortcuts_body", "shortcuts_card", "training_line"]

_WEIGHTS = {"solved": "! separates them", "noticed": "differs", "quiet": "–"}
_ABOUT = Markup(
    "How well each figure alone separates the classes, learnt on other speakers and sources than it is tried on: {} "
    "and {}, out of fold, 95 % interval over speakers and sources in brackets; 0.5 is chance. Over {} (by the whole "
    "interval) the corpus can be solved by it, over {} the classes differ in it."
).format(term("AUC"), term("EER"), figure(SOLVED), figure(NOTICED))


def alarm(text: str) -> Markup:
    """Return a sentence in red, with a sign before it."""
    return Markup('<div class="ss-alarm" role="alert"><b aria-hidden="true">!</b><span>{}</span></div>').format(text)


def shortcuts_body(found: Sequence[Mapping[str, Any]]) -> Markup:
    """Return shortcuts (``Shortcut.to_json``) in words and as a table, the best first."""
    solved = [alarm(each["sentence"]) for each in found if each["weight"] == "solved"]
    say = Markup('<p class="ss-say">{}</p>')
    noticed = [say.format(each["sentence"]) for each in found if each["weight"] == "noticed"]
    quiet = Markup('<p class="ss-say"><b>No measured figure alone separates the classes.</b></p>')
    rows = [
        (
            WORDS.get(each["name"], each["name"]), figure(each["auc"], (each["low"], each["high"])), rate(each["eer"]),
            each["how"], f"{each['n']:,}",
            Markup('<span class="ss-weight-{}">{}</span>').format(each["weight"], _WEIGHTS[each["weight"]]),
        )
        for each in found
    ]  # fmt: skip
    columns = ("figure", Markup("{} [95 %]").format(term("AUC")), term("EER"), "read", "clips", "")
    words = joined([*solved, *noticed]) if solved or noticed else quiet
    return words + table(columns, rows, numeric=(1, 2, 4))


def shortcuts_card(run: "Run") -> Markup:
    """Return what separates the classes of a run's clips without a detector."""
    labelled = int((run.real | run.fake).sum())
    found: Sequence[Shortcut] = run_shortcuts(run)
    if run.measured is None:
        body = note(
            "Nothing was measured of these clips. python -m core evaluate measures them, and scores nothing again."
        )
    elif not found:
        body = note(
            f"{labelled:,} of {len(run):,} clips are labelled. What separates the classes can be counted where clips "
            "of both come from two speakers or sources each at least."
        )
    else:
        drawn = f" {MOST_CLIPS:,} clips were drawn of {labelled:,}." if labelled > MOST_CLIPS else ""
        body = shortcuts_body([each.to_json() for each in found]) + note(_ABOUT + drawn)
    return card("Shortcuts", body)


def competence_card(run: "Run", cards: Sequence["Card"]) -> Markup:
    """Return which detectors are at chance on a run's labelled clips, and on what their thresholds were set."""
    found = competences(run)
    known = {name: one for name, one in found.items() if one.is_known}
    if not known:
        body = note(
            "Whether a detector is at chance here is not known: it takes labelled clips of both classes, from two "
            "speakers or sources each. All count in votes and means."
        )
    else:
        body = _gate(run) + tall(_competence_table(run))
    return card("Who is competent here", body + _thresholds(run, cards))


def _gate(run: "Run") -> Markup:
    sentence = gate_sentence(run.whole, run.detectors)
    if not sentence:
        return Markup('<p class="ss-say">Every detector separates the classes of this run better than chance.</p>')
    back = "To leave them out, start the page without SPOOFSCOPE_GATE=off." if GATE.read() == "off" else (
        "To count them: votes of “all, also those at chance” in Disagreements; in the mean of a run without a fused "
        "panel, start the page with SPOOFSCOPE_GATE=off."
    )  # fmt: skip
    fused = (run.manifest.get("fusion") or {}).get("members", {})
    inside = [name for name in at_chance(run.whole, run.detectors) if name in fused]
    panel = (
        f" {', '.join(inside)} {'is' if len(inside) == 1 else 'are'} part of the panel's fused score, which was "
        "calibrated as a whole and stays as it is: trust it less here." if inside else ""
    )  # fmt: skip
    return alarm(sentence + panel) + note(back)


def _competence_table(run: "Run") -> Markup:
    found, barred = competences(run), set(at_chance(run.whole, run.detectors))
    order = sorted(found, key=lambda name: -found[name].auc if found[name].is_known else 1.0)
    rows = [
        (
            name, figure(found[name].auc, (found[name].low, found[name].high)),
            Markup('<span class="ss-weight-solved">! at chance</span>') if found[name].is_at_chance else "separates",
            "no" if name in barred and GATE.read() != "off" else "yes",
        )
        for name in order
    ]  # fmt: skip
    columns = ("detector", Markup("{} [95 %]").format(term("AUC")), "on these clips", "counts in votes and means")
    return table(columns, rows, numeric=(1,))


def _thresholds(run: "Run", cards: Sequence["Card"]) -> Markup:
    trained = {one.name: [one.training.corpus_digest] for one in cards if one.training is not None}
    by_text: dict[str, list[str]] = {}
    for name in [PANEL, *members(run)]:
        if sentence := threshold_sentence(run, name, trained.get(name, [])):
            by_text.setdefault(sentence.replace(f"The thresholds of {name}", "…", 1), []).append(name)
    return joined(
        Markup('<p class="ss-say">{}</p>').format(text.replace("…", f"The thresholds of {', '.join(names)}", 1))
        for text, names in by_text.items()
    )


def training_line(summary: Mapping[str, Any] | None) -> Markup:
    """Return how many clips of a corpus were in training, by an audit's summary, or that it was not looked for."""
    if not summary or not summary.get("searched"):
        return note(
            "Whether clips of this corpus were in a detector's training set was not looked for: an audit does, by "
            "fingerprints that survive coding."
        )
    n, of = summary["trained"], summary["searched"]
    share = rate(n / of, wilson(n, of))
    if not n:
        return Markup('<p class="ss-say">None of {} clips was in training ({}).</p>').format(f"{of:,}", share)
    names = ", ".join(summary.get("trained_paths", [])[:5])
    return alarm(
        f"{n:,} of {of:,} clips, {share}, or recordings that they were made from, were in a detector's training set: "
        f"no score of them is evidence. Among them: {names}."
    )
