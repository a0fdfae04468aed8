"""``training-overlap``: a run's error rates without the clips that detectors were trained with."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.shell import Checkpoints, JsonFlag, json_text

if TYPE_CHECKING:
    from core.results.training_overlap import WithoutTraining

__all__ = ["training_overlap"]


@command("training-overlap")
def training_overlap(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    checkpoint: Checkpoints = None,
    resamples: Annotated[int, typer.Option(help="Of the bootstrap that gives the intervals.")] = 1000,
    as_json: JsonFlag = False,
) -> None:
    """Give a run's error rates without the clips of training.

    Clips that hold a recording of a detector's training set are found by sound alone, by the fingerprints that ship.
    Without --checkpoint: the panel and its members. The recordings have to be on this machine.
    """
    from core.detectors.checkpoint import find_checkpoint, read_card
    from core.progress import progress
    from core.results.queries import members
    from core.results.store import read_run
    from core.results.training_overlap import without_clips_of_training

    found_run = read_run(run)
    cards = [read_card(find_checkpoint(name)) for name in checkpoint or members(found_run)]
    with progress("clips compared with those of training") as report:
        found = without_clips_of_training(found_run, cards, resamples=resamples, progress=report)
    typer.echo(json_text([asdict(one) for one in found]) if as_json else _as_text(found))


def _as_text(found: "list[WithoutTraining]") -> str:
    import pandas as pd

    from core.analysis.format import rate, text_table

    return text_table(pd.DataFrame([{
        "detector": one.detector, "clips": one.n, "of its training": one.n_trained,
        "EER": rate(one.eer[0], one.eer[1:]), "EER without them": rate(one.eer_without[0], one.eer_without[1:]),
    } for one in found]))  # fmt: skip
