"""``fingerprints``: those of the clips that networks were trained on, so that a recording among them is recognised."""

from pathlib import Path
from typing import Annotated

import typer

from core.shell import Manifests, Roots, corpus_pairs
from trainers.cli import command

__all__ = ["fingerprints"]


@command("fingerprints")
def fingerprints(
    manifest: Manifests,
    root: Roots,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file, of 40 bytes for each clip.")],
    split: Annotated[str, typer.Option(help="The split that networks were trained on.")] = "train",
) -> None:
    """Write the fingerprints of training clips.

    Of several corpora, the first by itself, the first two together and so on are each known as a training set.
    """
    from core.overlap import write_prints
    from core.progress import progress
    from trainers.fingerprints import print_corpora

    with progress("clips fingerprinted") as report:
        prints = print_corpora(corpus_pairs(manifest, root), split=split, progress=report)
    write_prints(output, prints)
    for each in prints.sets:
        short = each.clips - each.prints
        typer.echo(f"{each.digest[:12]}: {each.prints:,} of {each.clips:,} clips ({short:,} too short)")
    typer.echo(f"{output}: {output.stat().st_size:,} bytes")
