"""``robustness-table``: false alarms and misses before and after each benign processing, over a corpus."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli import command
from core.progress import progress
from core.shell import Checkpoints, JsonFlag, Manifests, Roots, corpus_pairs

if TYPE_CHECKING:
    from core.robustness.table import Benign

__all__ = ["robustness_table"]


@command("robustness-table")
def robustness_table(
    manifest: Manifests,
    root: Roots,
    keep: Annotated[
        Path, typer.Option(metavar="FILE", help="Scores, a JSON object a line; those in it are not made again.")
    ],
    split: Annotated[str, typer.Option(help="Split whose clips are scored.")] = "dev",
    checkpoint: Checkpoints = None,
    processing: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this processing; may be repeated.")
    ] = None,
    clips: Annotated[int, typer.Option(help="Clips of each class, the pages in turns.", min=1)] = 250,
    seconds: Annotated[float, typer.Option(help="Seconds of each clip that count; 0 for all.", min=0)] = 4.0,
    as_json: JsonFlag = False,
    write: Annotated[Path | None, typer.Option(help="Put the tables between the markers of this file.")] = None,
    ship: Annotated[bool, typer.Option("--ship", help="Keep the figures in checkpoints/robustness.json.")] = False,
) -> None:
    """Measure errors before and after benign processings.

    Those of the panel and of each member. What was scored is kept, so that a measurement that was ended goes on; the
    tables count the clips that are complete.
    """
    import torch

    from core.corpus.splits import normalise_split
    from core.corpus.table import read_corpora
    from core.files import write_text
    from core.panel import load_panel
    from core.robustness.measure import as_frame, choose, kept_scores, score_clips
    from core.robustness.table import TABLE, benign, benign_document
    from core.timeline.shipped import shipped_localiser

    torch.set_num_threads(1)
    corpus, panel = read_corpora(corpus_pairs(manifest, root), split=normalise_split(split)), load_panel(checkpoint)
    chosen, (names, absent) = choose(corpus, clips), _processings(processing)
    with progress("clips scored") as report:
        for done in score_clips(panel, corpus, chosen, names, seconds=seconds, keep=keep):
            report(done, len(chosen))
    localiser = shipped_localiser() if panel.marks_segments else None
    rule = localiser.card.localisation if localiser is not None else None
    found = benign(
        as_frame(chosen, kept_scores(keep)), panel, corpus=corpus.digest, split=normalise_split(split),
        seconds=seconds, absent=absent, mark_below=rule.verdict_below if rule is not None else None,
    )  # fmt: skip
    if ship:
        write_text(TABLE, found.model_dump_json(indent=1) + "\n")
    if write is not None:
        write_text(write, benign_document(write.read_text(encoding="utf-8"), found))
    typer.echo(found.model_dump_json() if as_json else _lines(found))


def _processings(names: Sequence[str] | None) -> tuple[list[str], dict[str, str]]:
    """Return the processings that can be applied here, and why the others cannot."""
    from core.robustness import PROCESSINGS

    reasons = {name: PROCESSINGS.get(name).available() for name in (names or PROCESSINGS.names())}
    return [name for name, why in reasons.items() if why is None], {name: why for name, why in reasons.items() if why}


def _lines(found: "Benign") -> str:
    from core.analysis.format import text_table
    from core.robustness.table import ERRORS, benign_table, limits_in_words

    tables = [f"{title}:\n{text_table(benign_table(found, which))}" for which, title in ERRORS.items()]
    clips = f"{found.n_bonafide} real and {found.n_spoof} spoofed clips of {found.n_pages} pages"
    absent = (f"Not measured: {name}: {why}" for name, why in found.absent.items())
    return "\n\n".join([clips, *tables, *limits_in_words(found), *absent])
