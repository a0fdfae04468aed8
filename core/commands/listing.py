"""``list``: the architectures that are registered and the detectors that ship."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.detectors.card import Card

__all__ = ["list_detectors"]

_DEV_FIGURES = ("eer", "auc", "cllr", "n_bonafide", "n_spoof")


def list_detectors(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what can be trained and what ships: taught on what, how well it did in development, and what hears it."""
    from core.detectors import checkpoint
    from core.detectors.network import NETWORKS

    cards = [checkpoint.read_card(checkpoint.find_checkpoint(name)) for name in checkpoint.shipped()]
    told = {"registered": NETWORKS.names(), "shipped": [_about(card) for card in cards]}
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False) if as_json else _as_text(told))


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
    taught = card.training
    return {
        "corpus": taught.corpus, "corpus_digest": taught.corpus_digest, "n_bonafide": taught.n_bonafide,
        "n_spoof": taught.n_spoof, "n_systems": len(taught.systems), "initial_weights": taught.initial_weights,
        "steps": taught.steps, "minutes": taught.minutes,
    }  # fmt: skip


def _dev(card: "Card") -> dict[str, Any] | None:
    """Return the figures on all development data, or None where the card has none."""
    rows = [row for row in card.metrics.get("dev", []) if row.get("slice") == "all"]
    return {name: rows[0].get(name) for name in _DEV_FIGURES} if rows else None


def _as_text(told: dict[str, Any]) -> str:
    lines = [f"{len(told['registered'])} architectures: {', '.join(told['registered'])}", ""]
    if not told["shipped"]:
        return "\n".join([*lines, "No detector ships yet."])
    return "\n".join([*lines, *("\n".join(_paragraph(about)) for about in told["shipped"])])


def _paragraph(about: dict[str, Any]) -> list[str]:
    calibrated = "calibrated" if about["calibrated"] else "not calibrated"
    size = f"{about['parameters']:,} parameters, {about['size_bytes'] / 1e6:.1f} MB"
    head = f"{about['name']}  ({about['architecture']}, {size}, {calibrated})"
    heard = f"heard by {about['engine']}; weights {about['sha256'][:16]}"
    return [head, *(f"    {line}" for line in (about["summary"], _taught(about), heard))]


def _taught(about: dict[str, Any]) -> str:
    taught, dev = about["training"], about["dev"]
    if taught is None:
        return "imported: nothing is known of its training here"
    said = (
        f"taught on {taught['corpus']}: {taught['n_bonafide']} bona fide, {taught['n_spoof']} spoofs by "
        f"{taught['n_systems']} systems; {taught['steps']} steps"
    )
    return said if dev is None else f"{said}; dev EER {100 * dev['eer']:.1f} %, AUC {dev['auc']:.3f}"
