"""What the tab Scores shows in words and tables: one threshold, every slice, every detector, every attack."""

from typing import TYPE_CHECKING

import pandas as pd

from core.analysis.format import rate
from core.results.groups import speech_kinds
from core.results.queries import PANEL, Slice, cut, members, names
from core.results.rates import at_threshold
from dashboard.components.confusion import confusion, error_table, rates
from dashboard.components.markup import Markup, card, class_word, empty, joined, note, table, tall, term
from dashboard.components.reference import kept

if TYPE_CHECKING:
    from core.results.store import Run

__all__ = [
    "answers_frame", "answers_to", "attack_frames", "counts_and_rates", "detectors_frame", "lead_text", "slices_frame",
]  # fmt: skip

_FEW = 10
_SLICES_NOTE = (
    "Seen and unseen: whether the detector was trained on the attack; both stand against all bona fide clips. "
    "Intervals: bootstrap over speakers and sources."
)


def limit_text(limit: float) -> str:
    """Return a threshold on P(spoof) as it is written: two decimals, three where they are needed."""
    return f"{limit:.3f}".removesuffix("0")


def answers_to(here: Slice, limit: float) -> str:
    """Return in words what figures answer to: detector, clips, threshold."""
    who = "the panel" if here.name == PANEL else here.name
    return f"{who}, {here.part} ({here.n:,} clips), spoof from P(spoof) {limit_text(limit)}"


def lead_text(run: "Run", here: Slice, *, limit: float, llr: float) -> Markup:
    """Return in one sentence what a threshold on P(spoof) does to a slice.

    Parameters
    ----------
    run : Run
    here : Slice
    limit, llr : float
        The threshold as P(spoof), and as log-likelihood ratio.
    """
    real, fake = here.pair
    if not here.labelled:
        return _lead_without_labels(run, here, limit=limit, llr=llr)
    alarms, misses = int(here.scores.alarms(llr)), int(here.scores.misses(llr))
    by_class = {
        "bona fide": "<b>{alarms:,}</b> {false_alarms} in {n_real:,} {real} clips ({alarm_share})" if len(real) else "",
        "spoof": "<b>{misses:,}</b> {missed} in {n_fake:,} {fake} ({miss_share})" if len(fake) else "",
    }
    html = (
        '<p class="ss-lead">With the {threshold} at {p} {limit}, <b>{who}</b> gives '
        + " and ".join(filter(None, by_class.values()))
        + "".join(f"; no clip here is labelled {name}" for name, words in by_class.items() if not words) + ".</p>{note}"
    )
    false_alarm_rate, miss_rate = here.rates_at(llr)
    about = f"{kept(run)}; shown: {here.part}, n = {here.n:,}. A threshold gives two answers, the verdict three."
    return card("", Markup(html).format(
        threshold=term("threshold"), p=term("P(spoof)"), limit=limit_text(limit),
        who="the panel" if here.name == PANEL else here.name, alarms=alarms, misses=misses, n_real=len(real),
        n_fake=len(fake), false_alarms=term("false alarm", "false alarm" if alarms == 1 else "false alarms"),
        missed=term("miss", "miss" if misses == 1 else "misses"),
        real=class_word("bonafide"), fake=class_word("spoof", word="spoofs"), alarm_share=rate(false_alarm_rate),
        miss_share=rate(miss_rate), note=note(about),
    ))  # fmt: skip


def _lead_without_labels(run: "Run", here: Slice, *, limit: float, llr: float) -> Markup:
    html = (
        '<p class="ss-lead">With the {} at {} {}, <b>{}</b> calls <b>{:,}</b> of {:,} clips spoof; no clip has a '
        "label, so that no error is known.</p>{}"
    )
    below = int((here.unlabelled < llr).sum())
    who = "the panel" if here.name == PANEL else here.name
    about = note(f"{kept(run)}; shown: {here.part}, n = {here.n:,}.")
    return card("", Markup(html).format(
        term("threshold"), term("P(spoof)"), limit_text(limit), who, below, here.n, about
    ))  # fmt: skip


def counts_and_rates(here: Slice, llr: float) -> tuple[Markup, Markup]:
    """Return the counts and the rates of a slice at a threshold; words where a class is missing."""
    report = at_threshold(here, llr)
    if report is None:
        return empty(_no_counts(here, llr)), Markup("")
    return confusion(report, *here.error_intervals(llr)), rates(report, eer=rate(here.eer, here.eer_interval))


def _no_counts(here: Slice, llr: float) -> str:
    if here.labelled:
        return "Counts need clips of both classes."
    spoof = int((here.unlabelled < llr).sum())
    return f"Called spoof: {spoof:,}. Called bona fide: {here.n - spoof:,}. Which are right is unknown without labels."


def _heads() -> tuple[str, ...]:
    errors = term("false alarm", "false alarms here"), term("miss", "misses here")
    return ("■ bona fide", "● spoof", *errors, Markup("{} [95 %]").format(term("EER")))


def _cells(row: pd.Series) -> tuple[object, ...]:
    eer = rate(row["eer"], (row["eer_low"], row["eer_high"]))
    return row["n_bonafide"], row["n_spoof"], rate(row["false_alarm_rate"]), rate(row["miss_rate"]), eer


def slices_frame(figures: pd.DataFrame, *, name: str) -> Markup:
    """Return a detector's error rates on every slice (``core.results.rates.slice_rates``)."""
    rows = [(term(row["slice"]), *_cells(row)) for _, row in figures.iterrows()]
    body = table(("slice", *_heads()), rows, numeric=range(1, 6)) + note(_SLICES_NOTE)
    return card(f"Where it is easy and where it is hard: {name}", body)


def detectors_frame(figures: pd.DataFrame, *, chosen: str, part: str, missing: list[str]) -> Markup:
    """Return the error rates of the panel and of every detector on one slice.

    Parameters
    ----------
    figures : DataFrame
        As ``core.results.rates.detector_rates`` gives it.
    chosen : str
        The detector looked at; it is set in bold.
    part : str
        The slice.
    missing : list of str
        Detectors that ship without being in the run.
    """
    rows: list[tuple[object, ...]] = []
    for _, row in figures.iterrows():
        name = Markup("<b>{}</b>").format(row["name"]) if row["name"] == chosen else row["name"]
        rows.append((name, "✓" if row["member"] else "", *_cells(row)))
    body = table(("detector", term("panel member", "in the panel"), *_heads()), rows, numeric=range(2, 7))
    return card(f"All detectors on the same clips: {part}", tall(body) + _missing(missing))


def answers_frame(run: "Run", *, chosen: str, part: str, llr: float, missing: list[str]) -> Markup:
    """Return how many clips of a slice without labels the panel and every detector call spoof."""
    rows = []
    for name in names(run):
        here = cut(run, name, part)
        spoof = int((here.unlabelled < llr).sum())
        shown = Markup("<b>{}</b>").format(name) if name == chosen else name
        inside = "✓" if name in members(run) else ""
        rows.append((shown, inside, f"{here.n:,}", f"{spoof:,}", rate(spoof / here.n if here.n else None)))
    heads = ("detector", term("panel member", "in the panel"), "clips", "called spoof here", "share")
    body = table(heads, rows, numeric=(2, 3, 4))
    return card(f"All detectors on the same clips: {part}", tall(body) + _missing(missing))


def _missing(names: list[str]) -> Markup:
    """Return which detectors that ship have not scored the run, folded, and what to do; nothing where all have."""
    if not names:
        return Markup("")
    html = '<details class="ss-note"><summary>Not scored yet: {} more of those that ship</summary>{}. {}</details>'
    todo = "Score the same folder again in Models & data with them ticked, or: python -m core evaluate. What is there "
    return Markup(html).format(len(names), ", ".join(names), todo + "is not scored again.")


def attack_frames(groups: pd.DataFrame, here: Slice, llr: float) -> Markup:
    """Return how often each attack and each kind of real speech is called wrongly, as two frames.

    Parameters
    ----------
    groups : DataFrame
        As ``core.results.groups.attacks`` gives it.
    here : Slice
    llr : float
        The threshold.
    """
    if not here.labelled:
        return Markup("")
    by_attack, by_kind = empty("No spoof in this slice."), empty("No bona fide clip in this slice.")
    if len(groups):
        by_attack = error_table(
            groups.assign(
                training=groups["seen"].map({True: "seen", False: "unseen"}),
                eer_text=[rate(eer) if n >= _FEW else "–" for eer, n in zip(groups["eer"], groups["n"], strict=True)],
            ),
            columns=[("system", term("attack")), ("kind", term("kind")), ("part", term("part")),
                     ("training", "in training"), ("eer_text", term("EER"))],
            share=Markup("{} [95 %]").format(term("miss", "missed here")),
            aside=f"{len(groups)} systems, first the surely most missed. No EER from fewer than {_FEW} clips.",
        )  # fmt: skip
    kinds = speech_kinds(here, llr)
    if len(kinds):
        by_kind = error_table(
            kinds, columns=[("kind", "real speech"), ("part", term("part"))],
            share=Markup("{} [95 %]").format(term("false alarm", "false alarms here")),
            aside="Calling real speech a spoof is the more costly error.",
        )  # fmt: skip
    frames = joined([card("Attacks", by_attack), card("Real speech", by_kind)])
    return Markup('<div class="ss-wide-two">{}</div>').format(frames)
