"""``list``: the architectures that are registered and the detectors that ship."""

from typing import TYPE_CHECKING, Any

import typer

from core.cli import command
from core.shell import JsonFlag, json_text

if TYPE_CHECKING:
    from core.detectors.card import Card

__all__ = ["list_detectors"]

_DEV_FIGURES = ("eer", "auc", "cllr", "n_bonafide", "n_spoof")


@command("list")
def list_detectors(as_json: JsonFlag = False) -> None:
    """List architectures and the detectors that ship.

    For each detector: what it was trained on, its figures in development, and which inference engine runs it.
    """
    from core.detectors import checkpoint
    from core.detectors.network import NETWORKS

    cards = [checkpoint.read_card(checkpoint.find_checkpoint(name)) for name in checkpoint.shipped()]
    listed = {"registered": NETWORKS.names(), "shipped": [_about(card) for card in cards]}
    typer.echo(json_text(listed) if as_json else _as_text(listed))


def _about(card: "Card") -> dict[str, Any]:
    from core.detectors.network import NETWORKS
    from core.runtime.choose import expected_engine

    return {
        "name": card.name, "architecture": card.architecture, "summary": card.summary,
        "parameters": card.parameters, "size_bytes": card.size_bytes, "precision": card.precision,
        "sha256": card.sha256, "calibrated": card.calibration is not None,
        "engine": expected_engine(card, NETWORKS.get(card.architecture)),
        "training": _training(card), "dev": _dev(card),
    }  # fmt: skip


def _training(card: "Card") -> dict[str, Any] | None:
    if card.training is None:
        return None
    training = card.training
    return {
        "corpus": training.corpus, "corpus_digest": training.corpus_digest, "n_bonafide": training.n_bonafide,
        "n_spoof": training.n_spoof, "n_systems": len(training.systems), "initial_weights": training.initial_weights,
        "steps": training.steps, "minutes": training.minutes,
    }  # fmt: skip


def _dev(card: "Card") -> dict[str, Any] | None:
    """Return the figures on all development data, or None where the card has none."""
    rows = [row for row in card.metrics.get("dev", []) if row.get("slice") == "all"]
    return {name: rows[0].get(name) for name in _DEV_FIGURES} if rows else None


def _as_text(listed: dict[str, Any]) -> str:
    lines = [f"{len(listed['registered'])} architectures: {', '.join(listed['registered'])}", ""]
    if not listed["shipped"]:
        return "\n".join([*lines, "No detector ships yet."])
    return "\n".join([*lines, *("\n".join(_paragraph(about)) for about in listed["shipped"])])


def _paragraph(about: dict[str, Any]) -> list[str]:
    calibrated = "calibrated" if about["calibrated"] else "not calibrated"
    size = f"{about['parameters']:,} parameters, {about['size_bytes'] / 1e6:.1f} MB"
    head = f"{about['name']}  ({about['architecture']}, {size}, {calibrated})"
    engine = f"inference engine: {about['engine']}; weights {about['sha256'][:16]}"
    return [head, *(f"    {line}" for line in (about["summary"], _trained_on(about), engine))]


def _trained_on(about: dict[str, Any]) -> str:
    training, dev = about["training"], about["dev"]
    if training is None:
        return "imported: nothing is known of its training here"
    line = (
        f"trained on {training['corpus']}: {training['n_bonafide']} bona fide, {training['n_spoof']} spoofs by "
        f"{training['n_systems']} systems; {training['steps']} steps"
    )
    return line if dev is None else f"{line}; dev EER {100 * dev['eer']:.1f} %, AUC {dev['auc']:.3f}"
