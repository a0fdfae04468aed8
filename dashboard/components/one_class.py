"""The detectors that know bona fide speech alone, side by side, with the control that needs no detector."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.analysis.format import figure
from core.analysis.shortcuts import WORDS
from core.results.one_class import CONTROLS, OneClass, controls, one_class
from core.results.rebuilt import BANDS
from dashboard.components.corpus_audit import alarm
from dashboard.components.markup import Markup, card, joined, note, table, term

if TYPE_CHECKING:
    from core.analysis.shortcuts import Shortcut
    from core.results.store import Run

__all__ = ["one_class_card"]

_ABOUT = Markup(
    "{}, 95 % interval over speakers and sources, of all clips of the run. Spoof : bona fide is the ratio of median "
    "errors, below 1 where spoofs are rebuilt better; the two densities have no error to divide, and so their shift is "
    "given: by how many standard deviations of bona fide speech the median of spoofs lies lower."
).format(term("AUC"))


def one_class_card(run: "Run") -> Markup:
    """Return the detectors that know bona fide speech alone, and whether level, noise or silence would do as well."""
    found = one_class(run)
    if not found:
        return card("Detectors of bona fide speech alone", note(
            "None of them scored this run: score the folder again in Models & data with cae-lfcc, vae-lfcc, ocsvm and "
            "gmm ticked. What is there is not scored again."
        ))  # fmt: skip
    auc = Markup("{} [95 %]").format(term("AUC"))
    columns = ("detector", "what it measures", auc, "spoof : bona fide", *BANDS, "shift, σ", term("polarity"))
    body = table(columns, [_row(each) for each in found], numeric=range(2, 8))
    return card("Detectors of bona fide speech alone", body + note(_ABOUT) + _control(run, found))


def _row(each: OneClass) -> tuple[object, ...]:
    ratios = [figure(each.ratios.get(band)) for band in ("total", *BANDS)]
    dev = "" if each.dev_auc is None else f" (AUC on dev {each.dev_auc:.2f})"
    how = f"{each.how}{dev}" if each.how else "its card is not here"
    wraps = Markup('<span class="ss-wraps">{}</span>')
    auc = figure(each.auc, (each.low, each.high))
    return each.name, wraps.format(each.what), auc, *ratios, figure(each.shift), wraps.format(how)


def _control(run: "Run", found: Sequence[OneClass]) -> Markup:
    """Return how well what needs no detector does, in words, and the detectors that do no better."""
    known = controls(run)
    if not known:
        return note(
            "Whether level, noise or silence alone would separate the classes as well is not known: nothing was "
            "measured of these clips (python -m core evaluate does), or they are of one class."
        )
    rows = [
        (WORDS[name], figure(known[name].auc, (known[name].low, known[name].high)), known[name].how)
        for name in CONTROLS if name in known
    ]  # fmt: skip
    best = max(known.values(), key=lambda each: each.auc)
    beaten = [each.name for each in found if not each.low > best.auc]
    words = _beaten(best, beaten) if beaten else Markup('<p class="ss-say">{}</p>').format(
        f"All of them separate the classes surely better than {WORDS[best.name]} alone, the best of what needs no "
        f"detector (AUC {figure(best.auc, (best.low, best.high))})."
    )  # fmt: skip
    head = Markup('<h3 class="ss-h3">The control: what needs no detector</h3>')
    auc = Markup("{} [95 %]").format(term("AUC"))
    return joined([head, words, table(("figure alone", auc, "read"), rows, numeric=(1,))])


def _beaten(best: "Shortcut", names: Sequence[str]) -> Markup:
    verb = "is" if len(names) == 1 else "are"
    return alarm(
        f"{', '.join(names)} {verb} not surely better than {WORDS[best.name]} alone (AUC "
        f"{figure(best.auc, (best.low, best.high))}): that it is a synthesiser's trace that they measure is not shown."
    )
