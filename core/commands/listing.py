"""``list``: the detectors that ship."""

import json
from typing import Annotated, Any

import typer

__all__ = ["list_detectors"]


def list_detectors(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of the cards.")] = False,
) -> None:
    """List the detectors that ship, with what their cards say."""
    from core.detectors import checkpoint

    cards = [checkpoint.read_card(checkpoint.find_checkpoint(name)) for name in checkpoint.shipped()]
    if as_json:
        told: list[dict[str, Any]] = [card.model_dump(mode="json") for card in cards]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if not cards:
        typer.echo("No detector ships yet.")
    for card in cards:
        calibrated = "calibrated" if card.calibration else "not calibrated"
        size = f"{card.parameters:,} parameters, {card.size_bytes / 1e6:.1f} MB"
        typer.echo(f"{card.name}  ({card.architecture}, {size}, {calibrated})\n    {card.summary}")
