"""``import-weights``: published weights become a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["import_weights"]


def import_weights(
    architecture: Annotated[str, typer.Argument(help="A registered architecture, such as aasist or aasist-l.")],
    file: Annotated[Path, typer.Argument(help="State dict: .pth, .pt or .safetensors; nothing in it is run.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new checkpoint.")],
) -> None:
    """Turn published weights into a checkpoint; it is uncalibrated and its card says so."""
    from core.detectors.checkpoint import import_weights as bring_in
    from core.detectors.checkpoint import read_card

    # The resolved folder gives the checkpoint its name, also for "-o .".
    folder = bring_in(architecture, file, output.resolve())
    card = read_card(folder)
    typer.echo(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, written to {output}.")
