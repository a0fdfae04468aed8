"""What an explanation is worth, in words, and the small texts beside the spectrogram."""

from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, esc, frame_head, joined, loading, note, problem, table, term

if TYPE_CHECKING:
    from core.explain.base import Explanation
    from core.explain.faithfulness import Curves, Faithfulness
    from core.usecases import Reconstruction

__all__ = ["error_note", "is_evidence", "receipt_line", "sentence_of", "where_head"]

_LINE = Markup('<div class="ss-receipt">{}</div>')


def is_evidence(explanation: "Explanation | None") -> bool:
    """Return whether a map may be shown as evidence: only one that has passed its faithfulness check."""
    return explanation is not None and explanation.faithfulness is not None and explanation.faithfulness.faithful


def sentence_of(explanation: "Explanation") -> str:
    """Return the sentence that stands beside the verdict: where the evidence lies, or first that there is none."""
    found = explanation.faithfulness
    if found is None or found.faithful or not found.trials:
        # A map that marks nothing has not failed: there was nothing to take out.
        return f"{explanation.detector}: {explanation.sentence}"
    return (
        f"Not faithful: taking out what the map of {explanation.detector} marks moves its score hardly towards bona "
        "fide, or no further than taking out as much elsewhere, so the map below shows nothing that it relies on."
    )


def receipt_line(
    explanation: "Explanation | None", *, record: str = "", busy: str = "", wrong: str = "", unmapped: str = ""
) -> Markup:
    """Return the outcome of the explanation's faithfulness check, or why there is no explanation.

    Parameters
    ----------
    explanation : Explanation or None
    record : str
        How often such maps found planted evidence, as a sentence.
    busy : str
        What is being done, while it is.
    wrong : str
        What went wrong.
    unmapped : str
        Why the detector shows no map by default.
    """
    if wrong:
        return _LINE.format(problem(wrong))
    if busy:
        return _LINE.format(loading(busy))
    if explanation is None and unmapped:
        return _LINE.format(Markup('<div class="ss-unmapped"><b>No map.</b> {}</div>').format(unmapped))
    if explanation is None or explanation.faithfulness is None:
        return _LINE.format("")
    axes = "" if "frequency" in explanation.axes else " It shows when, not where: this map has no frequency axis."
    found = explanation.faithfulness
    head, _, rest = found.words.partition(": ")
    what, _, _ = rest.partition("; ")
    kind, sign = ("ss-bonafide", "✓") if found.faithful else ("ss-not", "✗")
    line = Markup('<div><b class="{}">{} {}</b>: {}.{} Map by {}. {}</div>').format(
        kind, sign, term("faithfulness check", head), what.rstrip("."), axes, term(explanation.method), record
    )
    return _LINE.format(line + (_receipt(found) if found.trials else Markup("")))


def _receipt(found: "Faithfulness") -> Markup:
    """Return what was tested and what came of it: a row for each masking operator, with its own random maps."""
    rows = [
        (
            Markup("{} {}").format("✓" if trial.faithful else "✗", trial.replaced_by),
            *_changes(trial.deletion), *(_changes(trial.insertion) if trial.insertion else ("–", "–", "–")),
        )
        for trial in found.trials
    ]  # fmt: skip
    shares = " and ".join(f"{100 * fraction:.0f} %" for fraction in found.fractions)
    columns = ("Replaced by", "Without it", "Random", "Loudest", "Alone", "Random", "Loudest")
    words = (
        f"The strongest {shares} of the cells are replaced, then all the others: change of the score (log-likelihood "
        "ratio, up = towards bona fide) on average, beside random maps of the same shape and the loudest cells."
    )
    return Markup('<details class="ss-menu ss-proof"><summary>Receipt</summary><div>{}{}</div></details>').format(
        note(words), table(columns, rows, numeric=range(1, 7))
    )


def _changes(curves: "Curves") -> tuple[str, str, str]:
    low, high = min(curves.random), max(curves.random)
    random = f"{low:+.2f}" if low == high else f"{low:+.2f} to {high:+.2f}"
    return f"{curves.area:+.2f}", random, "–" if curves.energy is None else f"{curves.energy:+.2f}"


def error_note(rebuilt: "Reconstruction | None", name: str = "", *, wrong: str = "", busy: str = "") -> Markup:
    """Return the error map's axes and numbers in words, or what can be seen here."""
    if busy:
        return loading(busy)
    if rebuilt is None:
        what = Markup("Made when asked for: its squared error over time and {} coefficient, beside the verdict.")
        return note(wrong or what.format(term("LFCC")))
    bands = " · ".join(f"{band} {value:.2f}" for band, value in rebuilt.bands.items())
    text = Markup(
        "{}, an {} trained on bona fide speech alone: squared error of its {} in {}, time against coefficient (not "
        "hertz): {}, {}, {}. Mean {:.2f}; {}. Which way this error points was learnt, see Reconstruction."
    )
    bands_meant = (term("static"), term("delta"), term("delta-delta"))
    return note(text.format(name, term("autoencoder"), term("LFCC"), term("σ²"), *bands_meant, rebuilt.total, bands))


def where_head(players: str) -> Markup:
    """Return the heading over the spectrogram: the terms that the figure shows, and the players at its end."""
    terms = Markup('<span class="ss-soft ss-terms">{} · {} · {}</span>').format(
        term("level"), term("P(spoof)"), term("attribution", "evidence")
    )
    return frame_head("Where and when", aside=joined([terms, esc(players)]))
