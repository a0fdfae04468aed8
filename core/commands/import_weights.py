"""``import-weights``: published weights become a checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import command
from core.shell import JsonFlag, json_text

__all__ = ["import_weights"]


@command("import-weights")
def import_weights(
    architecture: Annotated[str, typer.Argument(help="A registered architecture, such as aasist or aasist-l.")],
    file: Annotated[Path, typer.Argument(help="State dict: .pth, .pt or .safetensors; nothing in it is run.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new checkpoint.")],
    as_json: JsonFlag = False,
) -> None:
    """Turn published weights into a checkpoint.

    It is uncalibrated, as its card states.
    """
    from core.detectors.checkpoint import import_weights as bring_in
    from core.detectors.checkpoint import read_card

    # The resolved folder gives the checkpoint its name, also for "-o .".
    folder = bring_in(architecture, file, output.resolve())
    card = read_card(folder)
    if as_json:
        known = {"name": card.name, "architecture": card.architecture, "parameters": card.parameters}
        typer.echo(json_text({**known, "sha256": card.sha256, "output": str(output)}))
    else:
        typer.echo(f"{card.name}: {card.architecture}, {card.parameters:,} parameters, written to {output}.")
