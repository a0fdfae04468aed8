"""A checkpoint's card in words: what it is, what it was taught, how it decides, how well, and where it fails."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.analysis.verdict import Decision
from core.detectors.card import Card
from dashboard.components.markup import card as frame
from dashboard.components.markup import class_word, definitions, esc, note, number, table

__all__ = ["figures_table", "interval_text", "model_card", "models_table", "thresholds_text"]

_SLICES = ("all", "seen attacks", "unseen attacks", "published")
_SPLITS = {"eval": "eval: nothing was tuned on it", "dev": "dev: calibrated and chosen on it"}
_FIGURES = (
    "EER: where as large a share of bona fide clips is called spoof as of spoofs bona fide. Intervals: bootstrap over "
    "speakers and sources. DCF: detection cost of ASVspoof 5, 1 is useless. Cllr: 0 is perfect, 1 says nothing."
)


def interval_text(row: Mapping[str, Any] | None, key: str = "eer") -> str:
    """Return a rate of a row of figures in per cent with its 95 % interval: ``12.3 % [9.8, 15.1]``."""
    if row is None or row.get(key) is None:
        return "–"
    text = f"{100 * float(row[key]):.1f} %"
    low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
    return text if low is None or high is None else f"{text} [{100 * float(low):.1f}, {100 * float(high):.1f}]"


def thresholds_text(decision: Decision) -> str:
    """Return in words where a detector says spoofed, bona fide and not sure."""
    low, high = (1 / (1 + math.exp(llr)) for llr in (decision.bonafide_above, decision.spoof_below))
    return f"spoofed above P(spoof) {high:.2f}, bona fide below {low:.2f}, not sure between"


def _row_of(card: Card, split: str, part: str) -> Mapping[str, Any] | None:
    return next((row for row in card.metrics.get(split, []) if row.get("slice") == part), None)


def models_table(cards: Sequence[Card], *, members: Collection[str] = ()) -> str:
    """Return all detectors side by side: size, parameters and equal error rates on ``eval`` with intervals.

    ``members`` are those that have a say in the panel; without any, no detector is marked.
    """
    rows = [
        (
            card.name, "✓" if card.name in members else "", _classes(card), f"{card.parameters:,}",
            f"{card.size_bytes / 1e6:.1f} MB", *(interval_text(_row_of(card, "eval", part)) for part in _SLICES),
        )
        for card in cards
    ]  # fmt: skip
    columns = ("detector", "panel", "taught on", "parameters", "weights", *(f"EER, {part}" for part in _SLICES))
    return table(columns, rows, numeric=range(3, len(columns)))


def _classes(card: Card) -> str:
    return "bona fide and spoof" if card.training is None or card.training.n_spoof else "bona fide only"


def figures_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a card's figures on one split, a row for each slice."""
    columns = ("slice", "■", "●", "EER [95 %]", "AUC", "min DCF", "act DCF", "Cllr, bit")
    lines = [
        (
            row.get("slice", ""), row.get("n_bonafide", "–"), row.get("n_spoof", "–"), interval_text(row),
            *(number(row.get(key), digits=3 if key == "auc" else 2) for key in ("auc", "min_dcf", "act_dcf", "cllr")),
        )
        for row in rows
    ]  # fmt: skip
    return table(columns, lines, numeric=range(1, len(columns)))


def model_card(card: Card) -> str:
    """Return the whole card as frames of HTML."""
    figures = "".join(
        f'<div><h3 class="ss-h3">{words}</h3>{figures_table(card.metrics[split])}</div>'
        for split, words in _SPLITS.items() if split in card.metrics
    )  # fmt: skip
    figures = f'<div class="ss-two">{figures}</div>{note(_FIGURES)}' if figures else note("No figures are stated.")
    limits = "".join(f"<li>{esc(limit)}</li>" for limit in card.limits) or "<li>None is stated on the card.</li>"
    about = frame("What it is", f'<p class="ss-say">{esc(card.summary)}</p>{definitions(_identity(card))}')
    decides = frame("How it decides", _decides(card))
    return (
        f'<div class="ss-two">{about}{decides}</div>'
        f'<div class="ss-two">{frame("What it was taught on", _taught(card))}'
        f"{frame('Where it fails', f'<ul class=ss-list>{limits}</ul>')}</div>{frame('How well it does', figures)}"
    )


def _identity(card: Card) -> list[tuple[str, object]]:
    axis = card.frontend
    front = ", ".join(f"{key} {value}" for key, value in axis.items() if not isinstance(value, dict | list))
    return [
        ("architecture", card.architecture),
        ("front-end", front or "–"),
        ("parameters", f"{card.parameters:,}"),
        ("embedding", f"{card.embedding_dim:,} numbers"),
        ("weights", f"{card.size_bytes / 1e6:.1f} MB, {card.precision}, SHA-256 {card.sha256[:16] or '–'}"),
        ("licence", card.licence or "–"),
        ("made with", ", ".join(f"{name} {version}" for name, version in card.versions.items()) or "–"),
    ]


def _decides(card: Card) -> str:
    rule = card.decision
    line = _calibration_text(card)
    pairs = [
        ("thresholds", thresholds_text(rule)),
        ("bona fide called spoof", _share(rule.false_alarm_rate)),
        ("spoof called bona fide", _share(rule.miss_rate)),
        ("not sure", _share(rule.not_sure_rate)),
        ("set on", rule.basis),
        ("calibration", line),
        ("polarity", card.polarity.how + _auc_text(card)),
    ]
    words = " · ".join(class_word(key) for key in ("bonafide", "unsure", "spoof"))
    return f'<p class="ss-note ss-flat">Three answers: {words}</p>{definitions(pairs)}'


def _share(rate: float | None) -> str:
    return "not measured" if rate is None else f"{100 * rate:.1f} % of such clips"


def _auc_text(card: Card) -> str:
    return "" if card.polarity.dev_auc is None else f" (AUC on dev {card.polarity.dev_auc:.3f})"


def _calibration_text(card: Card) -> str:
    if card.calibration is None:
        return "none: P(spoof) is the raw output through a logistic function, not a measured probability"
    return f"log-likelihood ratio = {card.calibration.slope:.3g} × raw output {card.calibration.intercept:+.3g}"


def _taught(card: Card) -> str:
    training = card.training
    if training is None:
        return note("The card does not say: the weights were made elsewhere.")
    licences = ", ".join(f"{name} ({count})" for name, count in training.licences.items())
    recipe = training.recipe
    changes = [key.replace("_", " ") for key, value in (recipe.get("augmentation") or {}).items()
               if isinstance(value, float) and value]  # fmt: skip
    pairs = [
        ("corpus", f"{training.corpus}, split {training.split}, digest {training.corpus_digest[:12]}"),
        ("clips", f"{training.n_bonafide:,} bona fide, {training.n_spoof:,} spoof"),
        ("attacks heard", f"{len(training.systems)} systems"),
        ("changed at random by", ", ".join(changes) or "nothing"),
        ("training", f"{training.steps:,} steps, {training.minutes:.0f} min, from {training.initial_weights} weights"),
        ("recipe", _recipe_text(recipe)),
    ]
    more = _folded(f"Licences of the recordings, {len(training.licences)} kinds", licences)
    if training.systems:
        more += _folded(f"The {len(training.systems)} attacks", ", ".join(training.systems))
    return f"{definitions(pairs)}{more}"


def _folded(head: str, text: str) -> str:
    return f'<details class="ss-more"><summary>{esc(head)}</summary>{note(text)}</details>'


def _recipe_text(recipe: Mapping[str, Any]) -> str:
    keys = ("batch", "crop_s", "label_smoothing", "ema_decay", "precision", "seed")
    return ", ".join(f"{key.replace('_', ' ')} {recipe[key]}" for key in keys if key in recipe) or "–"
