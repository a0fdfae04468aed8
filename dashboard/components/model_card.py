"""A checkpoint's card in words: what it is, what it was trained on, how it decides, how well, and where it fails."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.analysis.format import figure, rate
from core.analysis.slices import SLICES
from core.analysis.verdict import Decision
from core.detectors.card import Card
from dashboard.components.markup import Markup, class_word, definitions, joined, note, table, term
from dashboard.components.markup import card as frame

__all__ = ["figures_table", "model_card", "models_table", "rate_of", "thresholds_text"]

_SPLITS = {"eval": "eval: nothing was tuned on it", "dev": "dev: calibrated and chosen on it"}
_FIGURES = Markup(
    "{}: where false alarms and misses are equally frequent. Intervals: {} over speakers and sources."
).format(term("EER"), term("bootstrap"))
NOT_SCORED = "not scored yet"


def rate_of(row: Mapping[str, Any] | None, key: str = "eer") -> str:
    """Return a rate of a row of figures in per cent with its 95 % interval: ``12.3 % [9.8, 15.1]``."""
    row = row or {}
    return rate(row.get(key), (row.get(f"{key}_low"), row.get(f"{key}_high")))


def thresholds_text(decision: Decision) -> str:
    """Return in words from which P(spoof) a detector's answer is spoofed, bona fide and not sure."""
    low, high = (1 / (1 + math.exp(llr)) for llr in (decision.bonafide_above, decision.spoof_below))
    return f"spoofed above P(spoof) {high:.2f}, bona fide below {low:.2f}, not sure between"


def _row_of(card: Card, split: str, part: str) -> Mapping[str, Any] | None:
    return next((row for row in card.metrics.get(split, []) if row.get("slice") == part), None)


def models_table(
    cards: Sequence[Card], *, members: Collection[str] = (), measured: Mapping[str, Mapping[str, Any]] | None = None
) -> Markup:
    """Return the panel and all detectors side by side: size, parameters and equal error rates on ``eval``.

    Parameters
    ----------
    cards : sequence of Card
        In the order of the rows.
    members : collection of str
        Those that are in the panel; without any, no detector is marked.
    measured : mapping of str to mapping, optional
        For "panel", and for detectors whose card states no figures on ``eval``: per slice a row of figures.
    """
    measured, rows = measured or {}, []
    if "panel" in measured:
        needed = {*members, *(lender for card in cards if card.name in members for lender in card.borrowed)}
        size = sum(card.size_bytes for card in cards if card.name in needed)
        count = sum(card.parameters for card in cards if card.name in members)
        name = Markup("<b>panel</b> of {}").format(len(members))
        rows.append((name, "", "", f"{count:,}", f"{size / 1e6:.1f} MB", *_rates(measured["panel"])))
    for card in cards:
        stated = {part: _row_of(card, "eval", part) for part in SLICES}
        known = stated if any(stated.values()) else measured.get(card.name)
        rates = _rates(known) if known else (NOT_SCORED, *[""] * (len(SLICES) - 1))
        rows.append((
            card.name, "✓" if card.name in members else "", _classes(card), f"{card.parameters:,}",
            _weights(card, cards), *rates,
        ))  # fmt: skip
    heads = [Markup("{}, {}").format(term("EER"), term(part)) for part in SLICES]
    columns = ("detector", term("panel member", "in the panel"), "trained on", term("parameters"), "weights", *heads)
    return table(columns, rows, numeric=range(3, len(columns)))


def _weights(card: Card, cards: Sequence[Card]) -> str:
    """Return how much a detector's weights take, with those that another one keeps for it."""
    lent = (f" + {one.size_bytes / 1e6:.1f} MB of {one.name}" for one in cards if one.name in card.borrowed)
    return f"{card.size_bytes / 1e6:.1f} MB{''.join(lent)}"


def _rates(by_slice: Mapping[str, Mapping[str, Any] | None]) -> tuple[str, ...]:
    return tuple(rate_of(by_slice.get(part)) for part in SLICES)


def _classes(card: Card) -> str:
    return "bona fide and spoof" if card.training is None or card.training.n_spoof else "bona fide only"


def figures_table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return a card's figures on one split, a row for each slice."""
    others = ("AUC", "min DCF", "act DCF", "Cllr")
    columns = ("slice", "■", "●", Markup("{} [95 %]").format(term("EER")), *map(term, others))
    lines = [
        (
            term(row["slice"]) if row.get("slice") in SLICES else row.get("slice", ""), row.get("n_bonafide", "–"),
            row.get("n_spoof", "–"), rate_of(row),
            *(figure(row.get(key), digits=3 if key == "auc" else 2) for key in ("auc", "min_dcf", "act_dcf", "cllr")),
        )
        for row in rows
    ]  # fmt: skip
    return table(columns, lines, numeric=range(1, len(columns)))


def model_card(card: Card) -> Markup:
    """Return the whole card as frames of HTML."""
    figures = joined(
        Markup('<div><h3 class="ss-h3">{}</h3>{}</div>').format(words, figures_table(card.metrics[split]))
        for split, words in _SPLITS.items() if split in card.metrics
    )  # fmt: skip
    two = Markup('<div class="ss-two">{}</div>')
    measured = two.format(figures) + note(_FIGURES) if figures else note("No figures are stated.")
    limits = joined(Markup("<li>{}</li>").format(limit) for limit in card.limits or ["None is stated on the card."])
    about = Markup('<p class="ss-say">{}</p>{}').format(card.summary, definitions(_identity(card)))
    fails = Markup('<ul class="ss-list">{}</ul>').format(limits)
    return joined([
        two.format(joined([frame("What it is", about), frame("How it decides", _decides(card))])),
        two.format(joined([frame("What it was trained on", _trained(card)), frame("Where it fails", fails)])),
        frame("How well it does", measured),
    ])  # fmt: skip


def _identity(card: Card) -> list[tuple[str, object]]:
    axis = card.frontend
    front = ", ".join(f"{key} {value}" for key, value in axis.items() if not isinstance(value, dict | list))
    return [
        (term("architecture"), card.architecture),
        (term("front-end"), front or "–"),
        (term("parameters"), f"{card.parameters:,}"),
        (term("embedding"), f"{card.embedding_dim:,} numbers"),
        ("weights", f"{_weights(card, [])}, {card.precision}, SHA-256 {card.sha256[:16] or '–'}{_lenders(card)}"),
        ("licence", card.licence or "–"),
        ("made with", ", ".join(f"{name} {version}" for name, version in card.versions.items()) or "–"),
    ]


def _lenders(card: Card) -> str:
    return f"; the others are those of {', '.join(card.borrowed)}" if card.borrowed else ""


def _decides(card: Card) -> Markup:
    rule = card.decision
    pairs = [
        (term("threshold", "thresholds"), thresholds_text(rule)),
        (term("false alarm rate"), _share(rule.false_alarm_rate)),
        (term("miss rate"), _share(rule.miss_rate)),
        (term("not sure"), _share(rule.not_sure_rate)),
        ("set on", rule.basis),
        (term("calibration"), _calibration_text(card)),
        (term("polarity"), card.polarity.how + _auc_text(card)),
    ]
    words = Markup(" · ").join(class_word(key) for key in ("bonafide", "unsure", "spoof"))
    return Markup('<p class="ss-note ss-flat">Three answers: {}</p>{}').format(words, definitions(pairs))


def _share(share: float | None) -> str:
    return "not measured" if share is None else f"{rate(share)} of such clips"


def _auc_text(card: Card) -> str:
    return "" if card.polarity.dev_auc is None else f" (AUC on dev {card.polarity.dev_auc:.3f})"


def _calibration_text(card: Card) -> str:
    if card.calibration is None:
        return "none: P(spoof) is the raw output through a logistic function, not a measured probability"
    return f"log-likelihood ratio = {card.calibration.slope:.3g} × raw output {card.calibration.intercept:+.3g}"


def _trained(card: Card) -> Markup:
    training = card.training
    if training is None:
        return note("The card does not state it: the weights were made elsewhere.")
    licences = ", ".join(f"{name} ({count})" for name, count in training.licences.items())
    recipe = training.recipe
    changes = [key.replace("_", " ") for key, value in (recipe.get("augmentation") or {}).items()
               if isinstance(value, float) and value]  # fmt: skip
    pairs = [
        ("corpus", f"{training.corpus}, split {training.split}, digest {training.corpus_digest[:12]}"),
        ("clips", f"{training.n_bonafide:,} bona fide, {training.n_spoof:,} spoof"),
        (term("seen attacks", "attacks seen"), f"{len(training.systems)} systems"),
        (term("augmentation"), ", ".join(changes) or "none"),
        ("training", f"{training.steps:,} steps, {training.minutes:.0f} min, from {training.initial_weights} weights"),
        ("recipe", _recipe_text(recipe)),
    ]
    more = _folded(f"Licences of the recordings, {len(training.licences)} kinds", licences)
    if training.systems:
        more += _folded(f"The {len(training.systems)} attacks", ", ".join(training.systems))
    return definitions(pairs) + more


def _folded(head: str, text: str) -> Markup:
    return Markup('<details class="ss-more"><summary>{}</summary>{}</details>').format(head, note(text))


def _recipe_text(recipe: Mapping[str, Any]) -> str:
    keys = ("batch", "crop_s", "label_smoothing", "ema_decay", "precision", "seed")
    return ", ".join(f"{key.replace('_', ' ')} {recipe[key]}" for key in keys if key in recipe) or "–"
