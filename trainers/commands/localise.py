"""``localise``: fit and measure how a detector marks the spoofed parts of a recording."""

from typing import Annotated, Any

import typer

from core.shell import CHECKPOINT_HELP, JsonFlag, Manifests, Roots, corpus_pairs, json_text
from trainers.cli import command
from trainers.work import WorkFolder, work_folder

__all__ = ["localise"]


@command("localise")
def localise(
    checkpoint: Annotated[
        str, typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}; its card is written.")
    ],
    manifest: Manifests,
    root: Roots,
    split: Annotated[str, typer.Option(help="Of the corpora, one that it was not trained on.")] = "dev",
    most: Annotated[int, typer.Option(min=1, help="Use at most so many pairs and bona fide recordings.")] = 400,
    seed: Annotated[int, typer.Option(help="Of what is drawn at random.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the figures, and leave the card as it is.")] = False,
    as_json: JsonFlag = False,
    work: WorkFolder = None,
) -> None:
    """Fit a detector's timeline on partial spoofs.

    They are made of aligned pairs of a bona fide recording and its copy. Half of the pages and speakers measure what
    the other half fitted; the card gets the rule that all of them fit, and those figures.
    """
    from core.corpus.table import read_corpora
    from core.detectors.checkpoint import find_checkpoint, load_detector, save_card
    from trainers.localise import localise as fit
    from trainers.waveforms import Waveforms

    folder = find_checkpoint(checkpoint)
    detector = load_detector(folder)
    corpus = read_corpora(corpus_pairs(manifest, root), split=split)
    waves = Waveforms(corpus, work_folder(work))
    rule, rows = fit(detector, corpus, waves, most=most, seed=seed)
    if not dry_run:
        save_card(folder, detector.card.model_copy(update={"localisation": rule}))
    typer.echo(json_text(rule.model_dump(mode="json")) if as_json else "\n".join([*map(_line, rows), rule.basis]))


def _line(row: dict[str, Any]) -> str:
    parts = [f"{name.replace('_', ' ')} {_figure(value)}" for name, value in row.items() if isinstance(value, dict)]
    return f"{row['clips']} ({row['n_clips']} clips): {'; '.join(parts)}"


def _figure(value: dict[str, float | None]) -> str:
    interval = "" if value["low"] is None else f" [{value['low']:.3f}, {value['high']:.3f}]"
    return f"{value['value']:.3f}{interval}"
