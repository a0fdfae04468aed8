"""``spoof``: a folder of one's own recordings becomes a corpus to train on."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.cli import command

if TYPE_CHECKING:
    from trainers.spoofing.folder import Outcome

__all__ = ["spoof"]


@command("spoof")
def spoof(
    folder: Annotated[Path, typer.Argument(help="Folder of bona fide recordings, at any depth.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the corpus; it appears once complete.")],
    systems: Annotated[str, typer.Option(help="Names, with commas between; all that can run here if not given.")] = "",
    per_clip: Annotated[int, typer.Option(min=1, help="Re-synthesised spoofs of each clip; systems take turns.")] = 2,
    seed: Annotated[int, typer.Option(help="Of every random choice.")] = 1234,
    longest_s: Annotated[float, typer.Option(min=2.0, help="Cut longer recordings into equal pieces, seconds.")] = 8.0,
    texts: Annotated[Path | None, typer.Option(help="Texts for text-to-speech, one a line.")] = None,
    dataset: Annotated[str, typer.Option(help="For the manifest; the folder's name if not given.")] = "",
    licence: Annotated[str, typer.Option(help="Of the recordings, for the manifest.")] = "-",
    workers: Annotated[int, typer.Option(min=1, help="Processes that make spoofs.")] = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a corpus made by this command.")] = False,
) -> None:
    """Make a corpus of recordings and of spoofs made from them.

    Both classes take one path to their files; the manifest is split by source.
    """
    from trainers.spoofing.folder import Settings, choose_systems, spoof_folder
    from trainers.spoofing.texts import read_texts

    chosen, absent = choose_systems(name.strip() for name in systems.split(",") if name.strip())
    for name, why in absent.items():
        typer.echo(f"without {name}: {why}", err=True)
    settings = Settings(
        chosen, per_clip=per_clip, seed=seed, longest_s=longest_s, texts=read_texts(texts),
        dataset=dataset or folder.resolve().name, licence=licence,
    )  # fmt: skip
    outcome = spoof_folder(folder, output, settings, workers=workers, overwrite=overwrite)
    typer.echo(_as_text(outcome, output))


def _as_text(outcome: "Outcome", out: Path) -> str:
    from core.corpus.manifest import count_table

    counts = Counter(row.system for row in outcome.rows if row.label == "spoof")
    systems = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return "\n".join([
        count_table(outcome.rows),
        f"{systems}; {len(outcome.skipped)} left out.",
        f"The corpus is {out}; its manifest is {out / 'manifest.csv'}.",
    ])  # fmt: skip
